#pragma once

#include "app/pages/compare/compare_views.h"
#include "app/pages/compare/comparison.h"
#include "app/pages/compare/comparison_loader.h"
#include "app/pages/page.h"
#include "app/services.h"

#include <QTimer>

#include <array>
#include <vector>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace lacuna {

class AnswerRowsView;
class CompareRuns;
class CurvesView;
class MetricDeltasView;
class SettingsView;
class TradeOffView;

/// Runs side by side: which settings differ, what they measured and how far that is from a pinned
/// one, curves over each other, forgetting against what is kept, and answers. Everything is read in
/// the background; a run that is chosen in one tab is chosen in all.
class ComparePage : public Page {
    Q_OBJECT

public:
    explicit ComparePage(Services& services, QWidget* parent = nullptr);
    ~ComparePage() override;

    void shown() override;
    /// The first of them is pinned.
    void setRuns(const std::vector<RunId>& ids);
    /// Nothing is left to be read or worked out.
    [[nodiscard]] bool isComplete() const { return !m_loader.isBusy(); }

Q_SIGNALS:
    /// The run's own record is asked for.
    void runRequested(qint64 id);

protected:
    void changeEvent(QEvent* event) override;

private:
    enum Tab : std::uint8_t { Settings_, Metrics, Curves, TradeOffs, Answers, TabCount };

    [[nodiscard]] QWidget* makeEmptyPage();
    [[nodiscard]] QWidget* makeComparison();
    [[nodiscard]] QWidget* makeViewRow();
    void connectParts();
    void connectViews();
    void retranslate();

    void load();
    void reload();
    void take();
    void refreshTab();
    void choose(RunId id);
    void pin(RunId id);
    void removeRun(RunId id);
    void compareNewest();
    void showProgress();

    [[nodiscard]] CompareView view() const;
    void applyView(const CompareView& view);
    void openNamed();
    void offerViews(const QString& chosen);
    void keepSession();

    Services& m_services;
    ComparisonLoader m_loader;
    std::vector<RunId> m_ids;
    RunId m_pinned = 0;
    RunComparison m_comparison;
    std::array<bool, TabCount> m_stale{};
    bool m_historyChanged = false;
    bool m_restored = false;
    QTimer m_refreshing; ///< gathers what arrives
    QTimer m_reloading;  ///< gathers changes of the history

    QStackedWidget* m_stack;
    QLabel* m_title;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_emptyChoose = nullptr;
    QPushButton* m_emptyNewest = nullptr;
    QLabel* m_viewName;
    QComboBox* m_views;
    QPushButton* m_saveView;
    QPushButton* m_removeView;
    CompareRuns* m_runs;
    QTabWidget* m_tabs;
    SettingsView* m_settings;
    MetricDeltasView* m_metrics;
    CurvesView* m_curves;
    TradeOffView* m_tradeOff;
    AnswerRowsView* m_answers;
};

} // namespace lacuna
