#pragma once

#include "app/pages/compare/metric_deltas_model.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QTableView;

namespace lacuna {

class QuantityFilter;

/// What the runs measured before and after, and how far that is from the pinned run: all metrics,
/// or one of them over all runs.
class MetricDeltasView : public QWidget {
    Q_OBJECT

public:
    explicit MetricDeltasView(QWidget* parent = nullptr);

    void show(const RunComparison& comparison);
    using QWidget::show;

Q_SIGNALS:
    void runChosen(lacuna::RunId id);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void offer();
    void applyFilter();

    MetricDeltasModel m_model;
    QuantityFilter* m_shown;
    QComboBox* m_quantity;
    QLabel* m_quantityName;
    QLabel* m_note;
    QTableView* m_table;
};

} // namespace lacuna
