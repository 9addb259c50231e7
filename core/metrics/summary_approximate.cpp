#include "core/metrics/statistics.h"
#include "core/metrics/summary_parts.h"

#include <cmath>

/// Unlearning judged without a retrained model (Yao et al. 2024, arXiv:2402.15159, section 4;
/// unlearning reference 3.9): of what was forgotten the model should know as much as the original
/// does of text like it that it never saw.
namespace lacuna {
namespace {

constexpr const char* kSource = "Yao J. et al. 2024, arXiv:2402.15159; unlearning reference 3.9";
constexpr const char* kNeeds =
    " of the forget set from the model, and of a holdout set from the original";

/// \p metric of the forget set minus that of the original's holdout set, means over texts.
SummaryValue gapOf(const SummaryInput& input, const char* metric)
{
    if (input.original.empty())
        return missingValue("it compares with what the model before unlearning does on text that "
                            "it never saw; give its evaluation log with --original");
    const Evaluation* forget = findEvaluation(input.model, "forget", metric);
    const Evaluation* unseen = findEvaluation(input.original, "holdout", metric);
    const std::vector<double> ours = forget ? sampleNumbers(*forget) : std::vector<double>();
    const std::vector<double> theirs = unseen ? sampleNumbers(*unseen) : std::vector<double>();
    if (ours.empty())
        return missingValue("the log does not have it of the forget set, sample by sample; "
                            "evaluate the model on that set");
    if (theirs.empty())
        return missingValue("the original's log has no holdout set: text like the forget set that "
                            "it never saw; evaluate it with one (--holdout)");
    SummaryValue result{.value = mean(ours) - mean(theirs),
                        .count = static_cast<std::int64_t>(ours.size() + theirs.size())};
    Random random = randomOf(input, std::string("approximate ") + metric);
    const auto drawnMean = [&](const std::vector<double>& values) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            sum += values[random.below(values.size())];
        return sum / static_cast<double>(values.size());
    };
    if (ours.size() > 1 && theirs.size() > 1)
        result.interval = bootstrapInterval(input.confidence, input.resamples, [&] {
            const double drawn = drawnMean(ours);
            return drawn - drawnMean(theirs);
        });
    return result;
}

SummaryValue lossGapOf(const SummaryInput& input)
{
    SummaryValue result = gapOf(input, "nll");
    if (result.missing.empty())
        result.details.push_back({"perplexity-ratio", std::exp(result.value)});
    return result;
}

} // namespace

SummaryInfo approximateLossGap()
{
    return {.id = "approximate-loss-gap",
            .title = "Loss beside unseen text",
            .source = kSource,
            .reading =
                "How much harder the model finds the forget set than the original finds text "
                "like it that it never saw. 0: as if it had never been seen; below: it is "
                "still remembered; well above: it is avoided, which can be noticed too.",
            .goal = SummaryGoal::Zero,
            .range = "nats a token, any sign",
            .variant = "mean over texts of the token mean; forget minus the original's holdout",
            .needs = std::string("losses") + kNeeds,
            .compute = &lossGapOf};
}

SummaryInfo approximateAccuracyGap()
{
    return {
        .id = "approximate-accuracy-gap",
        .title = "Accuracy beside unseen text",
        .source = kSource,
        .reading = "The share of the forget set's tokens that the model gets right, less what "
                   "the original gets right of text like it that it never saw. 0: as if it had "
                   "never been seen; above: it is still remembered.",
        .goal = SummaryGoal::Zero,
        .range = "-1 to 1",
        .variant = "teacher forced argmax; forget minus the original's holdout",
        .needs = std::string("exact memorisation") + kNeeds,
        .compute = [](const SummaryInput& input) { return gapOf(input, "exact-memorization"); }};
}

} // namespace lacuna
