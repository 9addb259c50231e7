#include "app/pages/history/history_page.h"

#include "app/actions.h"
#include "app/pages/history/group_view.h"
#include "app/pages/history/last_run.h"
#include "app/pages/history/recipe_view.h"
#include "app/pages/history/run_details.h"
#include "app/pages/history/run_row.h"
#include "app/pages/run/run_display.h"
#include "app/pages/run/run_view.h"
#include "app/run_controller.h"
#include "app/scores/metrics_view.h"
#include "app/settings.h"
#include "widgets/table/run_table.h"

#include <QAction>
#include <QEvent>
#include <QKeyEvent>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kChoosingPauseMs = 120;
constexpr int kTableShare = 2;
constexpr int kDetailsShare = 3;
constexpr int kSavingPauseMs = 500;
constexpr int kRefreshPauseMs = 50; ///< deleting ten runs tells ten times that something changed
constexpr auto kTableKey = "history/table";
constexpr auto kSplitterKey = "history/splitter";
// Shared with the run page: curves look the same in both.
constexpr auto kTabKey = "history/tab";

QString key(const char* name)
{
    return QString::fromLatin1(name);
}

} // namespace

HistoryPage::HistoryPage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_unsaved(services.settings),
      m_splitter(new QSplitter(Qt::Vertical)), m_table(new RunTable)
{
    addActions();
    m_details = new RunDetails(m_actions);
    m_table->setObjectName(u"runTable"_s);
    m_table->addActions({m_actions.begin(), m_actions.end()});
    m_details->setObjectName(u"runDetails"_s);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(12);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, kTableShare);
    m_splitter->setStretchFactor(1, kDetailsShare);
    // Sizes are shares until there is a window to divide.
    m_splitter->setSizes({kTableShare * 1000, kDetailsShare * 1000});
    m_table->setMinimumHeight(160);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->addWidget(m_splitter);

    m_table->restoreState(m_services.settings.value(key(kTableKey)).toByteArray());
    m_splitter->restoreState(m_services.settings.value(key(kSplitterKey)).toByteArray());
    m_details->setCurrentTab(m_services.settings.value(key(kTabKey)).toString());
    connectTable();
    connectDetails();
    connectRun();
    retranslate();
    m_details->clear(tr("Reading the history\u2026"));
    updateActions();
}

HistoryPage::~HistoryPage()
{
    saveTableState();
    m_details->notes()->flush();
}

void HistoryPage::connectTable()
{
    m_choosing.setSingleShot(true);
    m_choosing.setInterval(kChoosingPauseMs);
    connect(&m_choosing, &QTimer::timeout, this, &HistoryPage::loadCurrent);
    m_saving.setSingleShot(true);
    m_saving.setInterval(kSavingPauseMs);
    connect(&m_saving, &QTimer::timeout, this, &HistoryPage::saveTableState);
    connect(m_table, &RunTable::currentRunChanged, &m_choosing, qOverload<>(&QTimer::start));
    connect(m_table, &RunTable::selectionChanged, this, &HistoryPage::updateActions);
    connect(m_table, &RunTable::stateChanged, &m_saving, qOverload<>(&QTimer::start));
    connect(m_splitter, &QSplitter::splitterMoved, &m_saving, qOverload<>(&QTimer::start));
    connect(m_table, &RunTable::openRequested, this, [this](RunId id) { openRun(id); });
    connect(m_table, &RunTable::deleteRequested, this, &HistoryPage::removeRuns);
    connect(m_table, &RunTable::newRunRequested, this,
            [this] { Q_EMIT pageRequested(u"setup"_s); });
    connect(m_table, &RunTable::sampleRequested, this, &HistoryPage::experimentRequested);
}

