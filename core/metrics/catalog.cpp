#include "core/metrics/metric.h"
#include "core/metrics/statistics.h"

namespace lacuna {

MetricInfo negativeLogLikelihood();
MetricInfo perplexity();
MetricInfo probability();
MetricInfo extractionStrengthMetric();
MetricInfo exactMemorizationMetric();
MetricInfo rougeLRecall();
MetricInfo fluencyMetric();
MetricInfo repetitionMetric();

const Catalog<MetricInfo>& metrics()
{
    static const Catalog<MetricInfo> catalog(
        "metric", {negativeLogLikelihood(), perplexity(), probability(), extractionStrengthMetric(),
                   exactMemorizationMetric(), rougeLRecall(), fluencyMetric(), repetitionMetric()});
    return catalog;
}

std::vector<MetricResult> computeMetrics(const std::vector<SampleScan>& scans)
{
    std::vector<MetricResult> results;
    for (const MetricInfo& info : metrics().entries()) {
        MetricResult result{.metric = info.id, .variant = info.variant};
        std::vector<double> values;
        for (const SampleScan& scan : scans)
            if (const std::optional<double> value = info.perSample(scan)) {
                values.push_back(*value);
                result.samples.push_back({scan.index, *value});
            }
        if (values.empty())
            continue;
        result.value = info.aggregate ? info.aggregate(scans) : mean(values);
        results.push_back(std::move(result));
    }
    return results;
}

} // namespace lacuna
