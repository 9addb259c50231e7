#pragma once

#include "app/run_record.h"

#include <QWidget>

#include <array>
#include <optional>
#include <vector>

class QAction;
class QLabel;
class QStackedWidget;
class QTabWidget;
class QToolButton;

namespace lacuna {

class AnswersView;
class FactsView;
class GroupView;
class MetricsView;
class NotesView;
class RecipeView;
class RunView;

/// Everything about one run, in tabs; a tab is filled when it is looked at.
class RunDetails : public QWidget {
    Q_OBJECT

public:
    /// \param actions  what can be done with the run, as buttons beside its name
    explicit RunDetails(const std::vector<QAction*>& actions, QWidget* parent = nullptr);

    void setRecord(const RunRecord& record);
    /// No run; \p text says why, or what is being waited for.
    void clear(const QString& text);
    [[nodiscard]] const std::optional<RunRecord>& record() const { return m_record; }

    /// Whether it has the page to itself, and so needs a way back.
    void setExpanded(bool expanded);
    [[nodiscard]] QString currentTab() const;
    void setCurrentTab(const QString& name);

    [[nodiscard]] RunView* curves() const { return m_curves; }
    [[nodiscard]] MetricsView* metrics() const { return m_metrics; }
    [[nodiscard]] NotesView* notes() const { return m_notes; }
    [[nodiscard]] RecipeView* recipe() const { return m_recipe; }
    [[nodiscard]] GroupView* group() const { return m_group; }

Q_SIGNALS:
    void backRequested();
    void currentTabChanged(const QString& name);

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    enum Tab : std::uint8_t { Curves, Metrics, Answers, Group, Recipe, Notes, Course, TabCount };

    [[nodiscard]] QWidget* makeHeader(const std::vector<QAction*>& actions);
    void retranslate();
    void showName();
    void refreshTab();

    std::optional<RunRecord> m_record;
    std::array<bool, TabCount> m_stale{};
    QToolButton* m_back = nullptr;
    QLabel* m_stateIcon = nullptr;
    QLabel* m_name = nullptr;
    QLabel* m_summary = nullptr;
    QStackedWidget* m_stack;
    QLabel* m_nothing;
    QTabWidget* m_tabs;
    RunView* m_curves;
    MetricsView* m_metrics;
    AnswersView* m_answers;
    GroupView* m_group;
    RecipeView* m_recipe;
    NotesView* m_notes;
    FactsView* m_course;
};

} // namespace lacuna
