#include "widgets/chart/chart_axes.h"

#include "widgets/chart/chart_scale.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

namespace {

constexpr int kMostTicks = 6;

} // namespace

ChartTicker::ChartTicker(const QCPAxis& axis, int pixels, bool wholeNumbers)
    : m_axis(axis), m_pixels(pixels), m_wholeNumbers(wholeNumbers)
{
}

QVector<double> ChartTicker::createTickVector(double, const QCPRange& range)
{
    const QCPAxisRect& rect = *m_axis.axisRect();
    const int length = m_axis.orientation() == Qt::Horizontal ? rect.width() : rect.height();
    const int most = std::clamp(length / m_pixels, 2, kMostTicks);
    const AxisRange shown{range.lower, range.upper};
    const std::vector<double> ticks = m_axis.scaleType() == QCPAxis::stLogarithmic
                                          ? logarithmicTicks(shown, most)
                                          : linearTicks(shown, most, m_wholeNumbers);
    return {ticks.begin(), ticks.end()};
}

QVector<double> ChartTicker::createSubTickVector(int, const QVector<double>&)
{
    return {};
}

QVector<QString> ChartTicker::createLabelVector(const QVector<double>& ticks, const QLocale&, QChar,
                                                int)
{
    if (ticks.isEmpty())
        return {};
    double step = std::abs(ticks.first());
    for (qsizetype i = 1; i < ticks.size(); ++i)
        step = i == 1 ? ticks[1] - ticks[0] : std::min(step, ticks[i] - ticks[i - 1]);
    // Ticks by decades are told apart by their own size.
    const bool byDecades = m_axis.scaleType() == QCPAxis::stLogarithmic && ticks.first() > 0 &&
                           ticks.last() / ticks.first() >= 3;
    QVector<QString> labels;
    for (const double tick : ticks)
        labels.append(
            tickText(tick, byDecades ? std::pow(10, std::floor(std::log10(tick) + 1e-9)) : step));
    return labels;
}

} // namespace lacuna
