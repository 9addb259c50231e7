#include "core/metrics/membership.h"
#include "core/metrics/roc.h"
#include "core/metrics/statistics.h"
#include "core/metrics/summary_parts.h"

#include <fmt/format.h>

#include <cmath>

namespace lacuna {
namespace {

constexpr const char* kNoReferenceArea =
    "it compares with a model retrained without the forget set and there is none; give its "
    "evaluation log with --reference";

/// The area of an attack on the model, from its scores or as the log records it.
SummaryValue areaOf(const SummaryInput& input, const char* metric, const char* area)
{
    const AttackScores scores = attackScores(input.model, metric);
    if (!scores.missing.empty()) {
        const Evaluation* recorded = findEvaluation(input.model, "forget", area);
        if (!recorded || !std::isfinite(recorded->value))
            return missingValue(scores.missing);
        return {.value = recorded->value,
                .count = recorded->count,
                .warnings = {"the log holds the area without the scores behind it, so that there "
                             "is no interval"}};
    }
    const TwoGroups groups{.forget = scores.forget, .holdout = scores.holdout};
    const std::vector<RocPoint> curve = rocCurve(groups);
    Random random = randomOf(input, area);
    SummaryValue result{
        .value = aucOf(groups),
        .count = static_cast<std::int64_t>(scores.forget.size() + scores.holdout.size()),
        .interval = bootstrapAucInterval(groups, input.confidence, input.resamples, random),
        .details = {{"tpr-at-1-percent-fpr", truePositiveRateAt(curve, 0.01)},
                    {"tpr-at-5-percent-fpr", truePositiveRateAt(curve, 0.05)},
                    {"best-balanced-accuracy", bestBalancedAccuracy(curve)}}};
    if (result.interval->high < 0.5 && input.reference.empty())
        result.warnings.emplace_back(
            "below one half: forget texts look less trained on than text that was never seen, so "
            "that too much may have been forgotten, or the two sets differ in style; only a "
            "reference tells which");
    const AttackScores others = attackScores(input.reference, metric);
    if (others.missing.empty())
        result.details.push_back(
            {"reference-auc", aucOf({.forget = others.forget, .holdout = others.holdout})});
    return result;
}

SummaryInfo areaInfo(const char* id, const char* title, const char* source, const char* variant)
{
    return {.id = id,
            .title = title,
            .source = source,
            .reading = "Chance that an attacker who sees the scores tells a forget text from one "
                       "that was never trained on, taking forget for the trained one. 1: traces "
                       "are left; 0.5: none seen by this attack; towards 0: over-forgotten. The "
                       "goal is the reference's value, near 0.5 where holdout is like forget.",
            .goal = SummaryGoal::Reference,
            .range = "0 to 1",
            .variant = variant,
            .needs = "scores of the forget and the holdout set",
            .set = "forget",
            .metric = id};
}

/// Draws of the four groups' texts. Where model and reference have as many, they are the same texts
/// and drawn together.
Interval leakInterval(const SummaryInput& input, const AttackScores& ours,
                      const AttackScores* theirs, double epsilon)
{
    Random random = randomOf(input, "privleak");
    const ResampledAuc model({.forget = ours.forget, .holdout = ours.holdout});
    const ResampledAuc reference(
        theirs ? TwoGroups{.forget = theirs->forget, .holdout = theirs->holdout} : TwoGroups{});
    return bootstrapInterval(input.confidence, input.resamples, [&] {
        const DrawCounts forget = drawCounts(ours.forget.size(), random);
        const DrawCounts holdout = drawCounts(ours.holdout.size(), random);
        double base = 1 - kPrivLeakFallback;
        if (theirs) {
            const bool same =
                theirs->forget.size() == forget.size() && theirs->holdout.size() == holdout.size();
            base = same ? reference.area(forget, holdout)
                        : reference.area(drawCounts(theirs->forget.size(), random),
                                         drawCounts(theirs->holdout.size(), random));
        }
        return privLeak(model.area(forget, holdout), base, epsilon);
    });
}

/// \p fallback  take one half for the reference's area where there is no reference
SummaryValue leakOf(const SummaryInput& input, double epsilon, bool fallback)
{
    const AttackScores ours = attackScores(input.model, "min-k");
    if (!ours.missing.empty())
        return missingValue(ours.missing);
    const AttackScores theirs = attackScores(input.reference, "min-k");
    if (!input.reference.empty()) {
        if (!theirs.missing.empty())
            return missingValue("of the reference: " + theirs.missing);
        if (const auto difference = forgetSetsDiffer(input.model, input.reference))
            return missingValue(*difference);
    } else if (!fallback) {
        return missingValue(kNoReferenceArea);
    }
    const bool hasReference = !input.reference.empty();
    const double area = aucOf({.forget = ours.forget, .holdout = ours.holdout});
    const double base = hasReference ? aucOf({.forget = theirs.forget, .holdout = theirs.holdout})
                                     : 1 - kPrivLeakFallback;
    SummaryValue result{.value = privLeak(area, base, epsilon),
                        .count =
                            static_cast<std::int64_t>(ours.forget.size() + ours.holdout.size()),
                        .details = {{"auc", area}, {"reference-auc", base}}};
    if (!std::isfinite(result.value))
        return missingValue("the reference's area is 1, so that nothing can be divided by what is "
                            "left of it; compare the areas themselves");
    const Interval interval = leakInterval(input, ours, hasReference ? &theirs : nullptr, epsilon);
    if (std::isfinite(interval.low) && std::isfinite(interval.high))
        result.interval = interval;
    if (!hasReference) {
        result.variant = "open-unlearning, 1 - AUC, no reference: 0.5 in its place";
        result.warnings.emplace_back("without a reference it takes for granted that a retrained "
                                     "model's area would be one half; give its log with "
                                     "--reference");
    }
    if (1 - base < 0.1)
        result.warnings.emplace_back("the reference leaves little to divide by, so that the figure "
                                     "explodes; compare the areas themselves");
    return result;
}

SummaryInfo leakInfo()
{
    return {.source = "Shi W. et al. 2024, arXiv:2407.06460, eq. 4; unlearning reference 3.2",
            .reading = "How far Min-K sees the model otherwise than it sees a retrained one, in "
                       "percent. 0 is the goal; near -100 the forget set is still in plain sight, "
                       "above 0 it is further away than text that was never seen.",
            .goal = SummaryGoal::Zero,
            .range = "-100 and up",
            .needs = "Min-K scores of forget and holdout, of the model and of a reference"};
}

} // namespace

AttackScores attackScores(std::span<const Evaluation> evaluations, std::string_view metric)
{
    AttackScores scores;
    const auto take = [&](const char* set, std::vector<double>& values) {
        const Evaluation* found = findEvaluation(evaluations, set, metric);
        if (found && !found->missing.empty() && scores.missing.empty())
            scores.missing = found->missing;
        if (found)
            values = sampleNumbers(*found);
        if (values.empty() && scores.missing.empty())
            scores.missing = fmt::format("the log has no {} scores of the {} set; evaluate with "
                                         "forget and holdout texts and the membership attacks",
                                         metric, set);
    };
    take("forget", scores.forget);
    take("holdout", scores.holdout);
    return scores;
}

SummaryInfo lossArea()
{
    SummaryInfo info = areaInfo("mia-loss", "Membership by loss, AUC",
                                "Yeom et al. 2018, arXiv:1709.01604", "mean loss a token");
    info.compute = [](const SummaryInput& input) { return areaOf(input, "loss", "mia-loss"); };
    return info;
}

SummaryInfo zlibArea()
{
    SummaryInfo info =
        areaInfo("mia-zlib", "Membership by zlib, AUC", "Carlini et al. 2021, arXiv:2012.07805",
                 "mean loss by compressed bytes");
    info.compute = [](const SummaryInput& input) { return areaOf(input, "zlib", "mia-zlib"); };
    return info;
}

SummaryInfo minKArea()
{
    SummaryInfo info = areaInfo("mia-min-k", "Membership by Min-K, AUC",
                                "Shi et al. 2024, arXiv:2310.16789", "K = 0.4");
    info.compute = [](const SummaryInput& input) { return areaOf(input, "min-k", "mia-min-k"); };
    return info;
}

SummaryInfo minKPlusPlusArea()
{
    SummaryInfo info =
        areaInfo("mia-min-k-plus-plus", "Membership by Min-K++, AUC",
                 "Zhang J. et al. 2024, arXiv:2404.02936", "K = 0.4, variance at least 1e-6");
    info.compute = [](const SummaryInput& input) {
        return areaOf(input, "min-k-plus-plus", "mia-min-k-plus-plus");
    };
    return info;
}

SummaryInfo referenceArea()
{
    SummaryInfo info =
        areaInfo("mia-reference", "Membership by reference model, AUC",
                 "Carlini et al. 2021, arXiv:2012.07805", "loss minus the reference model's");
    info.compute = [](const SummaryInput& input) {
        return areaOf(input, "reference-loss", "mia-reference");
    };
    return info;
}

SummaryInfo gradNormArea()
{
    SummaryInfo info = areaInfo("mia-gradnorm", "Membership by gradient norm, AUC",
                                "Wang et al. 2024, arXiv:2402.17012", "mean of tensors' 2-norms");
    info.compute = [](const SummaryInput& input) {
        return areaOf(input, "gradnorm", "mia-gradnorm");
    };
    return info;
}

SummaryInfo privacyLeakage()
{
    SummaryInfo info = leakInfo();
    info.id = "privleak";
    info.title = "Privacy leakage";
    info.variant = "open-unlearning, 1 - AUC, 1e-10 in the denominator";
    info.compute = [](const SummaryInput& input) {
        return leakOf(input, kOpenUnlearningEpsilon, true);
    };
    return info;
}

SummaryInfo privacyLeakageMuse()
{
    SummaryInfo info = leakInfo();
    info.id = "privleak-muse";
    info.title = "Privacy leakage, MUSE";
    info.variant = "MUSE: forget as the non-member class, a reference required, nothing added";
    info.compute = [](const SummaryInput& input) { return leakOf(input, 0, false); };
    return info;
}

} // namespace lacuna
