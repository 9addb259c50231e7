#include "app/main_window.h"

#include "app/actions.h"
#include "app/application.h"
#include "app/chip.h"
#include "app/error_text.h"
#include "app/pages/compare/compare_page.h"
#include "app/pages/evaluate/evaluate_page.h"
#include "app/pages/history/history_page.h"
#include "app/pages/home/home_page.h"
#include "app/pages/lesson/lesson_page.h"
#include "app/pages/page.h"
#include "app/pages/probe/probe_page.h"
#include "app/pages/report/report_page.h"
#include "app/pages/run/run_page.h"
#include "app/pages/setup/setup_page.h"
#include "app/pages/stress/stress_page.h"
#include "app/rail.h"
#include "app/run_bar.h"
#include "app/run_controller.h"
#include "app/run_group.h"
#include "app/workspace.h"
#include "widgets/base/dragged.h"
#include "widgets/base/icons.h"
#include "widgets/base/prompts.h"
#include "widgets/form/message_bar.h"

#include <QAction>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QStackedWidget>
#include <QToolBar>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kLayoutVersion = 1;

} // namespace

MainWindow::MainWindow(const Services& services)
    : m_messages(&services.messages), m_services(services),
      m_group(new RunGroup(services.run, services.background, services.history, this)),
      m_rail(new Rail), m_stack(new QStackedWidget), m_modelChip(new Chip), m_forgetChip(new Chip),
      m_retainChip(new Chip)
{
    setObjectName(u"mainWindow"_s);
    setMinimumSize(1024, 640);
    setAcceptDrops(true);
    addActions();
    addPages();
    addChips();
    auto* center = new QWidget;
    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_messages);
    column->addWidget(m_stack, 1);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addLayout(column, 1);
    auto* all = new QVBoxLayout(center);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addLayout(row, 1);
    all->addWidget(new RunBar(m_services.run, m_services.actions));
    setCentralWidget(center);
    connectServices();
    retranslate();
    updateActions();
    restoreLayout();
}

MainWindow::~MainWindow() = default;

Page* MainWindow::page(const QString& id) const
{
    return m_pages.value(id);
}

QString MainWindow::currentPage() const
{
    return m_pages.key(static_cast<Page*>(m_stack->currentWidget()));
}

void MainWindow::showPage(const QString& id)
{
    Page* page = m_pages.value(id);
    if (!page)
        return;
    m_stack->setCurrentWidget(page);
    m_rail->setCurrent(id);
    page->shown();
}

void MainWindow::showExperiment()
{
    showExperimentOn(u"run"_s);
}

void MainWindow::showExperimentOn(const QString& page)
{
    const auto file = resourcesFolder() / "sample" / "experiment.sqlite";
    m_services.history.loadNewest(this, file, [this, file, page](const Result<RunRecord>& record) {
        if (!record)
            return report(record.error());
        m_runPage->showRecord(*record);
        m_evaluatePage->openFrom(file, record->run);
        showPage(page);
    });
}

void MainWindow::openModel(const QString& folder)
{
    m_services.workspace.edit([&](Recipe& recipe) {
        recipe.model = folder.toStdString();
        recipe.newModel.reset();
    });
    showPage(u"setup"_s);
}

void MainWindow::openRecipe(const QString& file)
{
    Result<RecipeDraft> draft = readDraft(file.toStdString());
    if (!draft)
        return report(draft.error());
    m_services.workspace.open(std::move(draft).value());
    showPage(u"setup"_s);
}

