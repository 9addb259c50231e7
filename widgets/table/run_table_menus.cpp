#include "widgets/table/filter_header.h"
#include "widgets/table/run_table.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QTableView>

/// The menus of cells and titles.
namespace lacuna {

using namespace Qt::StringLiterals;

void RunTable::addFilterActions(QMenu& menu, const QModelIndex& index)
{
    const int column = index.column();
    const QString equal = m_model.filterFor(sourceRow(index), column);
    const auto add = [&](const QString& name, const QString& text, const QString& expression) {
        QAction* action = menu.addAction(text);
        action->setObjectName(name);
        connect(action, &QAction::triggered, this,
                [this, column, expression] { setFilter(column, expression); });
    };
    if (!equal.isEmpty()) {
        const QString value = equal.mid(1);
        const QString shown = m_view->fontMetrics().elidedText(value, Qt::ElideMiddle, 240);
        add(u"filterEqual"_s, tr("Only rows with \u201c%1\u201d").arg(shown), equal);
        add(u"filterNotEqual"_s, tr("Only rows without \u201c%1\u201d").arg(shown),
            u"!="_s + value);
        if (RunTableModel::columnKind(column) != ColumnKind::Text) {
            add(u"filterAtLeast"_s, tr("Only rows from %1 up").arg(shown), u">="_s + value);
            add(u"filterAtMost"_s, tr("Only rows up to %1").arg(shown), u"<="_s + value);
        }
    }
    if (!m_header->filter(column).isEmpty())
        add(u"filterClearColumn"_s, tr("Clear the filter of this column"), {});
    if (m_shown.isFiltering())
        connect(menu.addAction(tr("Clear all filters")), &QAction::triggered, this,
                &RunTable::clearFilters);
    menu.addSeparator();
}

void RunTable::addSortActions(QMenu& menu, int column)
{
    const auto add = [&](const QString& text, Qt::SortOrder order) {
        connect(menu.addAction(text), &QAction::triggered, this,
                [this, column, order] { m_view->sortByColumn(column, order); });
    };
    const QString title = m_model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    add(tr("Sort by %1, ascending").arg(title), Qt::AscendingOrder);
    add(tr("Sort by %1, descending").arg(title), Qt::DescendingOrder);
    menu.addSeparator();
}

void RunTable::showContextMenu(const QPoint& position)
{
    const QModelIndex index = m_view->indexAt(position);
    if (!index.isValid())
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(u"runMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addFilterActions(*menu, index);
    addSortActions(*menu, index.column());
    QAction* copyCell = menu->addAction(tr("Copy this cell"));
    const QString cell = index.data(Qt::ToolTipRole).toString();
    connect(copyCell, &QAction::triggered, this,
            [cell] { QApplication::clipboard()->setText(cell); });
    QAction* copy = menu->addAction(tr("Copy rows with headers"));
    copy->setShortcut(QKeySequence::Copy);
    connect(copy, &QAction::triggered, this, &RunTable::copySelection);
    if (!actions().isEmpty()) {
        menu->addSeparator();
        menu->addActions(actions());
    }
    menu->popup(m_view->viewport()->mapToGlobal(position));
}

void RunTable::showHeaderMenu(const QPoint& position)
{
    const int column = m_header->logicalIndexAt(position);
    if (column < 0)
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(u"headerMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addSortActions(*menu, column);
    if (column != RunTableModel::Name)
        connect(menu->addAction(tr("Hide this column")), &QAction::triggered, this, [this, column] {
            m_header->setSectionHidden(column, true);
            tellState();
        });
    connect(menu->addAction(tr("Choose columns\u2026")), &QAction::triggered, this,
            &RunTable::openChooser);
    menu->popup(m_header->mapToGlobal(position));
}

} // namespace lacuna
