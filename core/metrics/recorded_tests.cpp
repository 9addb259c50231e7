#include "core/metrics/kolmogorov_smirnov.h"
#include "core/metrics/recorded_quantity.h"
#include "core/metrics/statistics.h"
#include "core/metrics/truth_ratio.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace lacuna {
namespace {

using Numbers = std::vector<double>;

/// What is recorded of one comparison; keys that are absent are not compared.
void verifyKs(const std::string& prefix, const KsResult& result, std::int64_t n, std::int64_t m,
              const Json& recorded, RecordedQuantities& quantities)
{
    const auto compare = [&](const char* key, double computed, NumberTolerance tolerance) {
        if (recorded.contains(key))
            quantities.number(prefix + key, computed, recorded.at(key), tolerance);
    };
    compare("statistic", result.statistic, {});
    compare("pvalue", result.pValue, kPValueTolerance);
    compare("pvalue_asymptotic", finiteAsymptoticKs(result.statistic, n, m), kSeriesTolerance);
    compare("statistic_sign", result.sign, kExact);
    compare("statistic_location", result.location, {});
    quantities.known(prefix, recorded,
                     {"a", "b", "statistic", "pvalue", "pvalue_asymptotic", "statistic_sign",
                      "statistic_location"});
}

void verifyKsFile(const Json& document, RecordedQuantities& quantities)
{
    for (const Json& one : document.at("cases")) {
        const auto a = one.at("a").get<Numbers>();
        const auto b = one.at("b").get<Numbers>();
        verifyKs("KS ", kolmogorovSmirnov(a, b), static_cast<std::int64_t>(a.size()),
                 static_cast<std::int64_t>(b.size()), one, quantities);
    }
    quantities.known("", document, {"cases"});
}

/// Losses of one set of items under one model.
struct LossTable {
    Numbers truth;
    std::vector<Numbers> lies;

    LossTable(const Json& truthLosses, const Json& liesLosses)
        : truth(truthLosses.get<Numbers>()), lies(liesLosses.get<std::vector<Numbers>>())
    {
        if (truth.size() != lies.size())
            throw Json::other_error::create(500, "lists of different length", &truthLosses);
    }

    template <class Function> [[nodiscard]] Numbers map(Function function) const
    {
        Numbers values;
        for (std::size_t i = 0; i < truth.size(); ++i)
            values.push_back(function(TruthLosses{.truth = truth[i], .lies = lies[i]}));
        return values;
    }
};

Numbers ratiosOf(const LossTable& losses)
{
    return losses.map([](const TruthLosses& l) { return truthRatio(l, kOpenUnlearningEpsilon); });
}

void verifyRatios(const Json& document, RecordedQuantities& quantities)
{
    const auto list = [&](const char* key, const Numbers& computed) {
        if (document.contains(key))
            quantities.numbers(key, computed, document.at(key));
    };
    const auto single = [&](const char* key, double computed) {
        if (document.contains(key))
            quantities.number(key, computed, document.at(key));
    };
    const LossTable losses(document.at("paraphrased_avg_loss"), document.at("perturbed_avg_loss"));
    const Numbers ratios = ratiosOf(losses);
    const Numbers truths = losses.map(
        [](const TruthLosses& l) { return truthProbability(l, kOpenUnlearningEpsilon); });
    list("truth_ratio", ratios);
    list("truth_ratio_true_over_sum", truths);
    list("truth_ratio_arithmetic_mean_of_probabilities", losses.map(&arithmeticTruthRatio));
    single("agg_closer_to_1_better",
           truthRatioAggregate(ratios, TruthAggregate::CloserToOne, kOpenUnlearningEpsilon));
    single("agg_true_better", truthRatioAggregate(ratios, TruthAggregate::TruthHigher));
    single("agg_prob_mean", mean(truths));
    if (!hasKeys(document, {"reference_paraphrased_avg_loss", "reference_perturbed_avg_loss"}))
        return;
    const Numbers reference = ratiosOf({document.at("reference_paraphrased_avg_loss"),
                                        document.at("reference_perturbed_avg_loss")});
    list("reference_truth_ratio", reference);
    if (document.contains("forget_quality"))
        verifyKs("forget_quality ", kolmogorovSmirnov(ratios, reference),
                 static_cast<std::int64_t>(ratios.size()),
                 static_cast<std::int64_t>(reference.size()), document.at("forget_quality"),
                 quantities);
}

void verifyProbabilities(const Json& document, RecordedQuantities& quantities)
{
    const LossTable plain(document.at("ground_truth_avg_loss"), document.at("perturbed_avg_loss"));
    if (document.contains("probability"))
        quantities.numbers("probability",
                           plain.map([](const TruthLosses& l) { return std::exp(-l.truth); }),
                           document.at("probability"));
    if (document.contains("probability_normalised_against_options"))
        quantities.numbers("probability_normalised_against_options",
                           plain.map([](const TruthLosses& l) {
                               return optionProbability(l, kOpenUnlearningEpsilon);
                           }),
                           document.at("probability_normalised_against_options"));
}

void verifyTruthFile(const Json& document, RecordedQuantities& quantities)
{
    if (document.contains("paraphrased_avg_loss"))
        verifyRatios(document, quantities);
    if (document.contains("ground_truth_avg_loss"))
        verifyProbabilities(document, quantities);
    if (document.contains("utility_inputs"))
        quantities.number("model_utility_harmonic_mean",
                          harmonicMean(document.at("utility_inputs").get<Numbers>()),
                          document.at("model_utility_harmonic_mean"));
    quantities.known("", document,
                     {"paraphrased_avg_loss", "perturbed_avg_loss", "ground_truth_avg_loss",
                      "reference_paraphrased_avg_loss", "reference_perturbed_avg_loss",
                      "truth_ratio", "reference_truth_ratio", "truth_ratio_true_over_sum",
                      "truth_ratio_arithmetic_mean_of_probabilities", "agg_closer_to_1_better",
                      "agg_true_better", "agg_prob_mean", "probability",
                      "probability_normalised_against_options", "forget_quality", "utility_inputs",
                      "model_utility_harmonic_mean"});
}

} // namespace

RecordedKind recordedKsTests()
{
    return {.what = "two-sample Kolmogorov-Smirnov tests",
            .recognises =
                [](const Json& document) {
                    return hasKeys(document, {"cases"}) && document["cases"].is_array() &&
                           !document["cases"].empty() &&
                           hasKeys(document["cases"].front(), {"a", "b"});
                },
            .verify = &verifyKsFile};
}

RecordedKind recordedTruthRatios()
{
    return {.what = "truth ratios",
            .recognises =
                [](const Json& document) {
                    return hasKeys(document, {"perturbed_avg_loss"}) ||
                           hasKeys(document, {"utility_inputs", "model_utility_harmonic_mean"});
                },
            .verify = &verifyTruthFile};
}

} // namespace lacuna
