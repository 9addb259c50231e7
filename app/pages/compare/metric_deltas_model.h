#pragma once

#include "app/pages/compare/comparison.h"

#include <QAbstractTableModel>

#include <vector>

namespace lacuna {

/// What each run measured and how far that is from the pinned one: a row a quantity and run.
class MetricDeltasModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column : std::uint8_t {
        Metric,
        RunName,
        Before,
        After,
        Delta,
        DeltaInterval,
        Reading,
        AfterInterval,
        ColumnCount
    };
    enum Role : std::uint16_t {
        SortRole = Qt::UserRole, ///< invalid for what is undefined
        QuantityRole,            ///< index into quantities()
        RunRole,                 ///< qint64
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setComparison(const RunComparison& comparison);
    [[nodiscard]] const std::vector<Quantity>& quantities() const { return m_quantities; }
    /// "Probability of the answer, forget set".
    [[nodiscard]] static QString name(const Quantity& quantity);
    /// The same with the arrow of its good direction.
    [[nodiscard]] static QString title(const Quantity& quantity);
    void retranslate();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    struct Row {
        std::size_t quantity = 0;
        std::size_t run = 0;
    };

    [[nodiscard]] const Measurement& measured(const Row& row) const;
    /// Nothing while it is being worked out, and for the pinned run.
    [[nodiscard]] const MetricDelta* delta(const Row& row) const;
    [[nodiscard]] QString display(const Row& row, int column) const;
    [[nodiscard]] QString toolTip(const Row& row, int column) const;
    [[nodiscard]] QVariant sortValue(const Row& row, int column) const;
    [[nodiscard]] QString reading(const Row& row) const;

    RunComparison m_comparison;
    std::vector<Quantity> m_quantities;
    std::vector<Row> m_rows;
};

} // namespace lacuna
