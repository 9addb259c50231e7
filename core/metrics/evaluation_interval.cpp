#include "core/metrics/evaluation_interval.h"

#include "core/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace lacuna {
namespace {

constexpr double kConfidence = 0.95;
/// Values are stored with all their digits: what differs by more is another statistic.
constexpr double kRounding = 1e-6;

bool isMeanOfSamples(const Evaluation& evaluation)
{
    return isMeanOf(evaluation.value, sampleValues(evaluation));
}

} // namespace

std::optional<Interval> resampledMean(std::span<const double> values)
{
    if (values.size() < 2)
        return std::nullopt;
    Random random(kIntervalSeed);
    const Interval interval =
        bootstrapMeanInterval(values, kConfidence, kIntervalResamples, random);
    return std::isfinite(interval.low) && std::isfinite(interval.high) ? std::optional(interval)
                                                                       : std::nullopt;
}

bool isMeanOf(double value, std::span<const double> samples)
{
    return std::abs(mean(samples) - value) <= kRounding * std::max(1.0, std::abs(value));
}

std::vector<double> sampleValues(const Evaluation& evaluation)
{
    std::vector<double> values;
    values.reserve(evaluation.samples.size());
    for (const SampleValue& sample : evaluation.samples)
        values.push_back(sample.value);
    return values;
}

std::optional<Interval> intervalOf(const Evaluation& evaluation)
{
    if (evaluation.interval || !isMeanOfSamples(evaluation))
        return evaluation.interval;
    return resampledMean(sampleValues(evaluation));
}

std::optional<PairedChange> pairedChange(const Evaluation& before, const Evaluation& after)
{
    if (!isMeanOfSamples(before) || !isMeanOfSamples(after))
        return std::nullopt;
    std::map<std::int64_t, double> first;
    for (const SampleValue& sample : before.samples)
        first.emplace(sample.sample, sample.value);
    std::vector<double> changes;
    for (const SampleValue& sample : after.samples)
        if (const auto found = first.find(sample.sample); found != first.end())
            changes.push_back(sample.value - found->second);
    const std::optional<Interval> interval = resampledMean(changes);
    if (!interval)
        return std::nullopt;
    return PairedChange{.mean = mean(changes),
                        .interval = *interval,
                        .count = static_cast<std::int64_t>(changes.size())};
}

} // namespace lacuna
