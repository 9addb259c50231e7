#include "app/pages/run/run_display.h"

#include "app/pages/run/chart_saving.h"
#include "app/pages/run/run_view.h"
#include "app/services.h"
#include "app/settings.h"

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

const QString kSmoothing = u"run/smoothing"_s;
const QString kLogarithmic = u"run/logarithmic"_s;
/// Uid, first and last step of the run that was zoomed into last: older ones are forgotten.
const QString kZoom = u"run/zoom"_s;
constexpr double kDefaultSmoothing = 0.6;

} // namespace

void restoreDisplay(RunView& view, const Settings& settings)
{
    // Both are read before either is set: setting one tells the other's old value.
    const double smoothing = settings.value(kSmoothing, kDefaultSmoothing).toDouble();
    const bool logarithmic = settings.value(kLogarithmic, false).toBool();
    view.setSmoothing(smoothing);
    view.setLogarithmic(logarithmic);
}

void keepDisplay(RunView& view, Services& services)
{
    Settings& settings = services.settings;
    QObject::connect(&view, &RunView::displayChanged, &view, [&view, &settings] {
        settings.setValue(kSmoothing, view.smoothing());
        settings.setValue(kLogarithmic, view.isLogarithmic());
    });
    QObject::connect(&view, &RunView::zoomChanged, &view,
                     [&settings](const QString& uid, const std::optional<AxisRange>& steps) {
                         settings.setValue(kZoom,
                                           steps ? QStringList{uid, QString::number(steps->from),
                                                               QString::number(steps->to)}
                                                 : QStringList());
                     });
    QObject::connect(&view, &RunView::runShown, &view, [&view, &settings](const QString& uid) {
        const QStringList kept = settings.value(kZoom).toStringList();
        if (kept.size() == 3 && kept[0] == uid)
            view.zoomTo({kept[1].toDouble(), kept[2].toDouble()});
    });
    QObject::connect(
        &view, &RunView::exportRequested, &view,
        [&services](LiveChart* chart, ChartFormat format) { saveChart(services, *chart, format); });
}

} // namespace lacuna
