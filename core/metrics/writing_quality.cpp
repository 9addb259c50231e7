#include "core/metrics/fluency.h"
#include "core/metrics/gibberish.h"
#include "core/metrics/metric.h"

namespace lacuna {
namespace {

/// Of how the model writes, whatever the truth is.
MetricInfo writingMetric(MetricInfo info)
{
    info.ofWriting = true;
    info.needsGeneration = true;
    info.family = MetricFamily::Writing;
    return info;
}

} // namespace

MetricInfo fluencyMetric()
{
    return writingMetric(
        {.id = "fluency",
         .title = "Fluency",
         .source = "RWKU: Jin et al. 2024, arXiv:2406.10890; unlearning reference 3.7",
         .reading = "How varied the model's own answers are, in bits: one that repeats a word "
                    "or says nothing has 0. Long answers have more than short ones, so compare "
                    "with the original's value.",
         .variant = "n-gram entropy, weights 2/3 and 4/3, greedy decoding",
         .range = "0 or more",
         .better = Direction::Higher,
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return scan.hasAnswer ? std::optional(gramEntropy(scan.generated)) : std::nullopt;
         }});
}

MetricInfo repetitionMetric()
{
    return writingMetric(
        {.id = "repetition",
         .title = "Repetition",
         .source = "Welleck et al. 2019, arXiv:1908.04319; unlearning reference 3.7",
         .reading = "Share of pairs of neighbouring words in the model's own answer that came "
                    "before in it. Fluent answers are near 0; an empty one counts as 1.",
         .variant = "rep-2, greedy decoding",
         .range = "0 to 1",
         .better = Direction::Lower,
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return scan.hasAnswer ? std::optional(repetitionOf(scan.generated)) : std::nullopt;
         }});
}

MetricInfo distinct2Metric()
{
    return writingMetric(
        {.id = "distinct-2",
         .title = "Different pairs of words",
         .source = "Li et al. 2016, arXiv:1510.03055; unlearning reference 3.7",
         .reading = "Different pairs of neighbouring words in the model's own answer by its "
                    "words. Fluent answers are near 1; loops, answers of one word and empty ones "
                    "near 0. Long answers have less than short ones.",
         .variant = "distinct-2, greedy decoding",
         .range = "0 to 1",
         .better = Direction::Higher,
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return scan.hasAnswer ? std::optional(fluency(scan.generated).distinct2)
                                   : std::nullopt;
         }});
}

MetricInfo emptyAnswerMetric()
{
    return writingMetric(
        {.id = "empty-answer",
         .title = "Empty answers",
         .source = "unlearning reference 3.7",
         .reading = "Share of questions that the model answers with nothing at all.",
         .variant = "white space alone is empty, greedy decoding",
         .range = "0 or 1, their mean is the rate",
         .better = Direction::Lower,
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             if (!scan.hasAnswer)
                 return std::nullopt;
             return fluency(scan.generated).empty ? 1 : 0;
         }});
}

MetricInfo cleannessMetric()
{
    return writingMetric(
        {.id = "clean-writing",
         .title = "Clean writing",
         .source = "Model-free stand-in for open-unlearning's gibberish classifier; unlearning "
                   "reference 3.7",
         .reading = "How far the model's own answers look like English: 1 is nothing unusual; "
                    "random characters, loops, pieces of words and shuffled words go towards 0, "
                    "empty answers are 0. It does not see whether anything is true or makes "
                    "sense, a third of all shuffled sentences pass, and other languages, code and "
                    "lists of names score lower than they deserve.",
         .variant = "letters, word order, small words, marks, repetition; greedy decoding",
         .range = "0 to 1",
         .better = Direction::Higher,
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             return scan.hasAnswer ? std::optional(cleanness(writingSigns(scan.generated)))
                                   : std::nullopt;
         }});
}

MetricInfo gibberishMetric()
{
    return writingMetric(
        {.id = "gibberish-rate",
         .title = "Gibberish rate",
         .source = "Model-free stand-in for open-unlearning's gibberish classifier; unlearning "
                   "reference 3.7",
         .reading = "Share of the model's own answers whose writing is so unusual that they "
                    "count as gibberish, empty ones among them. English only; see clean writing "
                    "for what it cannot see.",
         .variant = "clean writing below 0.5, greedy decoding",
         .range = "0 or 1, their mean is the rate",
         .better = Direction::Lower,
         .perSample = [](const SampleScan& scan) -> std::optional<double> {
             if (!scan.hasAnswer)
                 return std::nullopt;
             return cleanness(writingSigns(scan.generated)) < kGibberishBelow ? 1 : 0;
         }});
}

} // namespace lacuna
