#pragma once

#include "core/store/records.h"

#include <QWidget>

#include <vector>

class QLabel;
class QTableWidget;

namespace lacuna {

/// What a run measured, before and after, a row a set and metric.
class MetricsView : public QWidget {
    Q_OBJECT

public:
    explicit MetricsView(QWidget* parent = nullptr);

    void setEvaluations(const std::vector<Evaluation>& evaluations);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();

    std::vector<Evaluation> m_evaluations;
    QTableWidget* m_table;
    QLabel* m_note;
    QLabel* m_empty;
};

} // namespace lacuna