void HistoryPage::connectDetails()
{
    connect(m_details, &RunDetails::backRequested, this, [this] { setExpanded(false); });
    connect(m_details, &RunDetails::currentTabChanged, this,
            [this](const QString& tab) { m_services.settings.setValue(key(kTabKey), tab); });
    keepDisplay(*m_details->curves(), m_services);
    connect(m_details->metrics(), &MetricsView::numberOpened, this,
            [this] { Q_EMIT scoresRequested(m_details->record()->run.id); });
    connect(m_details->group(), &GroupView::recordRequested, this, &HistoryPage::loadGroup);
    connect(m_details->group(), &GroupView::openRequested, this, &HistoryPage::showRun);
    connect(m_details->group(), &GroupView::goBackRequested, this, &HistoryPage::goBack);
    connect(m_details->notes(), &NotesView::saveRequested, this, &HistoryPage::save);
    connect(m_details->recipe(), &RecipeView::saveRequested, this, &HistoryPage::saveRecipe);
}

void HistoryPage::connectRun()
{
    m_refreshing.setSingleShot(true);
    m_refreshing.setInterval(kRefreshPauseMs);
    connect(&m_refreshing, &QTimer::timeout, this, &HistoryPage::refresh);
    const auto markStale = [this] {
        m_stale = true;
        if (isVisible())
            m_refreshing.start();
    };
    RunController& run = m_services.run;
    connect(&m_services.history, &History::changed, this, markStale);
    connect(&run, &RunController::started, this, markStale);
    connect(&run, &RunController::identified, this, markStale);
    connect(&run, &RunController::ended, this, markStale);
    connect(&run, &RunController::started, this, &HistoryPage::updateActions);
    connect(&run, &RunController::ended, this, &HistoryPage::updateActions);
    connect(&run, &RunController::held, this, &HistoryPage::updateActions);
    connect(&run, &RunController::progressed, this, &HistoryPage::followRun);
}

void HistoryPage::shown()
{
    restoreDisplay(*m_details->curves(), m_services.settings);
    if (m_stale)
        refresh();
    updateActions();
}

void HistoryPage::refresh()
{
    m_refreshing.stop();
    m_stale = false;
    m_services.history.list(
        this, [this](const Result<std::vector<RunOverview>>& overviews) { take(overviews); });
}

void HistoryPage::take(const Result<std::vector<RunOverview>>& overviews)
{
    if (!overviews) {
        m_stale = true; // tried again when the page is shown again
        if (!m_read)
            m_details->clear(tr("The history cannot be read."));
        report(overviews.error());
        return;
    }
    m_overviews = *overviews;
    if (!std::exchange(m_read, true))
        saveLeftOver();
    std::vector<RunRow> rows;
    QStringList tags;
    rows.reserve(m_overviews.size());
    for (const RunOverview& overview : m_overviews) {
        rows.push_back(runRow(overview));
        tags << rows.back().tags;
    }
    tags.removeDuplicates();
    m_details->notes()->setKnownTags(tags);
    const bool empty = rows.empty();
    m_table->setRows(std::move(rows));
    followRun();
    if (empty)
        setExpanded(false);
    m_details->setVisible(!empty);
    if (!m_table->currentRun() && !m_wish)
        m_table->selectFirst();
    selectWished();
    // What is known of the run that is shown may have changed too.
    m_loaded.reset();
    loadCurrent();
    updateActions();
}

void HistoryPage::openRun(qint64 id)
{
    m_wish = id;
    if (m_read)
        selectWished();
}

void HistoryPage::openGroup(qint64 id)
{
    m_details->setCurrentTab(u"group"_s);
    openRun(id);
}

void HistoryPage::showRun(RunId id)
{
    const bool shownAlready = m_details->record() && m_details->record()->run.id == id;
    if (!shownAlready && m_table->selectRun(id))
        loadCurrent();
}

void HistoryPage::selectWished()
{
    if (m_wish && m_table->selectRun(*m_wish)) {
        if (const Run* opened = run(*m_wish))
            m_services.settings.setValue(key(kLastRunKey), QString::fromStdString(opened->uid));
        m_wish.reset();
        setExpanded(true);
        loadCurrent();
    }
}