void MainWindow::addPages()
{
    m_home = new HomePage(m_services);
    m_historyPage = new HistoryPage(m_services);
    m_reportPage = new ReportPage(m_services);
    m_runPage = new RunPage(m_services);
    m_setupPage = new SetupPage(m_services);
    m_comparePage = new ComparePage(m_services);
    m_evaluatePage = new EvaluatePage(m_services);
    const std::vector<std::pair<QString, Page*>> pages = {{u"home"_s, m_home},
                                                          {u"setup"_s, m_setupPage},
                                                          {u"run"_s, m_runPage},
                                                          {u"probe"_s, new ProbePage(m_services)},
                                                          {u"history"_s, m_historyPage},
                                                          {u"evaluate"_s, m_evaluatePage},
                                                          {u"stress"_s, new StressPage(m_services)},
                                                          {u"compare"_s, m_comparePage},
                                                          {u"report"_s, m_reportPage}};
    for (const auto& [id, page] : pages) {
        m_pages.insert(id, page);
        m_stack->addWidget(page);
        m_rail->addPage(id, id);
        connect(page, &Page::pageRequested, this, &MainWindow::showPage);
    }
    connect(m_rail, &Rail::selected, this, &MainWindow::showPage);
    connect(m_home, &HomePage::experimentRequested, this, &MainWindow::showExperiment);
    connect(m_historyPage, &HistoryPage::experimentRequested, this, &MainWindow::showExperiment);
    connect(m_historyPage, &HistoryPage::reportRequested, this, [this](qint64 id) {
        m_reportPage->showRun(id);
        showPage(u"report"_s);
    });
    connect(m_historyPage, &HistoryPage::scoresRequested, this, [this](qint64 id) {
        m_evaluatePage->openRun(id);
        showPage(u"evaluate"_s);
    });
    connect(m_evaluatePage, &EvaluatePage::experimentRequested, this,
            [this] { showExperimentOn(u"evaluate"_s); });
    connect(m_historyPage, &HistoryPage::compareRequested, this,
            [this](const std::vector<RunId>& ids) {
                m_comparePage->setRuns(ids);
                showPage(u"compare"_s);
            });
    const auto openRun = [this](qint64 id) {
        m_historyPage->openRun(id);
        showPage(u"history"_s);
    };
    connect(m_comparePage, &ComparePage::runRequested, this, openRun);
    auto* lessons = new LessonPage;
    m_pages.insert(u"lesson"_s, lessons);
    m_stack->addWidget(lessons);
    const auto recipeFile = [](const QString& name) {
        return QString::fromStdString(
            (resourcesFolder() / "recipes" / name.toStdString()).string());
    };
    connect(lessons, &LessonPage::setupRequested, this,
            [this, recipeFile](const QString& name) { openRecipe(recipeFile(name)); });
    connect(lessons, &LessonPage::runRequested, this,
            [this, recipeFile](const QString& name, std::optional<double> guess) {
                openRecipe(recipeFile(name));
                m_runPage->expect(guess);
                startRun();
            });
    connect(m_home, &HomePage::lessonRequested, this, [this] { showPage(u"lesson"_s); });
    connect(m_home, &HomePage::modelRequested, this, &MainWindow::openModel);
    connect(m_home, &HomePage::runRequested, this, openRun);
}

void MainWindow::addChips()
{
    auto* bar = addToolBar(QString());
    bar->setObjectName(u"toolBar"_s);
    bar->setMovable(false);
    bar->setFloatable(false);
    bar->toggleViewAction()->setVisible(false);
    const auto addChip = [&](Chip* chip, const char* name, auto apply) {
        chip->setObjectName(QString::fromLatin1(name));
        bar->addWidget(chip);
        connect(chip, &Chip::clicked, this, [this] { showPage(u"setup"_s); });
        connect(chip, &Chip::dropped, this, [this, apply](const QString& path) {
            m_services.workspace.edit([&](Recipe& recipe) { apply(recipe, path.toStdString()); });
        });
    };
    addChip(m_modelChip, "modelChip", [](Recipe& r, const std::string& path) {
        r.model = path;
        r.newModel.reset();
    });
    addChip(m_forgetChip, "forgetChip",
            [](Recipe& r, const std::string& path) { r.forget = {path}; });
    addChip(m_retainChip, "retainChip",
            [](Recipe& r, const std::string& path) { r.retain = {path}; });
    auto* space = new QWidget;
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    for (const auto* id : {"run.pause", "run.stop-keep", "run.stop-discard", "help.palette"})
        bar->addAction(m_services.actions.action(QString::fromLatin1(id)));
}

void MainWindow::connectServices()
{
    RunController& run = m_services.run;
    connect(&run, &RunController::started, this, &MainWindow::updateActions);
    connect(&run, &RunController::progressed, this, &MainWindow::updateActions);
    connect(&run, &RunController::ended, this, [this](const RunEnded& end) {
        updateActions();
        if (end.error)
            report(*end.error);
        if (m_closing)
            close();
    });
    connect(&run, &RunController::held, this, &MainWindow::updateActions);
    connect(&m_services.workspace, &Workspace::recipeChanged, this, &MainWindow::updateChips);
    connectGroup();
}

void MainWindow::connectGroup()
{
    connect(m_group, &RunGroup::failed, this, &MainWindow::report);
    connect(m_group, &RunGroup::runRefused, this, &MainWindow::report);
    connect(m_group, &RunGroup::ended, this, &MainWindow::tellGroupEnd);
}

