#include "core/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool unusable(std::span<const double> values)
{
    return values.empty() ||
           std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

double sortedQuantile(const std::vector<double>& sorted, double share)
{
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], place - std::floor(place));
}

double resampledMean(std::span<const double> values, Random& random)
{
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        sum += values[random.below(values.size())];
    return sum / static_cast<double>(values.size());
}

} // namespace

double mean(std::span<const double> values)
{
    if (values.empty())
        return kNone;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sampleStandardDeviation(std::span<const double> values)
{
    if (values.size() < 2)
        return kNone;
    const double center = mean(values);
    double squares = 0;
    for (const double value : values)
        squares += (value - center) * (value - center);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double harmonicMean(std::span<const double> values)
{
    if (unusable(values))
        return kNone;
    double inverses = 0;
    for (const double value : values) {
        if (value < 0)
            throw std::logic_error("the harmonic mean of a negative value");
        if (value == 0)
            return 0;
        inverses += 1 / value;
    }
    return static_cast<double>(values.size()) / inverses;
}

double quantile(std::span<const double> values, double share)
{
    if (!(share >= 0 && share <= 1))
        throw std::logic_error("a quantile outside [0, 1]");
    if (unusable(values))
        return kNone;
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return sortedQuantile(sorted, share);
}

Interval bootstrapInterval(double confidence, std::size_t resamples,
                           const std::function<double()>& draw)
{
    if (!(confidence > 0 && confidence < 1) || resamples == 0)
        throw std::logic_error("a bootstrap without confidence in (0, 1) or without resamples");
    std::vector<double> drawn(resamples);
    for (double& value : drawn)
        value = draw();
    if (unusable(drawn))
        return {.low = kNone, .high = kNone};
    std::sort(drawn.begin(), drawn.end());
    const double tail = (1 - confidence) / 2;
    return {.low = sortedQuantile(drawn, tail), .high = sortedQuantile(drawn, 1 - tail)};
}

Interval bootstrapMeanInterval(std::span<const double> values, double confidence,
                               std::size_t resamples, Random& random)
{
    const bool empty = unusable(values);
    return bootstrapInterval(confidence, resamples,
                             [&] { return empty ? kNone : resampledMean(values, random); });
}

PairedDifference pairedBootstrap(std::span<const double> first, std::span<const double> second,
                                 double confidence, std::size_t resamples, Random& random)
{
    if (first.size() != second.size())
        throw std::logic_error("a paired comparison of different numbers of items");
    std::vector<double> differences(first.size());
    for (std::size_t i = 0; i < first.size(); ++i)
        differences[i] = second[i] - first[i];
    const bool empty = unusable(differences);
    PairedDifference result{.difference = empty ? kNone : mean(differences)};
    std::size_t up = 0;
    std::size_t down = 0;
    result.interval = bootstrapInterval(confidence, resamples, [&] {
        const double drawn = empty ? kNone : resampledMean(differences, random);
        up += drawn >= 0 ? 1 : 0;
        down += drawn <= 0 ? 1 : 0;
        return drawn;
    });
    const auto rarer = static_cast<double>(std::max<std::size_t>(std::min(up, down), 1));
    result.pValue = empty ? kNone : std::min(1.0, 2 * rarer / static_cast<double>(resamples));
    return result;
}

} // namespace lacuna
