#include "core/metrics/metric.h"
#include "core/metrics/statistics.h"

namespace lacuna {

MetricInfo negativeLogLikelihood();
MetricInfo perplexity();
MetricInfo probability();
MetricInfo extractionStrengthMetric();
MetricInfo exactMemorizationMetric();
MetricInfo rougeLRecall();
MetricInfo rougeLF1();
MetricInfo rougeLF1Unstemmed();
MetricInfo rouge1Recall();
MetricInfo rouge1F1();
MetricInfo rouge2Recall();
MetricInfo rouge2F1();
MetricInfo jaccardMetric();
MetricInfo longestStretchMetric();
MetricInfo longestStretchShareMetric();
MetricInfo copied8GramsMetric();
MetricInfo copied13GramsMetric();
MetricInfo refusalMetric();
MetricInfo fluencyMetric();
MetricInfo repetitionMetric();
MetricInfo distinct2Metric();
MetricInfo emptyAnswerMetric();
MetricInfo cleannessMetric();
MetricInfo gibberishMetric();

const Catalog<MetricInfo>& metrics()
{
    static const Catalog<MetricInfo> catalog("metric", {negativeLogLikelihood(),
                                                        perplexity(),
                                                        probability(),
                                                        extractionStrengthMetric(),
                                                        exactMemorizationMetric(),
                                                        rougeLRecall(),
                                                        rougeLF1(),
                                                        rougeLF1Unstemmed(),
                                                        rouge1Recall(),
                                                        rouge1F1(),
                                                        rouge2Recall(),
                                                        rouge2F1(),
                                                        jaccardMetric(),
                                                        longestStretchMetric(),
                                                        longestStretchShareMetric(),
                                                        copied8GramsMetric(),
                                                        copied13GramsMetric(),
                                                        refusalMetric(),
                                                        fluencyMetric(),
                                                        repetitionMetric(),
                                                        distinct2Metric(),
                                                        emptyAnswerMetric(),
                                                        cleannessMetric(),
                                                        gibberishMetric()});
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
