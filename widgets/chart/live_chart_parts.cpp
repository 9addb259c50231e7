#include "widgets/chart/live_chart_parts.h"

#include <algorithm>

namespace lacuna {

namespace {

constexpr double kMarkerReach = 5; ///< pixels from a point to the edge of its marker

} // namespace

LiveChart::Parts::Curve* LiveChart::Parts::curve(const QString& id)
{
    const auto found =
        std::find_if(curves.begin(), curves.end(), [&](const auto& one) { return one->id == id; });
    return found == curves.end() ? nullptr : found->get();
}

std::optional<AxisRange> LiveChart::Parts::xExtent() const
{
    std::optional<AxisRange> all;
    for (const auto& one : curves)
        if (const auto extent = one->isShown ? one->data.xExtent() : std::nullopt)
            all = all ? AxisRange{std::min(all->from, extent->from), std::max(all->to, extent->to)}
                      : *extent;
    return all;
}

std::optional<AxisRange> LiveChart::Parts::yExtent() const
{
    std::optional<AxisRange> all;
    const auto widen = [&](double from, double to) {
        all =
            all ? AxisRange{std::min(all->from, from), std::max(all->to, to)} : AxisRange{from, to};
    };
    for (const auto& one : curves)
        if (const auto extent = one->isShown ? one->data.yExtent() : std::nullopt)
            widen(extent->from, extent->to);
    for (const auto& [id, rule] : rules)
        if (!canvas->isLogarithmic() || rule->value() > 0)
            widen(rule->value(), rule->value());
    return all;
}

bool LiveChart::Parts::hasCurve(const QRectF& place) const
{
    const QRectF around = place.adjusted(-kMarkerReach, -kMarkerReach, kMarkerReach, kMarkerReach);
    const AxisRange x{canvas->xAxis->pixelToCoord(around.left()),
                      canvas->xAxis->pixelToCoord(around.right())};
    for (const auto& one : curves)
        for (const ChartSeries::Segment& segment : one->data.segments()) {
            const SeriesPyramid& drawn = one->data.smoothing() > 0 ? segment.smooth : segment.raw;
            if (!one->isShown)
                continue;
            for (const auto& point : drawn.thinned(x.from, x.to, static_cast<int>(around.width())))
                if (around.contains(canvas->xAxis->coordToPixel(point.x),
                                    canvas->yAxis->coordToPixel(point.y)))
                    return true;
        }
    return false;
}

ChartPicture LiveChart::Parts::picture(const LiveChart& chart) const
{
    ChartPicture result{
        .title = title, .hint = hint, .note = chart.note(), .widget = &chart, .plot = canvas};
    for (const auto& curve : curves)
        if (curve->isShown && curve->style.isInLegend && curve->data.size() > 0)
            result.legend.push_back(curve->style);
    return result;
}

} // namespace lacuna
