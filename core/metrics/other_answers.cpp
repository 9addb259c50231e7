#include "core/metrics/other_answers.h"

#include "core/metrics/metric.h"
#include "core/metrics/truth_ratio.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

/// The truth against which false answers are set: in other words where the data have them, so that
/// learning by heart is no advantage, and as it was taught otherwise.
std::optional<double> truthLoss(const SampleScan& scan)
{
    const std::vector<double> paraphrased = meanLosses(scan, OtherAnswerKind::Paraphrase);
    return paraphrased.empty() ? meanLoss(scan) : std::optional(paraphrased.front());
}

struct TruthAndFalsehoods {
    double truth; ///< mean loss, nats
    std::vector<double> perturbed;
};

std::optional<TruthAndFalsehoods> compared(const SampleScan& scan)
{
    std::vector<double> perturbed = meanLosses(scan, OtherAnswerKind::Perturbed);
    const std::optional<double> truth = truthLoss(scan);
    if (perturbed.empty() || !truth)
        return std::nullopt;
    return TruthAndFalsehoods{*truth, std::move(perturbed)};
}

double readRatio(double ratio, SetPurpose purpose)
{
    return truthRatioScore(ratio, purpose == SetPurpose::Forget ? TruthAggregate::CloserToOne
                                                                : TruthAggregate::TruthHigher);
}

/// \p formula of a sample that has false answers.
template <double (*formula)(const TruthLosses&)>
std::optional<double> ofTruth(const SampleScan& scan)
{
    const auto found = compared(scan);
    return found ? std::optional(formula({found->truth, found->perturbed})) : std::nullopt;
}

double geometricRatio(const TruthLosses& losses)
{
    return truthRatio(losses);
}

double geometricProbability(const TruthLosses& losses)
{
    return truthProbability(losses);
}

constexpr const char* kRatioReading =
    "How likely false answers are beside the true one. 1: the model prefers neither. On the forget "
    "set the aim is the value of a model that never knew, not 1; on other sets the number given is "
    "1 - ratio, and higher is better.";

} // namespace

std::vector<double> meanLosses(const SampleScan& scan, OtherAnswerKind kind)
{
    std::vector<double> losses;
    for (const AnswerScore& score : scan.others)
        if (score.kind == kind && score.tokens > 0)
            losses.push_back(-score.logProb / static_cast<double>(score.tokens));
    return losses;
}

std::optional<double> meanLoss(const SampleScan& scan)
{
    if (scan.logProbs.empty())
        return std::nullopt;
    return -std::accumulate(scan.logProbs.begin(), scan.logProbs.end(), 0.0) /
           static_cast<double>(scan.logProbs.size());
}

MetricInfo truthRatioMetric()
{
    return {.id = "truth-ratio",
            .title = "Truth ratio",
            .source = "Maini et al. 2024, arXiv:2401.06121; unlearning reference 3.1",
            .reading = kRatioReading,
            .variant = "geometric mean of the false answers; forget: min(R, 1/R), others: "
                       "max(0, 1 - R)",
            .range = "0 to 1",
            .better = Direction::Higher,
            .ofWriting = true,
            .perSample = &ofTruth<geometricRatio>,
            .contribution = &readRatio};
}

MetricInfo truthRatioArithmeticMetric()
{
    return {.id = "truth-ratio-arithmetic",
            .title = "Truth ratio, arithmetic",
            .source = "Maini et al. 2024, arXiv:2401.06121; unlearning reference 3.1",
            .reading = kRatioReading,
            .variant = "arithmetic mean of the false answers' probabilities; forget: min(R, 1/R), "
                       "others: max(0, 1 - R)",
            .range = "0 to 1",
            .better = Direction::Higher,
            .ofWriting = true,
            .perSample = &ofTruth<arithmeticTruthRatio>,
            .contribution = &readRatio};
}

MetricInfo truthProbabilityMetric()
{
    return {.id = "truth-probability",
            .title = "Truth probability",
            .source = "open-unlearning; unlearning reference 3.1",
            .reading = "Share of the truth in what the model gives to the truth and to a typical "
                       "false answer. 0.5: it prefers neither.",
            .variant = "p / (p + p of the false answers), geometric mean, token-length normalised",
            .range = "0 to 1",
            .better = Direction::Lower,
            .perSample = &ofTruth<geometricProbability>};
}

MetricInfo paraphraseProbabilityMetric()
{
    return {.id = "paraphrase-probability",
            .title = "Probability of the paraphrase",
            .source = "Maini et al. 2024, arXiv:2401.06121",
            .reading = "Probability of the truth in words that were not taught.",
            .variant = "exp(-mean token loss), EOS included",
            .range = "0 to 1",
            .better = Direction::Lower,
            .perSample = [](const SampleScan& scan) -> std::optional<double> {
                const auto losses = meanLosses(scan, OtherAnswerKind::Paraphrase);
                return losses.empty() ? std::nullopt : std::optional(std::exp(-losses.front()));
            }};
}

MetricInfo optionProbabilityMetric()
{
    return {.id = "option-probability",
            .title = "Probability among options",
            .source = "Maini et al. 2024, arXiv:2401.06121",
            .reading = "Share of the true answer in what the model gives to it and to the false "
                       "ones. With three false ones a model that knows nothing is near 0.25.",
            .variant = "exp(-mean token loss) of each, EOS included",
            .range = "0 to 1",
            .better = Direction::Lower,
            .perSample = [](const SampleScan& scan) -> std::optional<double> {
                const auto own = meanLoss(scan);
                const auto perturbed = meanLosses(scan, OtherAnswerKind::Perturbed);
                if (!own || perturbed.empty())
                    return std::nullopt;
                return optionProbability({*own, perturbed});
            }};
}

} // namespace lacuna
