#include "core/metrics/evaluation_interval.h"
#include "core/metrics/metric.h"
#include "core/metrics/statistics.h"

#include <algorithm>
#include <numeric>

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
MetricInfo truthRatioMetric();
MetricInfo truthRatioArithmeticMetric();
MetricInfo truthProbabilityMetric();
MetricInfo paraphraseProbabilityMetric();
MetricInfo optionProbabilityMetric();
MetricInfo lossScore();
MetricInfo zlibScore();
MetricInfo minKScore();
MetricInfo minKPlusPlusScore();
MetricInfo gradientNormScore();
MetricInfo lensDepthMetric();
MetricInfo choiceAccuracyMetric();
MetricInfo letterMassMetric();
MetricInfo clozeAccuracyMetric();
MetricInfo singleTrueMetric();
MetricInfo severalTrueMetric();

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
                                                        gibberishMetric(),
                                                        truthRatioMetric(),
                                                        truthRatioArithmeticMetric(),
                                                        truthProbabilityMetric(),
                                                        paraphraseProbabilityMetric(),
                                                        optionProbabilityMetric(),
                                                        lossScore(),
                                                        zlibScore(),
                                                        minKScore(),
                                                        minKPlusPlusScore(),
                                                        gradientNormScore(),
                                                        choiceAccuracyMetric(),
                                                        letterMassMetric(),
                                                        clozeAccuracyMetric(),
                                                        singleTrueMetric(),
                                                        severalTrueMetric(),
                                                        lensDepthMetric()});
    return catalog;
}

namespace {

constexpr double kConfidence = 0.95;

/// A metric's values over a set, ready to be summed up in any selection.
struct Contributions {
    std::vector<double> values;
    std::vector<double> weights;
    double (*link)(double) = nullptr;

    [[nodiscard]] double over(const std::vector<std::size_t>& indices) const
    {
        double sum = 0;
        double weight = 0;
        for (const std::size_t i : indices) {
            sum += weights[i] * values[i];
            weight += weights[i];
        }
        return link ? link(sum / weight) : sum / weight;
    }
};

Interval resampled(const Contributions& contributions, Random& random)
{
    std::vector<std::size_t> drawn(contributions.values.size());
    return bootstrapInterval(kConfidence, kIntervalResamples, [&] {
        for (std::size_t& i : drawn)
            i = random.below(drawn.size());
        return contributions.over(drawn);
    });
}

bool isWanted(const MetricInfo& info, const MetricOptions& options)
{
    return options.only.empty() || std::ranges::find(options.only, info.id) != options.only.end();
}

} // namespace

std::vector<MetricResult> computeMetrics(const std::vector<SampleScan>& scans,
                                         const MetricOptions& options)
{
    std::vector<MetricResult> results;
    for (const MetricInfo& info : metrics().entries()) {
        if (!isWanted(info, options))
            continue;
        MetricResult result{.metric = info.id, .variant = info.variant};
        Contributions contributions{.link = info.link};
        for (const SampleScan& scan : scans)
            if (const std::optional<double> value = info.perSample(scan)) {
                result.samples.push_back({scan.index, *value});
                contributions.values.push_back(
                    info.contribution ? info.contribution(*value, options.purpose) : *value);
                contributions.weights.push_back(info.weight ? info.weight(scan) : 1);
            }
        if (result.samples.empty())
            continue;
        std::vector<std::size_t> all(result.samples.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        result.value = contributions.over(all);
        if (options.intervals && result.samples.size() > 1) {
            // The same draws for every metric, so that those of one set can be set side by side.
            Random random(result.samples.size());
            result.interval = resampled(contributions, random);
        }
        results.push_back(std::move(result));
    }
    return results;
}

} // namespace lacuna
