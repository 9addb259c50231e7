#include "core/metrics/summary.h"

#include "core/base/text.h"
#include "core/metrics/statistics.h"
#include "core/metrics/summary_parts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lacuna {
namespace {

/// The true answer of each sample, where the log keeps it.
std::map<std::int64_t, std::string> trueAnswers(std::span<const Evaluation> evaluations)
{
    std::map<std::int64_t, std::string> answers;
    const Evaluation* rouge = findEvaluation(evaluations, "forget", "rouge-l");
    if (!rouge)
        return answers;
    for (const SampleValue& sample : rouge->samples) {
        const Json extra = Json::parse(sample.extra, nullptr, false);
        for (const char* key : {"ground_truth", "reference"})
            if (extra.is_object() && extra.contains(key) && extra[key].is_string())
                answers[sample.sample] = trimmed(extra[key].get<std::string>());
    }
    return answers;
}

/// The evaluation of the forget set with the most samples.
std::size_t forgetCount(std::span<const Evaluation> evaluations)
{
    std::size_t count = 0;
    for (const Evaluation& evaluation : evaluations)
        if (evaluation.set == "forget")
            count = std::max(count, evaluation.samples.size());
    return count;
}

} // namespace

const Catalog<SummaryInfo>& summaries()
{
    static const Catalog<SummaryInfo> catalog("summary metric",
                                              {forgetQuality(),      forgetQualityArithmetic(),
                                               forgetTruthRatio(),   retainTruthRatio(),
                                               authorsTruthRatio(),  factsTruthRatio(),
                                               modelUtility(),       modelUtilityArithmetic(),
                                               lossArea(),           zlibArea(),
                                               minKArea(),           minKPlusPlusArea(),
                                               referenceArea(),      gradNormArea(),
                                               privacyLeakage(),     privacyLeakageMuse(),
                                               approximateLossGap(), approximateAccuracyGap(),
                                               memorizationScore(),  privacyScore(),
                                               utilityScore(),       overallScore()});
    return catalog;
}

std::vector<Summary> summarize(const SummaryInput& input)
{
    std::vector<Summary> results;
    for (const SummaryInfo& info : summaries().entries()) {
        SummaryValue value = info.compute(input);
        Evaluation evaluation{.phase = EvaluationPhase::Standalone,
                              .set = info.set,
                              .metric = info.metric.empty() ? info.id : info.metric,
                              .variant = value.variant.empty() ? info.variant : value.variant,
                              .value = value.value,
                              .count = value.count,
                              .interval = value.interval,
                              .missing = std::move(value.missing)};
        results.push_back({.info = &info,
                           .evaluation = std::move(evaluation),
                           .details = std::move(value.details),
                           .warnings = std::move(value.warnings)});
    }
    return results;
}

std::optional<Interval> sampleInterval(const Evaluation& evaluation, const SummaryInput& settings)
{
    const std::vector<double> values = averaged(evaluation);
    // A token mean, or what is made of one, is not the mean of its samples.
    const double difference = std::abs(mean(values) - evaluation.value);
    if (values.size() < 2 || !(difference <= 1e-6 * std::max(1.0, std::abs(evaluation.value))))
        return std::nullopt;
    Random random = randomOf(settings, evaluation.set + "/" + evaluation.metric);
    return bootstrapMeanInterval(values, settings.confidence, settings.resamples, random);
}

std::optional<std::string> forgetSetsDiffer(std::span<const Evaluation> model,
                                            std::span<const Evaluation> reference)
{
    const std::size_t ours = forgetCount(model);
    const std::size_t theirs = forgetCount(reference);
    if (ours != theirs)
        return fmt::format("the reference was evaluated on another forget set: {} samples where "
                           "this log has {}; give the log of a model retrained without this set",
                           theirs, ours);
    const auto asked = trueAnswers(model);
    for (const auto& [index, answer] : trueAnswers(reference))
        if (const auto found = asked.find(index); found != asked.end() && found->second != answer)
            return fmt::format("the reference was evaluated on another forget set: sample {} has "
                               "another true answer; give the log of a model retrained without "
                               "this set",
                               index);
    return std::nullopt;
}

SummaryValue missingValue(std::string reason)
{
    return {.value = std::numeric_limits<double>::quiet_NaN(), .missing = std::move(reason)};
}

Random randomOf(const SummaryInput& input, const std::string& purpose)
{
    return Random(derivedSeed(input.seed, purpose));
}

TruthAggregate truthAggregateOf(std::string_view set)
{
    return set == "forget" ? TruthAggregate::CloserToOne : TruthAggregate::TruthHigher;
}

std::vector<double> averaged(const Evaluation& evaluation)
{
    std::vector<double> values = sampleNumbers(evaluation);
    if (evaluation.metric == "truth-ratio" || evaluation.metric == "truth-ratio-arithmetic")
        for (double& value : values)
            value = truthRatioScore(value, truthAggregateOf(evaluation.set));
    return values;
}

SummaryValue harmonicOf(const std::vector<NamedValue>& parts)
{
    SummaryValue result;
    std::vector<double> values;
    std::vector<std::string> reasons;
    for (const NamedValue& part : parts) {
        if (!part.value.missing.empty())
            reasons.push_back(part.id + ": " + part.value.missing);
        // Differences of means can fall below 0 by rounding; a harmonic mean has no place for that.
        values.push_back(std::max(0.0, part.value.value));
        result.details.push_back({part.id, part.value.value});
        result.count = std::max(result.count, part.value.count);
        result.warnings.insert(result.warnings.end(), part.value.warnings.begin(),
                               part.value.warnings.end());
    }
    if (!reasons.empty())
        return missingValue(join(reasons, "; "));
    result.value = harmonicMean(values);
    return result;
}

} // namespace lacuna
