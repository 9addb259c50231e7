#include "widgets/table/run_filter_model.h"

#include "widgets/table/run_table_model.h"

#include <algorithm>

namespace lacuna {

RunFilterModel::RunFilterModel(RunTableModel& runs, QObject* parent)
    : QSortFilterProxyModel(parent), m_runs(runs), m_filters(RunTableModel::ColumnCount)
{
    // Without a language there is no collation that counts: "run 10" would come before "run 9".
    if (QLocale().language() == QLocale::C)
        m_collator.setLocale(QLocale(QLocale::English));
    m_collator.setCaseSensitivity(Qt::CaseInsensitive);
    m_collator.setNumericMode(true);
    setSortRole(RunTableModel::SortRole);
    setSourceModel(&runs);
}

void RunFilterModel::setSearch(const QString& words)
{
    const QStringList wanted = words.simplified().split(u' ', Qt::SkipEmptyParts);
    if (wanted == m_words)
        return;
    m_words = wanted;
    invalidateRowsFilter();
}

void RunFilterModel::setColumnFilter(int column, const ColumnFilter& filter)
{
    m_filters.at(static_cast<std::size_t>(column)) = filter;
    invalidateRowsFilter();
}

bool RunFilterModel::isFiltering() const
{
    return !m_words.isEmpty() ||
           std::any_of(m_filters.begin(), m_filters.end(),
                       [](const ColumnFilter& filter) { return !filter.isEmpty(); });
}

bool RunFilterModel::filterAcceptsRow(int row, const QModelIndex& /*parent*/) const
{
    for (std::size_t column = 0; column < m_filters.size(); ++column)
        if (!m_filters[column].isEmpty() &&
            !m_filters[column].fits(m_runs.filterCell(row, static_cast<int>(column))))
            return false;
    if (m_words.isEmpty())
        return true;
    const QString text = m_runs.searchText(row);
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) {
        return text.contains(word, Qt::CaseInsensitive);
    });
}

bool RunFilterModel::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(RunTableModel::SortRole);
    const QVariant b = right.data(RunTableModel::SortRole);
    // A descending order is made by exchanging the arguments, which the answer must undo.
    if (!a.isValid() || !b.isValid())
        return a.isValid() != b.isValid() && a.isValid() == (sortOrder() == Qt::AscendingOrder);
    if (a.typeId() == QMetaType::QString)
        return m_collator.compare(a.toString(), b.toString()) < 0;
    if (a.typeId() == QMetaType::LongLong)
        return a.toLongLong() < b.toLongLong();
    return a.toDouble() < b.toDouble();
}

} // namespace lacuna
