#include "core/metrics/evaluation_log_parts.h"
#include "core/metrics/truth_ratio.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Losses of one sample's false answers.
std::vector<double> liesOf(const SampleValue& sample)
{
    const Json extra = Json::parse(sample.extra, nullptr, false);
    std::vector<double> losses;
    if (!extra.is_object())
        return losses;
    if (extra.contains("avg_loss") && extra["avg_loss"].is_array())
        for (const Json& loss : extra["avg_loss"])
            losses.push_back(numberOrNan(loss));
    else if (extra.contains("prob") && extra["prob"].is_array())
        for (const Json& probability : extra["prob"])
            losses.push_back(-std::log(numberOrNan(probability)));
    return losses;
}

double truthLossOf(const SampleValue& sample)
{
    const Json extra = Json::parse(sample.extra, nullptr, false);
    if (extra.is_object() && extra.contains("avg_loss") && extra["avg_loss"].is_number())
        return extra["avg_loss"].get<double>();
    return -std::log(sample.value);
}

struct Derived {
    const char* metric;
    const char* variant;
    double (*compute)(const TruthLosses& losses);
};
constexpr auto kDerived = std::to_array<Derived>({
    {"truth-ratio", "geometric", [](const TruthLosses& l) { return truthRatio(l); }},
    {"truth-ratio-arithmetic", "arithmetic", &arithmeticTruthRatio},
    {"truth-probability", "geometric", [](const TruthLosses& l) { return truthProbability(l); }},
});

/// One value for each sample that both the truth and the lies have.
Evaluation computed(const Derived& derived, const Evaluation& truth, const Evaluation& lies)
{
    Evaluation evaluation{.step = lies.step,
                          .phase = lies.phase,
                          .set = lies.set,
                          .metric = derived.metric,
                          .variant = derived.variant};
    std::map<std::int64_t, const SampleValue*> truths;
    for (const SampleValue& sample : truth.samples)
        truths[sample.sample] = &sample;
    for (const SampleValue& sample : lies.samples) {
        const auto found = truths.find(sample.sample);
        if (found == truths.end())
            continue;
        const std::vector<double> losses = liesOf(sample);
        const double value =
            losses.empty()
                ? kNone
                : derived.compute({.truth = truthLossOf(*found->second), .lies = losses});
        evaluation.samples.push_back({.sample = sample.sample, .value = value});
    }
    aggregateSamples(evaluation);
    if (evaluation.count == 0)
        evaluation.missing = "true and false answers have no sample in common; evaluate both on "
                             "one file";
    return evaluation;
}

} // namespace

void deriveTruthRatios(std::vector<Evaluation>& evaluations)
{
    std::vector<Evaluation> added;
    std::set<std::string> sets;
    for (const Evaluation& evaluation : evaluations)
        sets.insert(evaluation.set);
    for (const std::string& set : sets) {
        const Evaluation* lies = findEvaluation(evaluations, set, "perturbed-probability");
        if (!lies)
            continue;
        // Sets without paraphrases compare with the answer itself (unlearning reference 3.1).
        const Evaluation* truth = findEvaluation(evaluations, set, "paraphrase-probability");
        if (!truth)
            truth = findEvaluation(evaluations, set, "probability");
        for (const Derived& derived : kDerived)
            if (truth && !findEvaluation(evaluations, set, derived.metric))
                added.push_back(computed(derived, *truth, *lies));
    }
    evaluations.insert(evaluations.end(), std::make_move_iterator(added.begin()),
                       std::make_move_iterator(added.end()));
}

} // namespace lacuna
