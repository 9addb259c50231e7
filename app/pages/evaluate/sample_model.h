#pragma once

#include "app/pages/evaluate/sample_rows.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <vector>

namespace lacuna {

/// The samples behind a number as rows of a table.
class SampleModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column : std::uint8_t {
        Sample,
        Before,
        After,
        Change,
        Reference,
        Question,
        Truth,
        Answer, ///< of the unlearned model
        ColumnCount
    };
    enum Role : int {
        SortValue = Qt::UserRole + 1, ///< a number, or a text in lower case
        FullText,                     ///< all that is written about the sample, to search in
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<SampleRow> rows);
    [[nodiscard]] const SampleRow& row(int at) const
    {
        return m_rows.at(static_cast<std::size_t>(at));
    }
    void retranslate();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    std::vector<SampleRow> m_rows;
};

/// Sorted by any column, numbers that are not known always last; filtered by words that must all
/// occur.
class SampleOrder : public QSortFilterProxyModel {
    Q_OBJECT

public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setWords(const QString& text);

protected:
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QStringList m_words;
};

} // namespace lacuna
