#pragma once

#include "app/history.h"
#include "app/pages/history/notes_view.h"
#include "app/pages/history/unsaved_notes.h"
#include "app/pages/page.h"
#include "app/services.h"

#include <QTimer>

#include <optional>
#include <vector>

class QAction;
class QSplitter;

namespace lacuna {

class RunDetails;
class RunTable;

/// Every run on record: a table above, the chosen run below. Opening a run gives it the whole page.
/// Follows the history and the run that goes on.
class HistoryPage : public Page {
    Q_OBJECT

public:
    explicit HistoryPage(Services& services, QWidget* parent = nullptr);
    ~HistoryPage() override;

    void shown() override;
    /// Selects the run and gives it the page, as soon as the history has been read.
    void openRun(qint64 id);
    /// The same, beside the other runs of its group.
    void openGroup(qint64 id);

Q_SIGNALS:
    /// The bundled finished experiment is asked for, from the empty history.
    void experimentRequested();
    /// The report of a run is asked for.
    void reportRequested(qint64 id);
    /// The scores of a run and the samples behind them are asked for.
    void scoresRequested(qint64 id);
    /// The selected runs side by side; the one that has the focus comes first.
    void compareRequested(const std::vector<lacuna::RunId>& ids);

protected:
    void changeEvent(QEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void addActions();
    void connectTable();
    void connectDetails();
    void connectRun();
    void retranslate();

    void refresh();
    void take(const Result<std::vector<RunOverview>>& overviews);
    void selectWished();
    /// Without giving it more of the page, or the focus.
    void showRun(RunId id);
    void loadCurrent();
    void takeRecord(const Result<RunRecord>& record);
    void followRun();
    void setExpanded(bool expanded);
    void updateActions();

    void compare();
    void repeat();
    void resume();
    void removeRuns(const std::vector<RunId>& ids);
    void exportRun();
    void calibrate();
    void openFolder();
    void loadGroup(RunId id);
    void goBack();
    void save(const NotesView::Edit& edit);
    void saveLeftOver();
    void saveRecipe(const QString& json);
    void saveTableState();
    void report(const Error& error);
    [[nodiscard]] const Run* run(RunId id) const;
    [[nodiscard]] QString whatGoes(const std::vector<RunId>& ids) const;

    Services& m_services;
    UnsavedNotes m_unsaved;
    std::vector<RunOverview> m_overviews;
    std::vector<QAction*> m_actions; ///< for the run that is shown
    bool m_stale = true;             ///< the history has changed since it was read
    bool m_read = false;             ///< it has been read once
    bool m_expanded = false;
    std::optional<RunId> m_wish;   ///< to be opened once it is in the table
    std::optional<RunId> m_loaded; ///< whose record is shown or asked for
    quint64 m_question = 0;        ///< answers to older ones are dropped
    QTimer m_choosing;             ///< loads once the selection rests
    QTimer m_refreshing;           ///< reads once changes rest
    QTimer m_saving;               ///< of the table's state

    QSplitter* m_splitter;
    RunTable* m_table;
    RunDetails* m_details;
};

} // namespace lacuna
