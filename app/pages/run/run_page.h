#pragma once

#include "app/pages/page.h"
#include "app/run_record.h"

#include <optional>

class QLabel;
class QPushButton;
class QStackedWidget;

namespace lacuna {

class AnswersView;
class MetricsView;
class RunHead;
class RunView;
struct Services;

/// Watching a run: its head, what its numbers say in sentences, the curves, and the answers to the
/// pinned questions. Follows the program's own run, or shows a record that it is given.
class RunPage : public Page {
    Q_OBJECT

public:
    explicit RunPage(Services& services, QWidget* parent = nullptr);

    void shown() override;
    /// Shows a finished run until somebody starts another, which the next one of a group is not, or
    /// goes back to the one that is going on.
    void showRecord(const RunRecord& record);
    /// The run that goes on, or the last one that did, instead.
    void showCurrent();
    /// How much of the retain set somebody expects the next run to keep, in [0, 1]; the findings of
    /// that run answer it.
    void expect(std::optional<double> kept) { m_nextGuess = kept; }

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    [[nodiscard]] QWidget* makeEmpty();
    [[nodiscard]] QWidget* makeContent();
    [[nodiscard]] const RunRecord& record() const;
    void connectRun();
    void refresh();
    void refreshHead();
    void refreshTexts();
    void retranslate();

    Services& m_services;
    std::optional<RunRecord> m_shown; ///< instead of the program's own run
    std::optional<double> m_guess;    ///< about the program's own run
    std::optional<double> m_nextGuess;
    bool m_stale = true; ///< answers and findings have changed while it was hidden
    QStackedWidget* m_stack;
    RunHead* m_head = nullptr;
    RunView* m_view = nullptr;
    AnswersView* m_answers = nullptr;
    MetricsView* m_metrics = nullptr;
    QLabel* m_findings = nullptr;
    QLabel* m_answersTitle = nullptr;
    QLabel* m_metricsTitle = nullptr;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_toSetup = nullptr;
    QPushButton* m_toCurrent = nullptr;
    QPushButton* m_toProbe = nullptr;
    QPushButton* m_toHistory = nullptr;
};

} // namespace lacuna
