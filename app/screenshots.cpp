#include "app/screenshots.h"

#include "app/application.h"
#include "app/main_window.h"
#include "app/pages/history/history_page.h"
#include "app/pages/probe/probe_page.h"
#include "widgets/base/prompts.h"

#include <QApplication>
#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QPixmap>
#include <QScrollArea>
#include <QScrollBar>
#include <QTemporaryDir>

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

bool save(MainWindow& window, const QString& file)
{
    if (window.grab().save(file))
        return true;
    std::fprintf(stderr, "lacuna: cannot write %s\n", qPrintable(file));
    return false;
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

int renderScreenshots(const QString& folder)
{
    const QTemporaryDir data;
    const QString store = data.filePath(u"history.sqlite"_s);
    QDir().mkpath(folder);
    if (!QFile::copy(
            QString::fromStdString((resourcesFolder() / "sample" / "experiment.sqlite").string()),
            store) ||
        !QFile::setPermissions(store, QFile::ReadOwner | QFile::WriteOwner)) {
        std::fprintf(stderr, "lacuna: cannot copy the bundled experiment to %s\n",
                     qPrintable(store));
        return 4;
    }
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
    for (const QString& theme : {u"light"_s, u"dark"_s}) {
        application.settings().setTheme(theme);
        for (const QString& page :
             {u"home"_s, u"lesson"_s, u"setup"_s, u"run"_s, u"probe"_s, u"history"_s}) {
            window.showPage(page);
            settle(application);
            if (!save(window, QDir(folder).filePath(page + u'-' + theme + u".png"_s)))
                return 4;
            if (page == u"setup"_s) {
                QScrollBar* bar = scrollTo(window, u"templateBox"_s);
                settle(application);
                if (!save(window, QDir(folder).filePath(u"setup-data-"_s + theme + u".png"_s)))
                    return 4;
                if (bar)
                    bar->setValue(0);
            }
        }
    }
    return 0;
}

} // namespace lacuna
