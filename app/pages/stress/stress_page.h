#pragma once

#include "app/history.h"
#include "app/pages/page.h"
#include "app/services.h"
#include "app/stress_job.h"

#include <optional>
#include <string>
#include <vector>

class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTabWidget;

namespace lacuna {

class BatteryList;
class CalmComboBox;
class RecoveryChart;
class StressTable;

/// Tries to bring back what a run's model was made to forget: the battery as a checklist, the
/// verdict, and what every attack brought out of this model, the original and the reference. The
/// run's record keeps the results.
class StressPage : public Page {
    Q_OBJECT

public:
    explicit StressPage(Services& services, QWidget* parent = nullptr);

    void shown() override;
    void showRun(RunId id);

protected:
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildEmptyState();
    QWidget* buildBattery();
    QWidget* buildFindings();
    void connectParts();
    void retranslate();

    void listRuns();
    void takeRuns(const std::vector<RunOverview>& runs);
    void loadRun();
    void take(const StressRecord& record);
    /// Measures how long the attacks take on what is chosen now.
    void estimateAgain();
    void toggle();
    void start();
    void keep(const Result<StressReport>& report);
    void showProgress(const StressProgress& progress);
    void showState();
    void showFindings();
    [[nodiscard]] std::vector<StressResult> shownResults() const;
    void report(const Error& error);

    Services& m_services;
    QStackedWidget* m_stack;
    QLabel* m_title;
    QLabel* m_intro;
    QLabel* m_runTitle;
    CalmComboBox* m_runs;
    QLabel* m_itemsTitle;
    QSpinBox* m_items;
    QPushButton* m_start;
    QLabel* m_state;
    QProgressBar* m_progress;
    BatteryList* m_battery;
    QLabel* m_verdictTitle;
    QLabel* m_verdict;
    QLabel* m_worst;
    QLabel* m_limits;
    QLabel* m_metricTitle;
    CalmComboBox* m_metric;
    QTabWidget* m_tabs;
    StressTable* m_table;
    RecoveryChart* m_chart;
    QLabel* m_emptyTitle;
    QLabel* m_emptyText;
    QPushButton* m_emptySetup;
    QPushButton* m_emptyLesson;

    std::optional<StressRecord> m_record;
    std::vector<StressResult> m_fresh; ///< of the battery that goes on
    RunId m_wanted = 0;                ///< the run that is to be shown; 0: the newest
    RunId m_attacked = 0;              ///< of the battery that goes on
    std::string m_shownMetric;
    bool m_working = false;      ///< a battery, no estimate
    bool m_startNext = false;    ///< when the estimate that goes on has ended
    bool m_estimateNext = false; ///< the same, for what is chosen by then
    StressJob m_job;             // last: its answers use the rest
};

} // namespace lacuna
