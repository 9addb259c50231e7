#include "core/metrics/fluency.h"
#include "core/metrics/metric.h"

namespace lacuna {

MetricInfo fluencyMetric()
{
    return {.id = "fluency",
            .title = "Fluency",
            .source = "RWKU: Jin et al. 2024, arXiv:2406.10890; unlearning reference 3.7",
            .reading = "How varied the model's own answers are, in bits: one that repeats a word "
                       "or says nothing has 0. Long answers have more than short ones, so compare "
                       "with the original's value.",
            .variant = "n-gram entropy, weights 2/3 and 4/3, greedy decoding",
            .range = "0 or more",
            .better = Direction::Higher,
            .ofWriting = true,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = [](const SampleScan& scan) -> std::optional<double> {
                return scan.hasAnswer ? std::optional(gramEntropy(scan.generated)) : std::nullopt;
            }};
}

MetricInfo repetitionMetric()
{
    return {.id = "repetition",
            .title = "Repetition",
            .source = "Welleck et al. 2019, arXiv:1908.04319; unlearning reference 3.7",
            .reading = "Share of pairs of neighbouring words in the model's own answer that came "
                       "before in it. Fluent answers are near 0; an empty one counts as 1.",
            .variant = "rep-2, greedy decoding",
            .range = "0 to 1",
            .better = Direction::Lower,
            .ofWriting = true,
            .needsGeneration = true,
            .family = MetricFamily::Writing,
            .perSample = [](const SampleScan& scan) -> std::optional<double> {
                return scan.hasAnswer ? std::optional(repetitionOf(scan.generated)) : std::nullopt;
            }};
}

} // namespace lacuna
