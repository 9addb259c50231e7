#include "core/metrics/evaluation_interval.h"

#include "core/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace lacuna {
namespace {

constexpr double kConfidence = 0.95;
constexpr std::size_t kResamples = 1000;
constexpr std::uint64_t kSeed = 20;
/// Values are stored with all their digits: what differs by more is another statistic.
constexpr double kRounding = 1e-6;

std::vector<double> valuesOf(const Evaluation& evaluation)
{
    std::vector<double> values;
    values.reserve(evaluation.samples.size());
    for (const SampleValue& sample : evaluation.samples)
        values.push_back(sample.value);
    return values;
}

bool isMeanOfSamples(const Evaluation& evaluation)
{
    const double average = mean(valuesOf(evaluation));
    return std::abs(average - evaluation.value) <=
           kRounding * std::max(1.0, std::abs(evaluation.value));
}

std::optional<Interval> bootstrapped(const std::vector<double>& values)
{
    if (values.size() < 2)
        return std::nullopt;
    Random random(kSeed);
    const Interval interval = bootstrapMeanInterval(values, kConfidence, kResamples, random);
    return std::isnan(interval.low) ? std::nullopt : std::optional(interval);
}

} // namespace

std::optional<Interval> intervalOf(const Evaluation& evaluation)
{
    if (evaluation.interval || !isMeanOfSamples(evaluation))
        return evaluation.interval;
    return bootstrapped(valuesOf(evaluation));
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
    const std::optional<Interval> interval = bootstrapped(changes);
    if (!interval)
        return std::nullopt;
    return PairedChange{.mean = mean(changes),
                        .interval = *interval,
                        .count = static_cast<std::int64_t>(changes.size())};
}

} // namespace lacuna
