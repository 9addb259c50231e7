#include "core/metrics/memorization.h"
#include "core/metrics/metric.h"
#include "core/metrics/rouge.h"

namespace lacuna {
namespace {

/// The flags of the answer's own tokens: EOS tells nothing about what is remembered. Nothing when
/// no token was scored; an answer of EOS alone is an empty one.
std::optional<std::vector<bool>> answerMatches(const SampleScan& scan)
{
    if (scan.matches.empty())
        return std::nullopt;
    std::vector<bool> flags = scan.matches;
    if (scan.endsWithEos)
        flags.pop_back();
    return flags;
}

} // namespace

MetricInfo extractionStrengthMetric()
{
    return {.id = "extraction-strength",
            .title = "Extraction strength",
            .source = "Wang et al. 2024, arXiv:2406.09179; unlearning reference 3.4",
            .reading = "How much of the answer the model writes by itself once it is given the "
                       "beginning: 1 is all of it, 0 nothing.",
            .variant = "exact (floor 0), EOS left out",
            .range = "0 to 1",
            .better = Direction::Lower,
            .perSample = [](const SampleScan& scan) {
                const auto matches = answerMatches(scan);
                return matches ? std::optional(extractionStrength(*matches)) : std::nullopt;
            }};
}

MetricInfo exactMemorizationMetric()
{
    return {.id = "exact-memorization",
            .title = "Exact memorisation",
            .source = "Tirumala et al. 2022, arXiv:2205.10770; unlearning reference 3.4",
            .reading = "Share of the answer's tokens that the model would have written itself.",
            .variant = "teacher forced argmax, EOS left out",
            .range = "0 to 1",
            .better = Direction::Lower,
            .perSample = [](const SampleScan& scan) {
                const auto matches = answerMatches(scan);
                return matches ? std::optional(exactMemorization(*matches)) : std::nullopt;
            }};
}

MetricInfo rougeLRecall()
{
    return {.id = "rouge-l",
            .title = "ROUGE-L recall",
            .source = "Lin 2004; Maini et al. 2024, arXiv:2401.06121",
            .reading = "How much of the true answer, word by word and in order, the model's own "
                       "answer contains.",
            .variant = "recall, Porter stemming, greedy decoding",
            .range = "0 to 1",
            .better = Direction::Lower,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = [](const SampleScan& scan) -> std::optional<double> {
                if (!scan.hasAnswer)
                    return std::nullopt;
                return rougeL(rougeTokens(scan.reference, Stemming::On),
                              rougeTokens(scan.generated, Stemming::On))
                    .recall;
            }};
}

} // namespace lacuna
