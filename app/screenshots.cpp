#include "app/screenshots.h"

#include "app/actions.h"
#include "app/application.h"
#include "app/main_window.h"
#include "app/pages/history/history_page.h"
#include "app/pages/probe/probe_page.h"
#include "app/scores/metrics_view.h"
#include "core/store/store.h"
#include "widgets/base/prompts.h"
#include "widgets/form/fold.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QDeadlineTimer>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QPixmap>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTreeView>

#include <algorithm>
#include <cstdio>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kAbove = 24; ///< pixels over what is scrolled to

/// Nobody is there to be asked.
class NoPrompts : public Prompts {
public:
    bool confirm(const QString&, const QString&, const QString&) override { return false; }
    QString chooseFolder(const QString&, const QString&) override { return {}; }
    QString chooseFile(const QString&, const QString&, const QString&) override { return {}; }
    QString chooseSaveFile(const QString&, const QString&, const QString&) override { return {}; }
};

/// Until what was asked for has come and has been painted.
void settle(const Application& application)
{
    const QDeadlineTimer longest(20'000);
    const QDeadlineTimer shortest(800); // debounced plans, deferred replots
    while (!longest.hasExpired() && (!shortest.hasExpired() || application.isBusy()))
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

/// Writes \p widget as FOLDER/NAME.png.
bool save(QWidget& widget, const QString& folder, const QString& name)
{
    const QString file = QDir(folder).filePath(name + u".png"_s);
    if (widget.grab().save(file))
        return true;
    std::fprintf(stderr, "lacuna: cannot write %s\n", qPrintable(file));
    return false;
}

/// The calibration of the run that is shown in the history, done.
bool saveCalibration(Application& application, const QString& folder, const QString& theme)
{
    MainWindow& window = application.window();
    application.actions().action(u"history.calibrate"_s)->trigger();
    auto* dialog = window.findChild<QDialog*>(u"calibrationDialog"_s);
    if (!dialog)
        return false;
    dialog->findChild<QPushButton*>(u"calibrateButton"_s)->click();
    const auto* points = dialog->findChild<QWidget*>(u"calibrationPoints"_s);
    const auto* start = dialog->findChild<QWidget*>(u"calibrateButton"_s);
    while (!start->isEnabled())
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    settle(application);
    const bool saved = points->isVisible() && save(*dialog, folder, u"calibration-"_s + theme);
    delete dialog;
    return saved;
}

/// A grid of runs in the setup.
bool saveSeveralRuns(Application& application, const QString& folder, const QString& theme)
{
    MainWindow& window = application.window();
    window.showPage(u"setup"_s);
    auto* fold = window.findChild<Fold*>(u"sweepFold"_s);
    application.workspace().setSeveral(
        {{"sweep", {{"training.learning_rate", {1e-4, 2e-4}}, {"seed", {1, 2, 3}}}}});
    settle(application);
    window.findChild<QScrollArea*>(u"setupScroll"_s)->ensureWidgetVisible(fold, 0, 160);
    settle(application);
    const bool saved = save(window, folder, u"several-"_s + theme);
    application.workspace().setSeveral(Json::object());
    fold->setOpen(false);
    return saved;
}

/// A report is made apart from the window: until its preview is there.
bool awaitReport(MainWindow& window)
{
    const auto* preview = window.page(u"report"_s)->findChild<QWidget*>(u"reportPreview"_s);
    for (const QDeadlineTimer longest(60'000); !longest.hasExpired() && !preview->isVisible();)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    return preview->isVisible();
}

/// The figures behind a number of the scores.
bool saveFigures(Application& application, const QString& folder, const QString& theme)
{
    MainWindow& window = application.window();
    window.showPage(u"evaluate"_s);
    settle(application);
    auto* scores = window.page(u"evaluate"_s)->findChild<MetricsView*>();
    const auto found = std::ranges::find_if(
        scores->rows(), [](const MetricRow& row) { return row.metric == "nll"; });
    if (found == scores->rows().end())
        return false;
    const auto row = static_cast<std::size_t>(found - scores->rows().begin());
    scores->choose(row, ModelRole::Current);
    Q_EMIT scores->samplesRequested(row, ModelRole::Current);
    settle(application);
    auto* tabs = window.findChild<QTabWidget*>(u"scoreTabs"_s);
    for (const auto& [tab, name] : {std::pair(1, u"spread-"_s), std::pair(2, u"roc-"_s)}) {
        tabs->setCurrentIndex(tab);
        settle(application);
        if (!save(window, folder, name + theme))
            return false;
    }
    tabs->setCurrentIndex(0);
    const auto last = scores->rows().size() - 1; // what speaks for a whole model
    scores->choose(last, ModelRole::Current);
    Q_EMIT scores->samplesRequested(last, ModelRole::Current);
    settle(application);
    return save(window, folder, u"evaluate-summary-"_s + theme);
}

/// What takes a click to be seen: the tree of the scope, the export of a run.
bool saveHidden(Application& application, const QString& folder, const QString& theme)
{
    MainWindow& window = application.window();
    window.showPage(u"setup"_s);
    QWidget* setup = window.page(u"setup"_s);
    for (const QString& name : {u"moreTraining"_s, u"scopeFold"_s})
        setup->findChild<Fold*>(name)->setOpen(true);
    settle(application);
    auto* tree = setup->findChild<QTreeView*>(u"scopeTree"_s);
    tree->expand(tree->model()->index(1, 0));
    tree->expand(tree->model()->index(0, 0, tree->model()->index(1, 0)));
    auto* find = setup->findChild<QToolButton*>(u"findWhere"_s);
    auto* tick = setup->findChild<QToolButton*>(u"tickSuggestion"_s);
    if (!tick->isVisible()) // in the second theme it is found already
        find->click();
    for (const QDeadlineTimer longest(60'000); !find->isEnabled() && !longest.hasExpired();)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    tick->click();
    settle(application); // the map takes its room
    setup->findChild<QScrollArea*>(u"setupScroll"_s)
        ->ensureWidgetVisible(setup->findChild<QWidget*>(u"saliencyGrid"_s), 0, 48);
    settle(application);
    if (!save(window, folder, u"scope-"_s + theme))
        return false;
    setup->findChild<QToolButton*>(u"scopeAll"_s)->click();
    for (const QString& name : {u"scopeFold"_s, u"moreTraining"_s})
        setup->findChild<Fold*>(name)->setOpen(false);
    setup->findChild<QScrollArea*>(u"setupScroll"_s)->verticalScrollBar()->setValue(0);
    window.showPage(u"history"_s);
    settle(application);
    application.actions().action(u"history.export"_s)->trigger();
    settle(application);
    auto* dialog = window.findChild<QDialog*>(u"exportDialog"_s);
    const bool saved = dialog && save(*dialog, folder, u"export-"_s + theme);
    delete dialog;
    return saved && saveCalibration(application, folder, theme);
}

/// Some of the battery on the bundled run, done; in the second theme it is there already.
bool saveStress(Application& application, const QString& folder, const QString& theme)
{
    MainWindow& window = application.window();
    window.showPage(u"stress"_s);
    settle(application);
    QWidget* page = window.page(u"stress"_s);
    auto* start = page->findChild<QPushButton*>(u"startStressButton"_s);
    const auto* progress = page->findChild<QWidget*>(u"stressProgress"_s);
    auto* tabs = page->findChild<QTabWidget*>(u"stressTabs"_s);
    if (!tabs->isTabVisible(1)) {
        page->findChild<QSpinBox*>(u"stressItems"_s)->setValue(12);
        page->findChild<QToolButton*>(u"chooseNoAttack"_s)->click();
        for (const QString& attack : {u"relearning"_s, u"quantisation"_s, u"prefix"_s, u"prefill"_s,
                                      u"paraphrase"_s, u"adapter-removal"_s})
            page->findChild<QCheckBox*>(u"attack-"_s + attack)->click();
        for (const QDeadlineTimer longest(60'000); !longest.hasExpired() && !start->isEnabled();)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        start->click();
        for (const QDeadlineTimer longest(180'000); !longest.hasExpired() && progress->isVisible();)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        settle(application);
    }
    tabs->setCurrentIndex(0);
    if (!save(window, folder, u"stress-"_s + theme))
        return false;
    tabs->setCurrentIndex(1);
    settle(application);
    return save(window, folder, u"stress-curve-"_s + theme);
}

/// Every tab of the comparison of the newest runs; before it, the page that has none.
bool saveComparison(Application& application, const QString& folder, const QString& theme)
{
    MainWindow& window = application.window();
    window.showPage(u"compare"_s);
    auto* newest = window.findChild<QPushButton*>(u"compareNewest"_s);
    if (newest->isVisible()) {
        settle(application);
        if (!save(window, folder, u"compare-empty-"_s + theme))
            return false;
        newest->click();
        settle(application);
    }
    auto* tabs = window.findChild<QTabWidget*>(u"compareTabs"_s);
    for (int tab = 0; tab < tabs->count(); ++tab) {
        tabs->setCurrentIndex(tab);
        settle(application);
        if (!save(window, folder,
                  u"compare-"_s + tabs->currentWidget()->objectName() + u'-' + theme))
            return false;
    }
    return true;
}

/// Brings a part of the page in front, and what follows it, into sight.
/// \return the bar that was moved; null: there is no such part
QScrollBar* scrollTo(MainWindow& window, const QString& name)
{
    QWidget* part = nullptr;
    for (QWidget* found : window.findChildren<QWidget*>(name))
        if (found->isVisible())
            part = found;
    for (QWidget* outer = part; outer; outer = outer->parentWidget())
        if (auto* area = qobject_cast<QScrollArea*>(outer)) {
            const int top = part->mapTo(area->widget(), QPoint()).y();
            area->verticalScrollBar()->setValue(top - kAbove);
            return area->verticalScrollBar();
        }
    return nullptr;
}

} // namespace

int renderScreenshots(const QString& folder, const QString& history)
{
    const QTemporaryDir data;
    const QString store = data.filePath(u"history.sqlite"_s);
    QDir().mkpath(folder);
    const QString source =
        history.isEmpty()
            ? QString::fromStdString((resourcesFolder() / "sample" / "experiment.sqlite").string())
            : history;
    if (!QFile::copy(source, store) ||
        !QFile::setPermissions(store, QFile::ReadOwner | QFile::WriteOwner)) {
        std::fprintf(stderr, "lacuna: cannot copy %s to %s\n", qPrintable(source),
                     qPrintable(store));
        return 4;
    }
    // The bundled run names its model and corpora from the folder that holds the resources.
    std::filesystem::create_directory_symlink(std::filesystem::absolute(resourcesFolder()),
                                              std::filesystem::path(data.path().toStdString()) /
                                                  "resources");
    NoPrompts prompts;
    Application application(
        {.data = data.path().toStdString(), .settingsFile = data.filePath(u"settings.ini"_s)},
        prompts);
    MainWindow& window = application.window();
    window.resize(1280, 800);
    window.show();
    window.showExperiment();
    settle(application);
    if (auto* probe = qobject_cast<ProbePage*>(window.page(u"probe"_s)))
        probe->ask(
            QString::fromStdString(application.workspace().recipe().evaluation.probes.at(1)));
    settle(application);
    // As if the run had left its model: the dialogs need one to look at.
    const auto left = std::filesystem::path(data.path().toStdString()) / "model";
    std::filesystem::create_directory_symlink(
        std::filesystem::absolute(resourcesFolder() / "sample" / "reference"), left);
    Store file = Store::open(store.toStdString(), OpenMode::ReadWrite).value();
    file.addArtefact(1, {.kind = "model", .path = left}).value();
    file.setFolder(1, data.path().toStdString()).value();
    for (const QString& theme : {u"light"_s, u"dark"_s}) {
        application.settings().setTheme(theme);
        for (const QString& page : {u"home"_s, u"lesson"_s, u"setup"_s, u"run"_s, u"probe"_s,
                                    u"history"_s, u"evaluate"_s, u"report"_s}) {
            window.showPage(page);
            settle(application);
            if (page == u"report"_s && !awaitReport(window))
                return 4;
            if (!save(window, folder, page + u'-' + theme))
                return 4;
            if (page == u"setup"_s) {
                for (const auto& [part, name] : {std::pair(u"templateBox"_s, u"setup-data-"_s),
                                                 std::pair(u"preset"_s, u"setup-method-"_s),
                                                 std::pair(u"planCard"_s, u"setup-plan-"_s)}) {
                    QScrollBar* bar = scrollTo(window, part);
                    settle(application);
                    if (!save(window, folder, name + theme))
                        return 4;
                    if (bar)
                        bar->setValue(0);
                }
            }
        }
        for (const auto& [what, render] :
             {std::pair("the figures", &saveFigures), std::pair("the comparison", &saveComparison),
              std::pair("several runs", &saveSeveralRuns), std::pair("the dialogs", &saveHidden),
              std::pair("the stress page", &saveStress)})
            if (!render(application, folder, theme)) {
                std::fprintf(stderr, "lacuna: %s cannot be shown\n", what);
                return 4;
            }
    }
    return 0;
}

} // namespace lacuna
