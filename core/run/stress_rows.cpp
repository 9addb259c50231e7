#include "core/run/stress_rows.h"

#include "core/metrics/evaluation_interval.h"
#include "core/metrics/statistics.h"
#include "core/run/stress_results.h"

#include <limits>
#include <map>
#include <utility>

namespace lacuna {
namespace {

using Values = std::map<std::int64_t, double>;

Values valuesOf(const std::vector<MetricResult>& results, const std::string& metric)
{
    Values values;
    for (const MetricResult& result : results)
        if (result.metric == metric)
            for (const MetricResult::Item& item : result.samples)
                values[item.index] = item.value;
    return values;
}

} // namespace

StressResult stressRow(const MetricResult& measured, const AttackedSetting& setting,
                       const std::vector<MetricResult>& before)
{
    StressDetail detail{
        .values = setting.values, .facts = setting.facts, .wantsReference = setting.wantsReference};
    const Values unaided = valuesOf(before, measured.metric);
    std::vector<double> values;
    std::vector<double> plain;
    double worst = -1;
    for (const MetricResult::Item& item : measured.samples) {
        const auto known = unaided.find(item.index);
        const double was =
            known == unaided.end() ? std::numeric_limits<double>::quiet_NaN() : known->second;
        detail.items.push_back({item.index, was, item.value});
        values.push_back(item.value);
        if (known != unaided.end())
            plain.push_back(was);
        if (item.value > worst) {
            worst = item.value;
            detail.worstItem = item.index;
        }
    }
    if (const auto said = setting.answers.find(detail.worstItem); said != setting.answers.end())
        detail.worstAnswer = said->second;
    return {.metric = measured.metric,
            .before = mean(plain),
            .value = mean(values),
            .worst = worst,
            .interval = resampledMean(values),
            .count = static_cast<std::int64_t>(values.size()),
            .detail = detail.toJson()};
}

AttackedSetting worstSetting(const std::vector<AttackedSetting>& settings,
                             const std::vector<MetricResult>& plain)
{
    AttackedSetting worst{.label = kWorstSetting, .wantsReference = true};
    std::map<std::string, Values> most;
    std::map<std::string, Values> before;
    std::map<std::string, std::string> variants;
    for (const AttackedSetting& setting : settings)
        for (const MetricResult& measured : setting.measured) {
            const Values unaided =
                valuesOf(setting.before ? *setting.before : plain, measured.metric);
            Values& values = most[measured.metric];
            variants[measured.metric] = measured.variant;
            for (const MetricResult::Item& item : measured.samples) {
                const auto [place, isNew] = values.try_emplace(item.index, item.value);
                if (!isNew && item.value <= place->second)
                    continue;
                place->second = item.value;
                if (const auto known = unaided.find(item.index); known != unaided.end())
                    before[measured.metric][item.index] = known->second;
            }
        }
    const auto asResult = [&](const std::string& metric, const Values& values) {
        std::vector<MetricResult::Item> items;
        for (const auto& [item, value] : values)
            items.push_back({item, value});
        return measureOf(metric, variants[metric], std::move(items));
    };
    worst.before.emplace();
    for (const auto& [metric, values] : most)
        worst.measured.push_back(asResult(metric, values));
    for (const auto& [metric, values] : before)
        worst.before->push_back(asResult(metric, values));
    return worst;
}

} // namespace lacuna
