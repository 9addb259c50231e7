#include "app/key_sheet.h"

#include "app/actions.h"
#include "widgets/table/padded_delegate.h"

#include <QAction>
#include <QHeaderView>
#include <QTableWidget>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

KeySheet::KeySheet(const Actions& actions, QWidget* parent) : QDialog(parent)
{
    setObjectName(u"keySheet"_s);
    setWindowTitle(tr("Keys"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(760, 560);
    const auto& all = actions.all();
    auto* table = new QTableWidget(static_cast<int>(all.size()), 3);
    table->setHorizontalHeaderLabels({tr("Key"), tr("Command"), tr("What it does")});
    table->verticalHeader()->hide();
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    table->setItemDelegate(new PaddedDelegate(table)); // cells stand under the words of the header
    table->setAccessibleName(tr("Keys"));
    for (int row = 0; row < table->rowCount(); ++row) {
        const QAction* action = all[static_cast<std::size_t>(row)];
        const QStringList cells = {action->shortcut().toString(QKeySequence::NativeText),
                                   action->text(), action->whatsThis()};
        for (int column = 0; column < cells.size(); ++column)
            table->setItem(row, column, new QTableWidgetItem(cells[column]));
    }
    QHeaderView* header = table->horizontalHeader();
    header->setDefaultAlignment(Qt::AlignLeading | Qt::AlignVCenter);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(2, QHeaderView::Stretch);
    table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(table);
}

} // namespace lacuna
