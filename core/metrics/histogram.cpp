#include "core/metrics/histogram.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

constexpr double kManyDecades = 1000;

} // namespace

HistogramBins histogramBins(std::span<const double> values, std::size_t count)
{
    std::vector<double> finite;
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
                 [](double value) { return std::isfinite(value); });
    if (finite.empty())
        return {};
    auto [low, high] = std::minmax({finite.front(), finite.front()});
    for (const double value : finite) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    if (low >= 0 && high <= 1) {
        low = 0;
        high = 1;
    } else if (low == high) {
        low -= 0.5;
        high += 0.5;
    }
    HistogramBins bins{.edges = {}, .logarithmic = low > 0 && high >= kManyDecades * low};
    for (std::size_t i = 0; i <= count; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(count);
        bins.edges.push_back(bins.logarithmic ? low * std::pow(high / low, share)
                                              : low + (high - low) * share);
    }
    bins.edges.back() = high; // rounding would leave the greatest value out
    return bins;
}

std::vector<std::int64_t> histogramCounts(std::span<const double> values, const HistogramBins& bins)
{
    if (bins.edges.size() < 2)
        return {};
    std::vector<std::int64_t> counts(bins.edges.size() - 1);
    for (const double value : values) {
        if (!(value >= bins.edges.front() && value <= bins.edges.back()))
            continue;
        const auto above = std::upper_bound(bins.edges.begin(), bins.edges.end(), value);
        const auto bin = static_cast<std::size_t>(above - bins.edges.begin()) - 1;
        ++counts[std::min(bin, counts.size() - 1)];
    }
    return counts;
}

} // namespace lacuna
