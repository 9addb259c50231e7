#include "core/metrics/membership.h"
#include "core/metrics/roc.h"
#include "core/metrics/statistics.h"
#include "core/metrics/summary_parts.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace lacuna {
namespace {

constexpr const char* kSource = "Dorna et al. 2025, arXiv:2506.12618; unlearning reference 3.8";

/// 1 - the mean of a metric of the forget set.
NamedValue forgotten(const SummaryInput& input, const char* metric)
{
    NamedValue part{.id = fmt::format("1 - {}", metric)};
    const Evaluation* found = findEvaluation(input.model, "forget", metric);
    const std::vector<double> values = found ? averaged(*found) : std::vector<double>();
    const double value = !values.empty() ? mean(values) : found ? found->value : std::nan("");
    if (!std::isfinite(value))
        part.value = missingValue(
            found && !found->missing.empty()
                ? found->missing
                : "the log does not have it of the forget set; evaluate on its \"perturbed\" file");
    else
        part.value = {.value = 1 - value, .count = found->count};
    return part;
}

SummaryValue memorizationOf(const SummaryInput& input)
{
    return harmonicOf(
        {forgotten(input, "extraction-strength"), forgotten(input, "exact-memorization"),
         forgotten(input, "paraphrase-probability"), forgotten(input, "truth-probability")});
}

NamedValue closenessOf(const SummaryInput& input, const char* metric)
{
    NamedValue part{.id = fmt::format("{} closeness", metric)};
    const AttackScores ours = attackScores(input.model, metric);
    const AttackScores theirs = attackScores(input.reference, metric);
    if (!ours.missing.empty())
        part.value = missingValue(ours.missing);
    else if (!theirs.missing.empty())
        part.value = missingValue("of the reference: " + theirs.missing);
    else
        part.value = {.value =
                          closeness(aucOf({.forget = ours.forget, .holdout = ours.holdout}),
                                    aucOf({.forget = theirs.forget, .holdout = theirs.holdout})),
                      .count = static_cast<std::int64_t>(ours.forget.size() + ours.holdout.size())};
    return part;
}

SummaryValue privacyOf(const SummaryInput& input)
{
    if (input.reference.empty())
        return missingValue("it compares with a model retrained without the forget set and there "
                            "is none; give its evaluation log with --reference");
    if (const auto difference = forgetSetsDiffer(input.model, input.reference))
        return missingValue(*difference);
    return harmonicOf({closenessOf(input, "loss"), closenessOf(input, "zlib"),
                       closenessOf(input, "min-k"), closenessOf(input, "min-k-plus-plus")});
}

/// Whatever says how well formed the answers to the forget set are, in order of preference:
/// open-unlearning's classifier, of whose logs "gibberish" is the probability of clean text, our
/// stand-in for it, and the variety of words.
constexpr std::array<const char*, 3> kFluency = {"gibberish", "clean-writing", "fluency"};

NamedValue relativeFluency(const SummaryInput& input)
{
    NamedValue part{.id = "fluency by the original's"};
    for (const char* metric : kFluency) {
        const Evaluation* ours = findEvaluation(input.model, "forget", metric);
        const Evaluation* before = findEvaluation(input.original, "forget", metric);
        if (!ours || !before || !std::isfinite(ours->value) || !(before->value > 0))
            continue;
        part.id = fmt::format("{} by the original's", metric);
        part.value = {.value = ours->value / before->value, .count = ours->count};
        return part;
    }
    part.value = missingValue("both logs need the fluency of answers to the forget set, and the "
                              "original's must not be 0; evaluate both with answers generated");
    return part;
}

NamedValue relativeUtility(const SummaryInput& input)
{
    NamedValue part{.id = "model utility by the original's"};
    const SummaryInfo info = modelUtility();
    SummaryInput after = input;
    after.resamples = 1; // its interval is not needed here
    SummaryInput before = after;
    before.model = input.original;
    const SummaryValue ours = info.compute(after);
    const SummaryValue theirs = info.compute(before);
    if (!ours.missing.empty())
        part.value = missingValue(ours.missing);
    else if (!theirs.missing.empty())
        part.value = missingValue("of the original: " + theirs.missing);
    else if (theirs.value == 0)
        part.value = missingValue("the original's model utility is 0; check its log");
    else
        part.value = {
            .value = ours.value / theirs.value, .count = ours.count, .warnings = ours.warnings};
    return part;
}

SummaryValue utilityOf(const SummaryInput& input)
{
    if (input.original.empty())
        return missingValue("it compares with the model before unlearning and its log is not "
                            "given; give it with --original");
    return harmonicOf({relativeUtility(input), relativeFluency(input)});
}

SummaryValue overallOf(const SummaryInput& input)
{
    return harmonicOf({{"memorisation score", memorizationOf(input)},
                       {"privacy score", privacyOf(input)},
                       {"utility score", utilityOf(input)}});
}

} // namespace

SummaryInfo memorizationScore()
{
    return {.id = "memorization-score",
            .title = "Memorisation score",
            .source = kSource,
            .reading = "How little of the forget set the model still reproduces: 1 nothing, 0 all "
                       "of it. A model retrained without the set does not reach 1 either.",
            .goal = SummaryGoal::Higher,
            .range = "0 to 1",
            .variant = "harmonic mean of four; on the questions of the log",
            .needs = "extraction strength, exact memorisation, paraphrase and truth probability",
            .compute = &memorizationOf};
}

SummaryInfo privacyScore()
{
    return {.id = "privacy-score",
            .title = "Privacy score",
            .source = kSource,
            .reading = "How alike four membership attacks find the model and a retrained one: 1 "
                       "not to be told apart by them.",
            .goal = SummaryGoal::Higher,
            .range = "0 to 1",
            .variant = "harmonic mean of the closeness of four areas",
            .needs = "membership scores of forget and holdout, of the model and of a reference",
            .compute = &privacyOf};
}

SummaryInfo utilityScore()
{
    return {.id = "utility-score",
            .title = "Utility score",
            .source = kSource,
            .reading = "What is left of the original's knowledge and fluency: 1 all of it.",
            .goal = SummaryGoal::Higher,
            .range = "0 and up, 1 for the original",
            .variant = "harmonic mean of model utility and fluency, each by the original's",
            .needs = "model utility and fluency, of the model and of the original",
            .compute = &utilityOf};
}

SummaryInfo overallScore()
{
    return {.id = "overall-score",
            .title = "Overall score",
            .source = kSource,
            .reading = "The three scores in one. Which model comes first depends on how they are "
                       "combined, so read the parts.",
            .goal = SummaryGoal::Higher,
            .range = "0 and up",
            .variant = "harmonic mean of memorisation, privacy and utility score",
            .needs = "what the three need",
            .compute = &overallOf};
}

} // namespace lacuna
