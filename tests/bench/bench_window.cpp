#include "app/application.h"
#include "app/main_window.h"
#include "app/pages/page.h"
#include "app/pages/probe/probe_page.h"
#include "tests/support/frame_clock.h"
#include "tests/support/scripted_prompts.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <cstdio>
#include <fstream>

/// How quickly the window answers: start, the finished experiment, the header of a model, frames
/// while that model loads and answers, memory before and after it is unloaded, and memory over ten
/// runs of a recipe. Run: QT_QPA_PLATFORM=offscreen bench_window MODEL_FOLDER [RECIPE]
namespace {

using namespace lacuna;
using namespace Qt::StringLiterals;

double residentMiB()
{
    std::ifstream in("/proc/self/statm");
    long total = 0;
    long resident = 0;
    in >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) /
           (1024 * 1024);
}

void say(const char* what, double value, const char* unit)
{
    std::printf("%-44s %9.1f %s\n", what, value, unit);
    std::fflush(stdout);
}

template <class Until> double waitFor(Until until, int limit = 600'000)
{
    QElapsedTimer clock;
    clock.start();
    if (!QTest::qWaitFor(until, limit))
        std::printf("  (not within %d s)\n", limit / 1000);
    return static_cast<double>(clock.nsecsElapsed()) * 1e-6;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_window MODEL_FOLDER [RECIPE]\n");
        return 2;
    }
    QElapsedTimer start;
    start.start();
    QApplication qt(argc, argv);
    const QTemporaryDir data;
    ScriptedPrompts prompts;
    Application app(
        {.data = data.path().toStdString(), .settingsFile = data.filePath(u"settings.ini"_s)},
        prompts);
    MainWindow& window = app.window();
    window.show();
    waitFor([&] { return window.isVisible() && !app.isBusy(); });
    say("start to usable window", static_cast<double>(start.elapsed()), "ms");

    window.showExperiment();
    say("finished experiment, without a model",
        waitFor([&] { return window.currentPage() == u"run"_s && !app.isBusy(); }), "ms");

    const QString model = QString::fromLocal8Bit(argv[1]);
    app.open(model);
    const auto* facts = window.page(u"setup"_s)->findChild<QWidget*>(u"modelFacts"_s);
    say("header of the model on the setup page", waitFor([&] { return facts->isVisible(); }), "ms");

    const double before = residentMiB();
    ProbeService& probes = window.services().probes;
    int answered = 0;
    const auto count = [&] { ++answered; };
    QObject::connect(&probes, &ProbeService::answerFinished, &qt, count);
    QObject::connect(&probes, &ProbeService::answerFailed, &qt, count);
    FrameClock frames;
    probes.setModels(model, {}, {});
    probes.ask({.prompt = u"Once"_s, .maxNewTokens = 8, .raw = true});
    say("model loaded and 8 tokens", waitFor([&] { return answered > 0; }), "ms");
    std::printf("  %s\n", qPrintable(frames.report()));
    say("resident memory with the model", residentMiB(), "MiB");
    probes.setModels({}, {}, {});
    waitFor([&] { return residentMiB() < before + 64; }, 10'000);
    say("resident memory before it", before, "MiB");
    say("resident memory after unloading", residentMiB(), "MiB");

    if (argc < 3)
        return 0;
    const Result<Recipe> recipe = readRecipe(argv[2]);
    if (!recipe) {
        std::fprintf(stderr, "%s\n", recipe.error().text().c_str());
        return 3;
    }
    for (int i = 1; i <= 10; ++i) {
        if (const Status status = app.run().start(*recipe); !status) {
            std::fprintf(stderr, "%s\n", status.error().text().c_str());
            return 4;
        }
        waitFor([&] { return !app.run().isActive(); });
        say(qPrintable(u"resident memory after run %1"_s.arg(i)), residentMiB(), "MiB");
    }
    return 0;
}