void HistoryPage::loadCurrent()
{
    m_choosing.stop();
    const std::optional<RunId> current = m_table->currentRun();
    if (!current) {
        m_loaded.reset();
        ++m_question;
        m_details->clear(tr("Choose a run in the table to see its curves, metrics and answers."));
        updateActions();
        return;
    }
    if (m_loaded == current)
        return;
    m_loaded = current;
    m_services.history.load(this, *current,
                            [this, question = ++m_question](const Result<RunRecord>& record) {
                                if (question == m_question)
                                    takeRecord(record);
                            });
}

void HistoryPage::takeRecord(const Result<RunRecord>& record)
{
    if (record) {
        m_details->setRecord(*record);
    } else {
        m_details->clear(tr("This run cannot be read."));
        report(record.error());
    }
    updateActions();
}

void HistoryPage::loadGroup(RunId id)
{
    m_services.history.loadGroup(this, id, [this, id](const Result<GroupRecord>& group) {
        if (!m_details->record() || m_details->record()->run.id != id)
            return;
        if (group)
            m_details->group()->setGroup(*group);
        else
            report(group.error());
    });
}

void HistoryPage::followRun()
{
    if (!isVisible() || !m_services.run.isActive())
        return;
    const Run& active = m_services.run.record().run;
    const auto found =
        std::find_if(m_overviews.begin(), m_overviews.end(),
                     [&](const RunOverview& one) { return one.run.uid == active.uid; });
    if (found == m_overviews.end())
        return;
    found->run.state = m_services.run.isPaused() ? RunState::Paused : active.state;
    found->run.step = active.step;
    found->run.totalSteps = active.totalSteps;
    m_table->updateRow(runRow(*found));
}

void HistoryPage::setExpanded(bool expanded)
{
    m_expanded = expanded;
    m_table->setVisible(!expanded);
    m_details->setExpanded(expanded);
    if (!expanded && isVisible())
        m_table->view()->setFocus();
}

const Run* HistoryPage::run(RunId id) const
{
    const auto found = std::find_if(m_overviews.begin(), m_overviews.end(),
                                    [id](const RunOverview& one) { return one.run.id == id; });
    return found == m_overviews.end() ? nullptr : &found->run;
}

void HistoryPage::saveTableState()
{
    m_saving.stop();
    m_services.settings.setValue(key(kTableKey), m_table->saveState());
    m_services.settings.setValue(key(kSplitterKey), m_splitter->saveState());
}

void HistoryPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    updateActions();
}

void HistoryPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && m_expanded)
        setExpanded(false);
    else
        Page::keyPressEvent(event);
}

void HistoryPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() != QEvent::LanguageChange)
        return;
    retranslate();
    m_loaded.reset(); // what stands where no run is shown is a sentence too
    if (m_read)
        loadCurrent();
}

void HistoryPage::retranslate()
{
    Actions& actions = m_services.actions;
    actions.setText(u"history.continue"_s, tr("Continue"),
                    tr("Go on with an interrupted run from its last checkpoint."));
    actions.setText(u"history.repeat"_s, tr("Repeat"),
                    tr("Put the recipe of the run into the setup, to run it again or change it."));
    actions.setText(u"history.evaluate"_s, tr("Scores"),
                    tr("See what the run has forgotten and what it has kept, and the samples "
                       "behind each number."));
    actions.setText(u"history.compare"_s, tr("Compare"),
                    tr("Show the selected runs side by side: what differs in their settings, "
                       "metrics, curves and answers."));
    actions.setText(u"history.export"_s, tr("Export\u2026"),
                    tr("Hand what the run has made to other programs: as a Hugging Face folder, as "
                       "GGUF, or only what changed."));
    actions.setText(u"history.report"_s, tr("Report"),
                    tr("See what the run did as one file to pass on, and save it."));
    actions.setText(u"history.calibrate"_s, tr("Calibrate\u2026"),
                    tr("Find how much of what the run changed may be kept without losing too much "
                       "of the retain set."));
    actions.setText(u"history.open-folder"_s, tr("Open folder"),
                    tr("Show the files of the run: the unlearned model, the checkpoints."));
    actions.setText(u"history.delete"_s, tr("Delete\u2026"),
                    tr("Delete the selected runs and their files."));
    updateActions();
}

} // namespace lacuna
