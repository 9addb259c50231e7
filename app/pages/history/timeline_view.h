#pragma once

#include "core/run/sweep_runs.h"

#include <QWidget>

class QLabel;
class QStackedWidget;
class QTableWidget;
class QToolButton;
class QVBoxLayout;

namespace lacuna {

class LiveChart;

/// How much of each target of a sequence is known after each request: curves, or the same as a
/// table.
class TimelineView : public QWidget {
    Q_OBJECT

public:
    explicit TimelineView(QWidget* parent = nullptr);

    void setTimeline(const Timeline& timeline);
    [[nodiscard]] LiveChart* chart() const { return m_chart; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void makeChart();
    void fillTable();
    void retranslate();

    Timeline m_timeline;
    QLabel* m_title;
    QStackedWidget* m_stack;
    QToolButton* m_switch;
    LiveChart* m_chart = nullptr;
    QTableWidget* m_table;
};

} // namespace lacuna
