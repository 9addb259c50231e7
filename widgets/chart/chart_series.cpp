#include "widgets/chart/chart_series.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lacuna {

namespace {

void widen(std::optional<AxisRange>& extent, double from, double to)
{
    extent = extent ? AxisRange{std::min(extent->from, from), std::max(extent->to, to)}
                    : AxisRange{from, to};
}

ChartSeries::Nearest pointAt(const ChartSeries::Segment& segment, std::size_t index)
{
    const double y = segment.ys[index];
    return {segment.xs[index], y, segment.smoothed.empty() ? y : segment.smoothed[index]};
}

} // namespace

void ChartSeries::append(std::span<const double> xs, std::span<const double> ys)
{
    for (std::size_t i = 0; i < xs.size(); ++i) {
        if (!std::isfinite(xs[i]))
            continue;
        if (m_segments.empty() || xs[i] < m_segments.back().xs.back())
            m_segments.emplace_back().mean = DebiasedMean(m_weight);
        Segment& segment = m_segments.back();
        segment.xs.push_back(xs[i]);
        segment.ys.push_back(ys[i]);
        ++m_size;
        if (!std::isfinite(ys[i]))
            m_nonFinite.push_back({xs[i], ys[i]});
        else if (ys[i] <= 0)
            ++m_nonPositive;
        add(segment, xs[i], ys[i]);
    }
}

void ChartSeries::add(Segment& segment, double x, double y)
{
    const auto canBeDrawn = [this](double value) {
        return std::isfinite(value) && (!m_positiveOnly || value > 0);
    };
    if (canBeDrawn(y))
        segment.raw.append(x, y);
    if (m_weight == 0)
        return;
    const double mean = segment.mean.add(y);
    segment.smoothed.push_back(mean);
    if (canBeDrawn(mean))
        segment.smooth.append(x, mean);
}

void ChartSeries::clear()
{
    m_segments.clear();
    m_nonFinite.clear();
    m_size = 0;
    m_nonPositive = 0;
}

void ChartSeries::setSmoothing(double weight)
{
    if (weight == m_weight)
        return;
    m_weight = weight;
    rebuild();
}

void ChartSeries::setPositiveOnly(bool positiveOnly)
{
    if (positiveOnly == m_positiveOnly)
        return;
    m_positiveOnly = positiveOnly;
    rebuild();
}

void ChartSeries::rebuild()
{
    for (Segment& segment : m_segments) {
        segment.raw.clear();
        segment.smooth.clear();
        segment.smoothed.clear();
        segment.mean = DebiasedMean(m_weight);
        for (std::size_t i = 0; i < segment.xs.size(); ++i)
            add(segment, segment.xs[i], segment.ys[i]);
    }
}

std::optional<AxisRange> ChartSeries::xExtent() const
{
    std::optional<AxisRange> extent;
    for (const Segment& segment : m_segments)
        widen(extent, segment.xs.front(), segment.xs.back());
    return extent;
}

std::optional<AxisRange> ChartSeries::yExtent() const
{
    std::optional<AxisRange> extent;
    for (const Segment& segment : m_segments)
        if (!segment.raw.empty())
            widen(extent, segment.raw.lowest(), segment.raw.highest());
    return extent;
}

std::optional<ChartSeries::Nearest> ChartSeries::nearest(double x) const
{
    if (m_segments.empty())
        return std::nullopt;
    const Segment* segment = &m_segments.back();
    for (auto it = m_segments.rbegin(); it != m_segments.rend() && x < segment->xs.front(); ++it)
        if (it->xs.front() <= x || it->xs.front() < segment->xs.front())
            segment = &*it;
    const auto& xs = segment->xs;
    auto found = std::lower_bound(xs.begin(), xs.end(), x);
    if (found == xs.end() || (found != xs.begin() && x - *std::prev(found) <= *found - x))
        --found;
    return pointAt(*segment, static_cast<std::size_t>(found - xs.begin()));
}

std::optional<ChartSeries::Nearest> ChartSeries::last() const
{
    if (m_segments.empty())
        return std::nullopt;
    return pointAt(m_segments.back(), m_segments.back().xs.size() - 1);
}

} // namespace lacuna
