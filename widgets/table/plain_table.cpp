#include "widgets/table/plain_table.h"

#include "widgets/table/padded_delegate.h"
#include "widgets/table/value_text.h"

#include <QHeaderView>
#include <QLocale>
#include <QTableWidget>

namespace lacuna {
namespace {

constexpr int kRowHeight = 28;

} // namespace

void dressPlainly(QTableView& table)
{
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setAlternatingRowColors(true);
    table.setShowGrid(false);
    table.setWordWrap(false);
    table.setTabKeyNavigation(false);
    table.setItemDelegate(new PaddedDelegate(&table));
    table.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table.horizontalHeader()->setHighlightSections(false);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(kRowHeight);
}

QTableWidget* plainTable()
{
    auto* table = new QTableWidget;
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    dressPlainly(*table);
    return table;
}

void setCell(QTableWidget& table, int row, int column, const QString& text, const QString& toolTip)
{
    auto* item = new QTableWidgetItem(text);
    item->setToolTip(toolTip.isEmpty() ? text : toolTip);
    item->setTextAlignment(Qt::AlignVCenter | Qt::AlignLeft);
    table.setItem(row, column, item);
}

void setNumber(QTableWidget& table, int row, int column, double value)
{
    const QLocale locale;
    setCell(table, row, column, shortNumber(value, locale), fullNumber(value, locale));
    table.item(row, column)->setTextAlignment(Qt::AlignVCenter | Qt::AlignRight);
}

} // namespace lacuna
