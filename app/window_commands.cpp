#include "app/actions.h"
#include "app/application.h"
#include "app/command_palette.h"
#include "app/key_sheet.h"
#include "app/main_window.h"
#include "app/rail.h"
#include "app/run_controller.h"
#include "widgets/base/prompts.h"
#include "widgets/form/message_bar.h"

#include <QAction>
#include <QActionGroup>
#include <QDir>
#include <QMenuBar>
#include <QMessageBox>

#include <array>

/// The window's commands, its menus, and all of its words.
namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr std::array kRail = {"home",     "setup",  "run",     "probe", "history",
                              "evaluate", "stress", "compare", "report"};

} // namespace

std::vector<Actions::Command> MainWindow::commands()
{
    RunController& run = m_services.run;
    Settings& settings = m_services.settings;
    const auto page = [this](const QString& id) { return [this, id] { showPage(id); }; };
    const auto theme = [&settings](const QString& name) {
        return [&settings, name] { settings.setTheme(name); };
    };
    return {
        {.id = u"file.open-model"_s,
         .name = tr("Open model folder\u2026"),
         .help = tr("Choose the folder of a model to work on."),
         .key = QKeySequence::Open,
         .icon = u"folder"_s,
         .trigger = [this] { askForModel(); }},
        {.id = u"file.open-recipe"_s,
         .name = tr("Open recipe\u2026"),
         .help = tr("Set an experiment up from a recipe file."),
         .key = QKeySequence(u"Ctrl+Shift+O"_s),
         .icon = u"recipe"_s,
         .trigger = [this] { askForRecipe(); }},
        {.id = u"file.experiment"_s,
         .name = tr("See the finished experiment"),
         .help = tr("Open the bundled experiment: curves and answers, before and after."),
         .key = QKeySequence(u"Ctrl+Shift+E"_s),
         .icon = u"see"_s,
         .trigger = [this] { showExperiment(); }},
        {.id = u"file.lesson"_s,
         .name = tr("Lessons"),
         .help = tr("Choose a lesson on the bundled sample and run it."),
         .key = QKeySequence(u"Ctrl+L"_s),
         .icon = u"lesson"_s,
         .trigger = page(u"lesson"_s)},
        {.id = u"file.quit"_s,
         .name = tr("Quit"),
         .help = tr("Close the window; a run that is going on is kept paused."),
         .key = QKeySequence(u"Ctrl+Q"_s),
         .icon = u"quit"_s,
         .trigger = [this] { close(); }},
        {.id = u"run.start"_s,
         .name = tr("Start run"),
         .help = tr("Unlearn as the Setup page says."),
         .key = QKeySequence(u"Ctrl+Return"_s),
         .icon = u"play"_s,
         .trigger = [this] { startRun(); }},
        {.id = u"run.pause"_s,
         .name = run.isPaused() ? tr("Continue") : tr("Pause"),
         .help = tr("Pause the run after the step it is at, or continue it."),
         .key = QKeySequence(u"Ctrl+Space"_s),
         .icon = u"pause"_s,
         .trigger = [&run] { run.isPaused() ? run.proceed() : run.pause(); }},
        {.id = u"run.stop-keep"_s,
         .name = tr("Stop and keep"),
         .help = tr("End the run here, evaluate it and keep the model as it is now."),
         .key = QKeySequence(u"Ctrl+Shift+K"_s),
         .icon = u"stop"_s,
         .trigger = [&run] { run.stop(StopKind::Keep); }},
        {.id = u"run.stop-discard"_s,
         .name = tr("Stop and discard"),
         .help = tr("End the run and keep its record, but no model."),
         .key = QKeySequence(u"Ctrl+Shift+D"_s),
         .icon = u"discard"_s,
         .trigger = [this] { askToDiscard(); }},
        {.id = u"view.home"_s,
         .name = tr("Home"),
         .help = tr("Three ways in."),
         .key = QKeySequence(u"Ctrl+1"_s),
         .icon = u"home"_s,
         .trigger = page(u"home"_s)},
        {.id = u"view.setup"_s,
         .name = tr("Setup"),
         .help = tr("Choose model, data and method."),
         .key = QKeySequence(u"Ctrl+2"_s),
         .icon = u"setup"_s,
         .trigger = page(u"setup"_s)},
        {.id = u"view.run"_s,
         .name = tr("Run"),
         .help = tr("Watch the model forget."),
         .key = QKeySequence(u"Ctrl+3"_s),
         .icon = u"run"_s,
         .trigger = page(u"run"_s)},
        {.id = u"view.probe"_s,
         .name = tr("Probe"),
         .help = tr("Ask the model before and after, side by side."),
         .key = QKeySequence(u"Ctrl+4"_s),
         .icon = u"probe"_s,
         .trigger = page(u"probe"_s)},
        {.id = u"view.stress"_s,
         .name = tr("Stress"),
         .help = tr("Try to bring back what a model was made to forget."),
         .key = QKeySequence(u"Ctrl+7"_s),
         .icon = u"stress"_s,
         .trigger = page(u"stress"_s)},
        {.id = u"view.history"_s,
         .name = tr("History"),
         .help = tr("Every run, what it measured and what it answered."),
         .key = QKeySequence(u"Ctrl+5"_s),
         .icon = u"history"_s,
         .trigger = page(u"history"_s)},
        {.id = u"view.evaluate"_s,
         .name = tr("Evaluate"),
         .help = tr("Has it forgotten? Scores before and after, and the samples behind them."),
         .key = QKeySequence(u"Ctrl+6"_s),
         .icon = u"evaluate"_s,
         .trigger = page(u"evaluate"_s)},
        {.id = u"view.compare"_s,
         .name = tr("Compare"),
         .help = tr("Runs side by side: settings, metrics, curves, answers."),
         .key = QKeySequence(u"Ctrl+8"_s),
         .icon = u"compare"_s,
         .trigger = page(u"compare"_s)},
        {.id = u"view.report"_s,
         .name = tr("Report"),
         .help = tr("What a run did, as one file to pass on."),
         .key = QKeySequence(u"Ctrl+9"_s),
         .icon = u"report"_s,
         .trigger = page(u"report"_s)},
        {.id = u"view.theme-system"_s,
         .name = tr("Theme of the system"),
         .help = tr("Light or dark as the desktop is."),
         .key = QKeySequence(u"Ctrl+F6"_s),
         .icon = u"theme"_s,
         .trigger = theme(u"system"_s)},
        {.id = u"view.theme-light"_s,
         .name = tr("Light theme"),
         .help = tr("Dark text on a light ground."),
         .key = QKeySequence(u"Ctrl+F7"_s),
         .icon = u"sun"_s,
         .trigger = theme(u"light"_s)},
        {.id = u"view.theme-dark"_s,
         .name = tr("Dark theme"),
         .help = tr("Light text on a dark ground."),
         .key = QKeySequence(u"Ctrl+F8"_s),
         .icon = u"moon"_s,
         .trigger = theme(u"dark"_s)},
        {.id = u"help.palette"_s,
         .name = tr("Find a command\u2026"),
         .help = tr("Every command by its name."),
         .key = QKeySequence(u"Ctrl+K"_s),
         .icon = u"search"_s,
         .trigger = [this] { (new CommandPalette(m_services.actions, this))->show(); }},
        {.id = u"help.keys"_s,
         .name = tr("Keys"),
         .help = tr("Every command with its key."),
         .key = QKeySequence(u"Ctrl+/"_s),
         .icon = u"keys"_s,
         .trigger = [this] { (new KeySheet(m_services.actions, this))->show(); }},
        {.id = u"help.about"_s,
         .name = tr("About Lacuna"),
         .help = tr("Version and licences."),
         .key = QKeySequence(u"Ctrl+F1"_s),
         .icon = u"about"_s,
         .trigger = [this] { about(); }},
    };
}