void MainWindow::tellGroupEnd(const GroupEnd& end)
{
    const QString name = QString::fromStdString(end.group);
    const QString done = tr("%1 of %2 runs of the group \u201c%3\u201d are done.")
                             .arg(locale().toString(end.done), locale().toString(end.count), name);
    if (end.stopped) {
        const auto goOn = [this, draft = end.draft] {
            if (const Status status = m_group->start(draft); !status)
                report(status.error());
        };
        m_messages->show(MessageKind::Info,
                         done + u' ' +
                             tr("It ends with the run that was stopped; started again, it does "
                                "what is missing."),
                         {}, {tr("Go on"), goOn});
        return;
    }
    MessageAction see;
    if (end.last)
        see = {tr("See the group"), [this, id = *end.last] {
                   m_historyPage->openGroup(id);
                   showPage(u"history"_s);
               }};
    m_messages->show(end.done == end.count ? MessageKind::Success : MessageKind::Warning, done, {},
                     see);
}

void MainWindow::report(const Error& error)
{
    m_messages->show(MessageKind::Error, errorText(error), errorDetails(error));
}

void MainWindow::startRun()
{
    // What is written wrong on the page is not in the recipe, which would run as it was before.
    if (const QString problem = m_setupPage->problem(); !problem.isEmpty()) {
        m_messages->show(MessageKind::Error,
                         tr("The run was not started. The setup needs a change: %1").arg(problem));
        return showPage(u"setup"_s);
    }
    RecipeDraft draft = m_services.workspace.draft();
    Recipe& recipe = draft.recipe;
    if (recipe.name.empty())
        recipe.name =
            tr("%1 on %2")
                .arg(QString::fromStdString(recipe.method.value("id", "")),
                     QFileInfo(QString::fromStdString(recipe.forget.path)).completeBaseName())
                .toStdString();
    if (const Status status =
            draft.several.empty() ? m_services.run.start(recipe) : m_group->start(draft);
        !status)
        return report(status.error());
    m_runPage->showCurrent(); // also where the group begins with a later one of its runs
    showPage(u"run"_s);
}

void MainWindow::updateActions()
{
    Actions& actions = m_services.actions;
    const RunController& run = m_services.run;
    const bool active = run.isActive();
    actions.setEnabled(u"run.start"_s, run.isFree(), tr("A run is going on."));
    for (const auto* id : {"run.pause", "run.stop-keep", "run.stop-discard"})
        actions.setEnabled(QString::fromLatin1(id), active, tr("No run is going on."));
    QAction* pause = actions.action(u"run.pause"_s);
    const QString icon = run.isPaused() ? u"play"_s : u"pause"_s;
    pause->setText(run.isPaused() ? tr("Continue") : tr("Pause"));
    if (pause->property("icon-name") != icon) { // every new icon lays the tool bar out anew
        pause->setProperty("icon-name", icon);
        pause->setIcon(lineIcon(icon));
    }
}

void MainWindow::updateChips()
{
    const Recipe& recipe = m_services.workspace.recipe();
    m_modelChip->setFact(tr("Model"), QString::fromStdString(recipe.model));
    m_forgetChip->setFact(tr("Forget"), QString::fromStdString(recipe.forget.path));
    m_retainChip->setFact(tr("Retain"), QString::fromStdString(recipe.retain.path));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_services.run.isActive()) {
        event->ignore();
        if (!m_closing)
            askToClose();
        return;
    }
    m_group->startNoMore();
    saveLayout();
    QMainWindow::closeEvent(event);
}

void MainWindow::askToClose()
{
    RunController& run = m_services.run;
    QString question =
        tr("The run \u201c%1\u201d is going on. It is stopped where it is, with a checkpoint, "
           "and the next start offers to continue it.")
            .arg(QString::fromStdString(run.record().run.name));
    if (m_group->isActive())
        question += u"\n\n"_s + tr("It is one of a group: Start in the setup does the rest of them "
                                   "later.");
    if (!m_services.prompts.confirm(tr("Close during a run?"), question,
                                    tr("Close and keep the run paused")))
        return;
    m_group->startNoMore();
    // Meanwhile the run may have ended, and none have begun after it.
    m_closing = run.isActive();
    if (m_closing)
        run.stop(StopKind::Now);
    else
        QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection);
}

void MainWindow::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QMainWindow::changeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (!draggedPath(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    event->acceptProposedAction();
    Q_EMIT pathDropped(draggedPath(*event->mimeData()));
}

void MainWindow::saveLayout()
{
    m_services.settings.setValue(u"window/geometry"_s, saveGeometry());
    m_services.settings.setValue(u"window/state"_s, saveState(kLayoutVersion));
}

void MainWindow::restoreLayout()
{
    resize(1280, 800);
    restoreGeometry(m_services.settings.value(u"window/geometry"_s).toByteArray());
    restoreState(m_services.settings.value(u"window/state"_s).toByteArray(), kLayoutVersion);
    showPage(u"home"_s); // always: a run that was interrupted is offered there
    m_rail->setFocus();
}

} // namespace lacuna
