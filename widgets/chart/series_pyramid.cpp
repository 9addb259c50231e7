#include "widgets/chart/series_pyramid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace lacuna {

void SeriesPyramid::append(double x, double y)
{
    if (!std::isfinite(x) || !std::isfinite(y))
        throw std::logic_error("a pyramid takes finite points only");
    if (!m_points.empty() && x < m_points.back().x)
        throw std::logic_error("the points of a pyramid never go back");
    m_lowest = m_points.empty() ? y : std::min(m_lowest, y);
    m_highest = m_points.empty() ? y : std::max(m_highest, y);
    m_points.push_back({x, y});
    if (m_points.size() % kBranching == 0)
        complete(0);
}

void SeriesPyramid::clear()
{
    *this = {};
}

/// Closes the bucket that the last one below it has just filled, and those above that it fills.
void SeriesPyramid::complete(std::size_t level)
{
    if (level == m_levels.size())
        m_levels.emplace_back();
    Extremes bucket;
    if (level == 0) {
        const std::size_t begin = m_points.size() - kBranching;
        bucket = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin)};
        for (std::size_t i = begin + 1; i < m_points.size(); ++i) {
            if (m_points[i].y < m_points[bucket.lowest].y)
                bucket.lowest = static_cast<std::uint32_t>(i);
            if (m_points[i].y > m_points[bucket.highest].y)
                bucket.highest = static_cast<std::uint32_t>(i);
        }
    } else {
        const std::vector<Extremes>& below = m_levels[level - 1];
        bucket = below[below.size() - kBranching];
        for (std::size_t i = below.size() - kBranching + 1; i < below.size(); ++i) {
            if (m_points[below[i].lowest].y < m_points[bucket.lowest].y)
                bucket.lowest = below[i].lowest;
            if (m_points[below[i].highest].y > m_points[bucket.highest].y)
                bucket.highest = below[i].highest;
        }
    }
    m_levels[level].push_back(bucket);
    if (m_levels[level].size() % kBranching == 0)
        complete(level + 1);
}

std::size_t SeriesPyramid::lowerBound(double x) const
{
    const auto found = std::lower_bound(m_points.begin(), m_points.end(), x,
                                        [](const Point& p, double value) { return p.x < value; });
    return static_cast<std::size_t>(found - m_points.begin());
}

SeriesPyramid::Extremes SeriesPyramid::extremes(std::size_t begin, std::size_t end) const
{
    Extremes found{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin)};
    const auto take = [&](const Extremes& other) {
        if (m_points[other.lowest].y < m_points[found.lowest].y)
            found.lowest = other.lowest;
        if (m_points[other.highest].y > m_points[found.highest].y)
            found.highest = other.highest;
    };
    std::size_t at = begin;
    while (at < end) {
        // The largest bucket that starts here and fits.
        std::size_t span = 1;
        std::size_t level = 0;
        while (level < m_levels.size() && at % (span * kBranching) == 0 &&
               at + span * kBranching <= end) {
            span *= kBranching;
            ++level;
        }
        if (level == 0)
            take({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at)});
        else
            take(m_levels[level - 1][at / span]);
        at += span;
    }
    return found;
}

void SeriesPyramid::addColumn(std::size_t begin, std::size_t end, std::vector<Point>& out) const
{
    if (end - begin <= 4) {
        out.insert(out.end(), m_points.begin() + static_cast<std::ptrdiff_t>(begin),
                   m_points.begin() + static_cast<std::ptrdiff_t>(end));
        return;
    }
    const Extremes found = extremes(begin, end);
    std::array<std::size_t, 4> chosen = {begin, found.lowest, found.highest, end - 1};
    std::sort(chosen.begin(), chosen.end());
    const auto last = std::unique(chosen.begin(), chosen.end());
    for (auto it = chosen.begin(); it != last; ++it)
        out.push_back(m_points[*it]);
}

std::vector<SeriesPyramid::Point> SeriesPyramid::thinned(double from, double to, int columns) const
{
    std::vector<Point> out;
    if (m_points.empty() || columns < 1 || !(from < to))
        return out;
    const std::size_t begin = lowerBound(from);
    const std::size_t end = static_cast<std::size_t>(
        std::upper_bound(m_points.begin(), m_points.end(), to,
                         [](double value, const Point& p) { return value < p.x; }) -
        m_points.begin());
    out.reserve(std::min(end - begin, 4 * static_cast<std::size_t>(columns)) + 2);
    if (begin > 0)
        out.push_back(m_points[begin - 1]);
    std::size_t at = begin;
    for (int column = 1; column <= columns && at < end; ++column) {
        std::size_t next = end;
        if (column < columns) {
            const double edge = from + (to - from) * column / columns;
            const auto first = m_points.begin() + static_cast<std::ptrdiff_t>(at);
            next = static_cast<std::size_t>(
                std::lower_bound(first, m_points.begin() + static_cast<std::ptrdiff_t>(end), edge,
                                 [](const Point& p, double value) { return p.x < value; }) -
                m_points.begin());
        }
        if (next > at)
            addColumn(at, next, out);
        at = next;
    }
    if (end < m_points.size())
        out.push_back(m_points[end]);
    return out;
}

} // namespace lacuna
