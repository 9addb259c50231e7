#include "core/attacks/attack.h"

#include "core/metrics/scanner.h"
#include "core/metrics/statistics.h"
#include "core/models/decoder.h"

namespace lacuna {

MetricResult measureOf(const std::string& metric, const std::string& variant,
                       std::vector<MetricResult::Item> items)
{
    std::vector<double> values;
    for (const MetricResult::Item& item : items)
        values.push_back(item.value);
    return {.metric = metric,
            .variant = variant,
            .value = mean(values),
            .interval = {},
            .samples = std::move(items)};
}

std::vector<MetricResult> recallOf(const std::vector<SampleScan>& scans)
{
    std::vector<MetricResult> results;
    for (const char* id : {"rouge-l", "extraction-strength", "probability"}) {
        const MetricInfo& info = **metrics().find(id);
        std::vector<MetricResult::Item> items;
        for (const SampleScan& scan : scans)
            if (const std::optional<double> value = info.perSample(scan))
                items.push_back({scan.index, *value});
        if (!items.empty())
            results.push_back(measureOf(info.id, info.variant, std::move(items)));
    }
    return results;
}

AttackedSetting settingOf(std::string label, Json values, const std::vector<SampleScan>& scans)
{
    AttackedSetting setting{
        .label = std::move(label), .values = std::move(values), .measured = recallOf(scans)};
    for (const SampleScan& scan : scans)
        if (scan.hasAnswer)
            setting.answers[scan.index] = scan.generated;
    return setting;
}

std::vector<SampleScan> scanTarget(const AttackTarget& target, Decoder& decoder,
                                   const std::vector<const ScoredSample*>& samples, double share)
{
    return scanSamples(decoder, samples,
                       {.tokenBudget = target.tokenBudget,
                        .tokenizer = &target.tokenizer,
                        .maxNewTokens = target.maxNewTokens,
                        .stopIds = target.stopIds,
                        .proceed = [&target, share] { return target.proceed(share); }});
}

const RawSample& rawOf(const AttackTarget& target, const ScoredSample& sample)
{
    return target.forget.samples[static_cast<std::size_t>(sample.source)];
}

} // namespace lacuna