void MainWindow::addActions()
{
    for (Actions::Command& command : commands())
        addAction(m_services.actions.add(std::move(command)));
}

void MainWindow::addMenus()
{
    menuBar()->clear();
    const std::vector<std::pair<QString, QString>> menus = {{u"file."_s, tr("&File")},
                                                            {u"run."_s, tr("&Run")},
                                                            {u"view."_s, tr("&View")},
                                                            {u"help."_s, tr("&Help")}};
    for (const auto& [prefix, title] : menus) {
        QMenu* menu = menuBar()->addMenu(title);
        for (QAction* action : m_services.actions.all())
            if (action->objectName().startsWith(prefix))
                menu->addAction(action);
        if (prefix == u"view.")
            addLanguages(menu->addMenu(tr("Language")));
    }
}

void MainWindow::addLanguages(QMenu* menu)
{
    auto* group = new QActionGroup(menu);
    const auto add = [&](const QString& code, const QString& name) {
        QAction* action =
            menu->addAction(name, this, [this, code] { m_services.settings.setLanguage(code); });
        action->setCheckable(true);
        action->setChecked(m_services.settings.language() == code);
        group->addAction(action);
    };
    add({}, tr("Of the system"));
    QStringList codes;
    for (const QString& file : QDir(u":/i18n"_s).entryList({u"lacuna_*.qm"_s}))
        codes << file.mid(7).chopped(3);
    for (const QString& code : codes)
        add(code, QLocale(code).nativeLanguageName());
}

