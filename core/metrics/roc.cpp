#include "core/metrics/roc.h"

#include "core/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool unusable(std::span<const double> values)
{
    return values.empty() ||
           std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

bool unusable(const TwoGroups& groups)
{
    return unusable(groups.forget) || unusable(groups.holdout);
}

std::vector<double> sorted(std::span<const double> values)
{
    std::vector<double> result(values.begin(), values.end());
    std::sort(result.begin(), result.end());
    return result;
}

} // namespace

double aucOf(const TwoGroups& groups)
{
    if (unusable(groups))
        return kNone;
    const std::vector<double> forget = sorted(groups.forget);
    // In halves of a pair, so that the count is exact.
    std::uint64_t halves = 0;
    for (const double score : groups.holdout) {
        const auto [low, high] = std::equal_range(forget.begin(), forget.end(), score);
        halves += static_cast<std::uint64_t>((low - forget.begin()) + (high - forget.begin()));
    }
    return static_cast<double>(halves) /
           (2 * static_cast<double>(forget.size()) * static_cast<double>(groups.holdout.size()));
}

std::vector<RocPoint> rocCurve(const TwoGroups& groups)
{
    if (unusable(groups))
        return {};
    const std::vector<double> forget = sorted(groups.forget);
    const std::vector<double> holdout = sorted(groups.holdout);
    std::vector<RocPoint> curve = {{}};
    std::size_t f = 0;
    std::size_t h = 0;
    while (f < forget.size() || h < holdout.size()) {
        const double score = h == holdout.size() || (f < forget.size() && forget[f] <= holdout[h])
                                 ? forget[f]
                                 : holdout[h];
        while (f < forget.size() && forget[f] == score)
            ++f;
        while (h < holdout.size() && holdout[h] == score)
            ++h;
        curve.push_back({static_cast<double>(h) / static_cast<double>(holdout.size()),
                         static_cast<double>(f) / static_cast<double>(forget.size())});
    }
    return curve;
}

double truePositiveRateAt(std::span<const RocPoint> curve, double limit)
{
    double best = 0;
    for (const RocPoint& point : curve)
        if (point.falsePositiveRate <= limit)
            best = std::max(best, point.truePositiveRate);
    return best;
}

double bestBalancedAccuracy(std::span<const RocPoint> curve)
{
    double best = kNone;
    for (const RocPoint& point : curve)
        best = std::fmax(best, (1 - point.falsePositiveRate + point.truePositiveRate) / 2);
    return best;
}

DrawCounts drawCounts(std::size_t size, Random& random)
{
    DrawCounts counts(size, 0);
    for (std::size_t i = 0; i < size; ++i)
        ++counts[random.below(size)];
    return counts;
}

ResampledAuc::ResampledAuc(const TwoGroups& groups)
{
    for (std::size_t i = 0; i < groups.forget.size(); ++i)
        m_sorted.push_back({groups.forget[i], false, i});
    for (std::size_t i = 0; i < groups.holdout.size(); ++i)
        m_sorted.push_back({groups.holdout[i], true, i});
    std::sort(m_sorted.begin(), m_sorted.end(),
              [](const Scored& a, const Scored& b) { return a.score < b.score; });
}

double ResampledAuc::area(const DrawCounts& forget, const DrawCounts& holdout) const
{
    std::uint64_t halves = 0;
    std::uint64_t below = 0; // forget draws with a lower score
    std::uint64_t holdoutDraws = 0;
    for (std::size_t i = 0; i < m_sorted.size();) {
        std::uint64_t equal = 0;
        std::uint64_t here = 0;
        const double score = m_sorted[i].score;
        for (; i < m_sorted.size() && m_sorted[i].score == score; ++i)
            if (m_sorted[i].isHoldout)
                here += holdout[m_sorted[i].index];
            else
                equal += forget[m_sorted[i].index];
        halves += here * (2 * below + equal);
        below += equal;
        holdoutDraws += here;
    }
    return static_cast<double>(halves) /
           (2 * static_cast<double>(below) * static_cast<double>(holdoutDraws));
}

Interval bootstrapAucInterval(const TwoGroups& groups, double confidence, std::size_t resamples,
                              Random& random)
{
    const bool empty = unusable(groups);
    const ResampledAuc resampled(empty ? TwoGroups{} : groups);
    return bootstrapInterval(confidence, resamples, [&] {
        if (empty)
            return kNone;
        const DrawCounts forget = drawCounts(groups.forget.size(), random);
        return resampled.area(forget, drawCounts(groups.holdout.size(), random));
    });
}

} // namespace lacuna
