#include "core/metrics/kolmogorov_smirnov.h"
#include "core/metrics/statistics.h"
#include "core/metrics/summary_parts.h"

#include <fmt/format.h>

#include <cmath>

namespace lacuna {
namespace {

constexpr const char* kNoPerturbed =
    "the log has no truth ratios: it needs losses of paraphrased and of perturbed answers; "
    "evaluate on the set's \"perturbed\" file";
constexpr const char* kNoReference =
    "it compares with a model retrained without the forget set and there is none; give its "
    "evaluation log with --reference";

/// Raw ratios of the forget set; infinite ones count, they are ratios too.
std::vector<double> forgetRatios(std::span<const Evaluation> evaluations, const char* metric)
{
    std::vector<double> ratios;
    if (const Evaluation* found = findEvaluation(evaluations, "forget", metric))
        for (const SampleValue& sample : found->samples)
            if (!std::isnan(sample.value))
                ratios.push_back(sample.value);
    return ratios;
}

void warn(const KsResult& ks, double logFloor, std::vector<std::string>& warnings)
{
    if (ks.logP <= logFloor + 1e-6)
        warnings.emplace_back(
            "the p-value is the smallest that this many samples can give: the two "
            "samples do not overlap at all, and how far apart they are does not "
            "show in it");
    if (ks.pValue < 0.05)
        warnings.emplace_back("a small p-value says that the two differ and not which way: a model "
                              "that forgot too much gets one too");
    // With the model's ratios above the reference's, F1 lies below F2.
    if (ks.pValue < 0.05 && ks.sign < 0)
        warnings.emplace_back(
            "the model's truth ratios lie above the reference's: it holds falsehoods "
            "for likelier than a model that never saw the set does, which is a sign "
            "of too much forgotten");
    else if (ks.pValue >= 0.05)
        warnings.emplace_back(
            "indistinguishable in this test is not the same: it reads truth ratios "
            "only, and neither answers nor what an attack brings back");
}

SummaryValue qualityOf(const SummaryInput& input, const char* metric)
{
    if (input.reference.empty())
        return missingValue(kNoReference);
    const std::vector<double> ours = forgetRatios(input.model, metric);
    const std::vector<double> theirs = forgetRatios(input.reference, metric);
    if (ours.empty())
        return missingValue(kNoPerturbed);
    if (theirs.empty())
        return missingValue(std::string("of the reference: ") + kNoPerturbed);
    if (const auto difference = forgetSetsDiffer(input.model, input.reference))
        return missingValue(*difference);
    const KsResult ks = kolmogorovSmirnov(ours, theirs);
    const double logFloor = logKsFloor(static_cast<std::int64_t>(ours.size()),
                                       static_cast<std::int64_t>(theirs.size()));
    SummaryValue result{.value = ks.pValue,
                        .count = static_cast<std::int64_t>(ours.size()),
                        .details = {{"ks-statistic", ks.statistic},
                                    {"log10-p", ks.logP / std::log(10.0)},
                                    {"asymptotic-p", ks.asymptotic},
                                    {"log10-floor", logFloor / std::log(10.0)}}};
    if (!ks.exact)
        result.variant = "two-sample KS, asymptotic p: more than 10 000 samples";
    warn(ks, logFloor, result.warnings);
    return result;
}

SummaryValue ratioOf(const SummaryInput& input, const char* set)
{
    const Evaluation* found = findEvaluation(input.model, set, "truth-ratio");
    if (!found)
        return missingValue(kNoPerturbed);
    if (!found->missing.empty())
        return missingValue(found->missing);
    const std::vector<double> scores = averaged(*found);
    SummaryValue result{.value = scores.empty() ? found->value : mean(scores),
                        .count = found->count,
                        .interval = sampleInterval(*found, input)};
    if (!std::isfinite(result.value))
        return missingValue(kNoPerturbed);
    const Evaluation* arithmetic = findEvaluation(input.model, set, "truth-ratio-arithmetic");
    if (arithmetic && std::isfinite(arithmetic->value))
        result.details.push_back({"arithmetic", arithmetic->value});
    const Evaluation* probability = findEvaluation(input.model, set, "truth-probability");
    if (probability && std::isfinite(probability->value))
        result.details.push_back({"truth-probability", probability->value});
    return result;
}

SummaryInfo keptRatio(const char* set, const char* id, const char* title)
{
    return {.id = id,
            .title = title,
            .source = "Maini et al. 2024, arXiv:2401.06121; unlearning reference 3.1",
            .reading = "How much likelier the model holds the truth than falsehoods on what it "
                       "should keep: 1 is certain, 0 as likely or less.",
            .goal = SummaryGoal::Higher,
            .range = "0 to 1",
            .variant = "geometric, mean of max(0, 1 - R)",
            .needs = "losses of true and perturbed answers",
            .set = set,
            .metric = "truth-ratio"};
}

} // namespace

SummaryInfo forgetQuality()
{
    return {.id = "forget-quality",
            .title = "Forget quality",
            .source = "Maini et al. 2024, arXiv:2401.06121; unlearning reference 3.1",
            .reading = "Chance of a difference at least this large if the model treated truth and "
                       "falsehood about the forget set as one that never saw it does. Above 0.05 "
                       "the two cannot be told apart by this test; tiny values say that they can, "
                       "also when too much was forgotten.",
            .goal = SummaryGoal::Higher,
            .range = "0 to 1",
            .variant = "two-sample KS of raw geometric truth ratios, two-sided, exact p",
            .needs = "truth ratios of the forget set, of the model and of a reference",
            .compute = [](const SummaryInput& input) { return qualityOf(input, "truth-ratio"); }};
}

SummaryInfo forgetQualityArithmetic()
{
    SummaryInfo info = forgetQuality();
    info.id = "forget-quality-arithmetic";
    info.title = "Forget quality, arithmetic";
    info.variant = "two-sample KS of raw arithmetic truth ratios, two-sided, exact p";
    info.compute = [](const SummaryInput& input) {
        return qualityOf(input, "truth-ratio-arithmetic");
    };
    return info;
}

SummaryInfo forgetTruthRatio()
{
    return {.id = "truth-ratio-forget",
            .title = "Truth ratio, forget set",
            .source = "Maini et al. 2024, arXiv:2401.06121; unlearning reference 3.1",
            .reading = "1 where truth and falsehood about the forget set are equally likely, 0 "
                       "where one is certain. The goal is the reference's value and not 1.",
            .goal = SummaryGoal::Reference,
            .range = "0 to 1",
            .variant = "geometric, mean of min(R, 1/R)",
            .needs = "losses of paraphrased and perturbed answers",
            .set = "forget",
            .metric = "truth-ratio",
            .compute = [](const SummaryInput& input) { return ratioOf(input, "forget"); }};
}

SummaryInfo retainTruthRatio()
{
    SummaryInfo info = keptRatio("retain", "truth-ratio-retain", "Truth ratio, retain set");
    info.compute = [](const SummaryInput& input) { return ratioOf(input, "retain"); };
    return info;
}

SummaryInfo authorsTruthRatio()
{
    SummaryInfo info =
        keptRatio("real-authors", "truth-ratio-real-authors", "Truth ratio, real authors");
    info.compute = [](const SummaryInput& input) { return ratioOf(input, "real-authors"); };
    return info;
}

SummaryInfo factsTruthRatio()
{
    SummaryInfo info =
        keptRatio("world-facts", "truth-ratio-world-facts", "Truth ratio, world facts");
    info.compute = [](const SummaryInput& input) { return ratioOf(input, "world-facts"); };
    return info;
}

} // namespace lacuna
