#pragma once

#include "app/pages/compare/comparison.h"
#include "widgets/chart/live_chart.h"

#include <QWidget>

#include <set>

class QComboBox;
class QLabel;

namespace lacuna {

class SmoothingControl;

/// One curve of all runs over each other, each run in its colour.
class CurvesView : public QWidget {
    Q_OBJECT

public:
    explicit CurvesView(QWidget* parent = nullptr);

    void show(const RunComparison& comparison);
    using QWidget::show;

    [[nodiscard]] QString series() const;
    /// Takes effect once the runs have it.
    void setSeries(const QString& key);

Q_SIGNALS:
    void seriesChosen(const QString& key);
    void exportRequested(lacuna::LiveChart* chart, lacuna::ChartFormat format);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void offer();
    void draw();
    void drawRules(const std::string& key);

    RunComparison m_comparison;
    QString m_wish;
    std::set<QString> m_drawn; ///< ids of the chart's series
    QLabel* m_seriesName;
    QComboBox* m_series;
    SmoothingControl* m_smoothing;
    LiveChart* m_chart;
};

} // namespace lacuna
