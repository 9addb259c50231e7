#include "app/pages/stress/recovery_chart.h"

#include "app/pages/stress/stress_words.h"
#include "widgets/chart/live_chart.h"
#include "widgets/text/model_mark.h"

#include <QEvent>
#include <QVBoxLayout>

#include <cmath>
#include <map>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kHeight = 240;

QString idOfSeries(ModelRole role)
{
    return QString::fromLatin1(idOf(role).data(), static_cast<qsizetype>(idOf(role).size()));
}

SeriesStyle styleOf(ModelRole role)
{
    constexpr std::array kDashes = {LineDash::Dash, LineDash::Solid, LineDash::Dot};
    constexpr std::array kMarkers = {MarkerShape::Disc, MarkerShape::Square, MarkerShape::Diamond};
    const auto at = static_cast<std::size_t>(role);
    return {.label = modelName(role),
            .color = modelColor(role),
            .dash = kDashes.at(at),
            .marker = kMarkers.at(at),
            .canBeSmoothed = false};
}

} // namespace

RecoveryChart::RecoveryChart(QWidget* parent) : QWidget(parent), m_chart(new LiveChart)
{
    m_chart->setObjectName(u"recoveryChart"_s);
    m_chart->setMinimumHeight(kHeight);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_chart);
    retranslate();
}

void RecoveryChart::setResults(const std::vector<StressResult>& results, const std::string& metric)
{
    m_metric = metric;
    m_chart->clear();
    std::map<ModelRole, std::map<double, double>> curves;
    for (const StressResult& result : results) {
        const Json step = stressDetail(result).values.value("step", Json());
        if (result.attack != "relearning" || result.metric != metric || !step.is_number())
            continue;
        std::map<double, double>& curve = curves[result.role];
        if (std::isfinite(result.before))
            curve[0] = result.before;
        curve[step.get<double>()] = result.value;
    }
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference}) {
        m_chart->removeSeries(idOfSeries(role));
        if (!curves.contains(role))
            continue;
        m_chart->setSeries(idOfSeries(role), styleOf(role));
        std::vector<double> xs;
        std::vector<double> ys;
        for (const auto& [x, y] : curves[role]) {
            xs.push_back(x);
            ys.push_back(y);
        }
        m_chart->append(idOfSeries(role), xs, ys);
    }
    m_hasCurves = !curves.empty();
    retranslate();
}

void RecoveryChart::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void RecoveryChart::retranslate()
{
    m_chart->setTitle(tr("Does it come back with a little training?"),
                      tr("\u2191 higher is more recovered"));
    m_chart->setAxes(tr("Steps of relearning"), metricTitle(m_metric));
}

} // namespace lacuna
