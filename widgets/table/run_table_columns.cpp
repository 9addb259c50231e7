#include "widgets/table/column_chooser.h"
#include "widgets/table/filter_header.h"
#include "widgets/table/run_table.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QScrollBar>
#include <QTableView>
#include <QToolButton>

#include <array>

/// The columns: which, where, how wide, and how that is remembered.
namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr std::array<int, RunTableModel::ColumnCount> kWidths = {208, 144, 168, 112, 160, 160,
                                                                 88,  104, 120, 128, 128, 240};
constexpr int kStateVersion = 1;

int columnOf(const QString& id)
{
    for (int column = 0; column < RunTableModel::ColumnCount; ++column)
        if (RunTableModel::columnId(column) == id)
            return column;
    return -1;
}

} // namespace

void RunTable::resetColumns()
{
    for (int column = 0; column < RunTableModel::ColumnCount; ++column) {
        m_header->moveSection(m_header->visualIndex(column), column);
        m_header->setSectionHidden(column, false);
        m_header->resizeSection(column, kWidths.at(static_cast<std::size_t>(column)));
    }
    m_view->sortByColumn(RunTableModel::When, Qt::DescendingOrder);
}

QByteArray RunTable::saveState() const
{
    QJsonArray columns;
    QJsonObject filters;
    for (int visual = 0; visual < RunTableModel::ColumnCount; ++visual) {
        const int column = m_header->logicalIndex(visual);
        const bool shown = !m_header->isSectionHidden(column);
        // The size of a hidden one is 0; what it will have again is not to be had.
        const int width =
            shown ? m_header->sectionSize(column) : kWidths.at(static_cast<std::size_t>(column));
        columns << QJsonObject{
            {u"id"_s, RunTableModel::columnId(column)}, {u"width"_s, width}, {u"shown"_s, shown}};
        if (const QString filter = m_header->filter(column); !filter.isEmpty())
            filters[RunTableModel::columnId(column)] = filter;
    }
    const QJsonObject state{
        {u"version"_s, kStateVersion},
        {u"columns"_s, columns},
        {u"sort"_s, RunTableModel::columnId(m_header->sortIndicatorSection())},
        {u"descending"_s, m_header->sortIndicatorOrder() == Qt::DescendingOrder},
        {u"filters"_s, filters},
        {u"search"_s, m_search->text()}};
    return QJsonDocument(state).toJson(QJsonDocument::Compact);
}

void RunTable::restoreState(const QByteArray& bytes)
{
    const QJsonObject state = QJsonDocument::fromJson(bytes).object();
    if (state[u"version"_s].toInt() != kStateVersion)
        return;
    m_isRestoring = true;
    int visual = 0;
    const QJsonArray columns = state[u"columns"_s].toArray();
    for (const QJsonValue& value : columns) {
        const QJsonObject saved = value.toObject();
        const int column = columnOf(saved[u"id"_s].toString());
        if (column < 0)
            continue;
        const int width = saved[u"width"_s].toInt();
        if (width >= m_header->minimumSectionSize())
            m_header->resizeSection(column, width);
        m_header->setSectionHidden(column, column != RunTableModel::Name &&
                                               !saved[u"shown"_s].toBool(true));
        m_header->moveSection(m_header->visualIndex(column), visual++);
    }
    if (const int column = columnOf(state[u"sort"_s].toString()); column >= 0)
        m_view->sortByColumn(column, state[u"descending"_s].toBool() ? Qt::DescendingOrder
                                                                     : Qt::AscendingOrder);
    const QJsonObject filters = state[u"filters"_s].toObject();
    for (int column = 0; column < RunTableModel::ColumnCount; ++column)
        setFilter(column, filters[RunTableModel::columnId(column)].toString());
    m_search->setText(state[u"search"_s].toString());
    applySearch();
    m_isRestoring = false;
}

void RunTable::tellState()
{
    if (!m_isRestoring)
        Q_EMIT stateChanged();
}

std::vector<int> RunTable::shownColumns() const
{
    std::vector<int> columns;
    for (int visual = 0; visual < RunTableModel::ColumnCount; ++visual)
        if (const int column = m_header->logicalIndex(visual); !m_header->isSectionHidden(column))
            columns.push_back(column);
    return columns;
}

void RunTable::openChooser()
{
    std::vector<ColumnChooser::Entry> entries;
    for (int visual = 0; visual < RunTableModel::ColumnCount; ++visual) {
        const int column = m_header->logicalIndex(visual);
        entries.push_back(
            {.column = column,
             .title = m_model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
             .shown = !m_header->isSectionHidden(column),
             .optional = column != RunTableModel::Name});
    }
    m_chooser->setEntries(entries);
    if (!m_chooser->isVisible())
        m_chooser->openAt(*m_columns);
}

void RunTable::applyChooser()
{
    int visual = 0;
    for (const ColumnChooser::Entry& entry : m_chooser->entries()) {
        m_header->moveSection(m_header->visualIndex(entry.column), visual++);
        m_header->setSectionHidden(entry.column, !entry.shown);
    }
    tellState();
}

void RunTable::showColumn(int column)
{
    // scrollTo() needs a row, and there may be none.
    QScrollBar* bar = m_view->horizontalScrollBar();
    const int left = m_header->sectionPosition(column);
    const int right = left + m_header->sectionSize(column);
    if (left < bar->value())
        bar->setValue(left);
    else if (right > bar->value() + m_view->viewport()->width())
        bar->setValue(right - m_view->viewport()->width());
}

} // namespace lacuna
