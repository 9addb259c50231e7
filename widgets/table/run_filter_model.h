#pragma once

#include "widgets/table/column_filter.h"

#include <QCollator>
#include <QSortFilterProxyModel>
#include <QStringList>

#include <vector>

namespace lacuna {

class RunTableModel;

/// Rows that fit the search words and the filter of every column; what is undefined is sorted last
/// in either direction.
class RunFilterModel : public QSortFilterProxyModel {
    Q_OBJECT

public:
    /// \p runs must outlive it.
    explicit RunFilterModel(RunTableModel& runs, QObject* parent = nullptr);

    /// All words must occur, in either case, wherever a row has text.
    void setSearch(const QString& words);
    void setColumnFilter(int column, const ColumnFilter& filter);
    [[nodiscard]] bool isFiltering() const;

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    RunTableModel& m_runs;
    QCollator m_collator;
    QStringList m_words;
    std::vector<ColumnFilter> m_filters; ///< one a column
};

} // namespace lacuna