void MainWindow::retranslate()
{
    setWindowTitle(tr("Lacuna"));
    for (const Actions::Command& command : commands())
        m_services.actions.setText(command.id, command.name, command.help);
    for (const char* page : kRail) {
        const QString id = QString::fromLatin1(page);
        const QAction* action = m_services.actions.action(u"view."_s + id);
        m_rail->setText(id, action->text(),
                        action->whatsThis() + u" ("_s +
                            action->shortcut().toString(QKeySequence::NativeText) + u')');
    }
    addMenus();
    updateActions();
    updateChips();
}

void MainWindow::askForModel()
{
    const QString folder = m_services.prompts.chooseFolder(
        tr("Choose a model folder"), QString::fromStdString(m_services.workspace.recipe().model));
    if (!folder.isEmpty())
        openModel(folder);
}

void MainWindow::askForRecipe()
{
    const QString file =
        m_services.prompts.chooseFile(tr("Choose a recipe"), {}, tr("Recipes (*.json)"));
    if (!file.isEmpty())
        openRecipe(file);
}

void MainWindow::askToDiscard()
{
    RunController& run = m_services.run;
    const QString name = QString::fromStdString(run.record().run.name);
    const QString question = tr("The run \u201c%1\u201d ends without a model. Its curves and "
                                "answers stay in the history.")
                                 .arg(name);
    // While somebody thinks the run may end, and the next of its group begin.
    bool isOver = false;
    const QObject asking;
    connect(&run, &RunController::ended, &asking, [&isOver] { isOver = true; });
    if (!m_services.prompts.confirm(tr("Discard the model of this run?"), question,
                                    tr("Discard model")))
        return;
    if (isOver)
        m_messages->show(
            MessageKind::Info,
            tr("The run \u201c%1\u201d ended before the answer: nothing was discarded.").arg(name));
    else
        run.stop(StopKind::Discard);
}

void MainWindow::about()
{
    auto* box = new QMessageBox(
        QMessageBox::NoIcon, tr("About Lacuna"),
        tr("<h3>Lacuna %1</h3><p>A workbench for machine unlearning of language models.</p>"
           "<p>Free software under the GNU General Public License, version 3 or later. It stands "
           "on "
           "Qt (LGPL), LibTorch (BSD), QCustomPlot (GPL), sentencepiece (Apache), SQLite (public "
           "domain), nlohmann-json and {fmt} (MIT), OpenSSL (Apache) and zlib.</p>")
            .arg(QStringLiteral(LACUNA_VERSION)),
        QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace lacuna
