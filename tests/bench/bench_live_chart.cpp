#include "widgets/base/theme.h"
#include "widgets/chart/live_chart.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

/// How long a frame of a chart of a million points takes, from the key press to the painted
/// widget. Run: QT_QPA_PLATFORM=offscreen bench_live_chart [points]
namespace {

using namespace lacuna;
using namespace Qt::StringLiterals;

void report(const char* name, std::vector<double>& milliseconds)
{
    std::sort(milliseconds.begin(), milliseconds.end());
    const std::size_t count = milliseconds.size();
    std::printf("%-34s median %6.2f ms   99th of 100 %6.2f ms   worst %6.2f ms\n", name,
                milliseconds[count / 2], milliseconds[count * 99 / 100], milliseconds.back());
}

void measure(const char* name, int frames, const std::function<void(int)>& frame)
{
    std::vector<double> milliseconds;
    for (int i = 0; i < frames; ++i) {
        QElapsedTimer timer;
        timer.start();
        frame(i);
        // The refresh, the replot that it queues, and the painting.
        for (int turn = 0; turn < 4; ++turn)
            QCoreApplication::processEvents();
        milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) * 1e-6);
    }
    report(name, milliseconds);
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    applyTheme(application, false);
    const int count = argc > 1 ? std::atoi(argv[1]) : 1000000;

    LiveChart chart;
    chart.setTitle(u"Is the forget set being forgotten?"_s, u"↑ higher is more forgotten"_s);
    chart.setAxes(u"Step"_s, u"NLL (nats a token)"_s);
    chart.setSeries(u"loss"_s, {.label = u"Forget batch"_s});
    chart.resize(1000, 600);
    chart.show();
    std::mt19937 generator(1);
    std::normal_distribution<double> normal;
    std::vector<double> xs;
    std::vector<double> ys;
    for (int i = 0; i < count; ++i) {
        xs.push_back(i);
        ys.push_back(5 + normal(generator));
    }
    measure("append all", 1, [&](int) { chart.append(u"loss"_s, xs, ys); });

    auto* canvas = chart.findChild<QWidget*>(u"chartCanvas"_s);
    const auto press = [canvas](Qt::Key key) {
        QKeyEvent event(QEvent::KeyPress, key, {});
        QApplication::sendEvent(canvas, &event);
    };
    for (const double weight : {0.0, 0.9}) {
        std::printf("smoothing %.1f\n", weight);
        measure("  smooth everything", 1, [&](int) { chart.setSmoothing(weight); });
        measure("  pan over all points", 200,
                [&](int i) { press(i / 4 % 2 == 0 ? Qt::Key_Right : Qt::Key_Left); });
        measure("  zoom in and out", 100,
                [&](int i) { press(i < 50 ? Qt::Key_Plus : Qt::Key_Minus); });
        press(Qt::Key_Home);
        measure("  a batch of 30 arrives", 100, [&](int i) {
            std::vector<double> newXs;
            std::vector<double> newYs;
            for (int k = 0; k < 30; ++k) {
                newXs.push_back(2.0 * count + i * 30 + k);
                newYs.push_back(5 + normal(generator));
            }
            chart.append(u"loss"_s, newXs, newYs);
        });
        press(Qt::Key_Home);
    }
    return 0;
}
