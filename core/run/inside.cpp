#include "core/run/inside.h"

#include "core/base/rng.h"
#include "core/metrics/evaluation_interval.h"
#include "core/metrics/statistics.h"
#include "core/models/decoder.h"
#include "core/probe/lens.h"
#include "core/probe/similarity.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace lacuna {
namespace {

/// A metric's mean over its samples, with a bootstrap interval.
Evaluation meanOf(std::vector<SampleValue> samples, Evaluation evaluation,
                  const InsideOptions& options)
{
    evaluation.step = options.step;
    evaluation.phase = options.phase;
    evaluation.samples = std::move(samples);
    evaluation.count = static_cast<std::int64_t>(evaluation.samples.size());
    std::vector<double> values;
    for (const SampleValue& sample : evaluation.samples)
        values.push_back(sample.value);
    evaluation.value = mean(values);
    if (values.size() > 1) {
        Random random(derivedSeed(options.seed, evaluation.set + " " + evaluation.metric));
        evaluation.interval = bootstrapMeanInterval(values, 0.95, kIntervalResamples, random);
    }
    if (values.empty())
        evaluation.missing = "no sample has an answer to look for; give questions with answers";
    return evaluation;
}

Evaluation depthOf(const std::vector<LensReading>& readings, const InsideSet& set,
                   const InsideOptions& options)
{
    std::vector<SampleValue> samples;
    for (const LensReading& reading : readings)
        if (const std::optional<double> depth = reading.meanDepth(options.rank))
            samples.push_back({.sample = reading.sample, .value = *depth});
    return meanOf(
        std::move(samples),
        {.set = set.name, .metric = "lens-depth", .variant = fmt::format("rank-{}", options.rank)},
        options);
}

Evaluation cosineOf(const std::optional<Similarity>& similarity, const InsideSet& set,
                    const InsideOptions& options)
{
    Evaluation evaluation{.step = options.step,
                          .phase = options.phase,
                          .set = set.name,
                          .metric = "activation-cosine",
                          .variant = "scored-tokens"};
    if (!similarity) {
        evaluation.value = std::numeric_limits<double>::quiet_NaN();
        evaluation.missing =
            "it compares with the original model, and none is given; give its folder";
        return evaluation;
    }
    std::vector<SampleValue> samples;
    for (std::size_t i = 0; i < set.samples.size(); ++i)
        if (set.samples[i]->scoredCount() > 0)
            samples.push_back(
                {.sample = set.samples[i]->index, .value = similarity->sampleCosines[i]});
    return meanOf(std::move(samples), std::move(evaluation), options);
}

std::vector<LensLayer> lensLayers(const std::vector<LensReading>& readings, std::int64_t layers,
                                  std::int64_t rank)
{
    std::vector<LensLayer> out;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        LensLayer one{.layer = layer};
        double tokens = 0;
        for (const LensReading& reading : readings)
            for (std::size_t token = 0; token < reading.tokens.size(); ++token) {
                const std::size_t at = reading.at(layer, token);
                one.known += reading.ranks[at] <= rank ? 1 : 0;
                one.logProb += reading.logProbs[at];
                ++tokens;
            }
        one.known /= tokens; // of no tokens neither is a number
        one.logProb /= tokens;
        out.push_back(one);
    }
    return out;
}

} // namespace

const std::vector<InsideMetric>& insideMetrics()
{
    static const std::vector<InsideMetric> metrics = {
        {.id = "activation-cosine",
         .title = "Activations like the original's",
         .source = "RMU, Li N. et al. 2024, arXiv:2403.03218; unlearning reference 3.16",
         .reading = "How much the states inside point where they pointed in the original: the "
                    "cosine, a mean over the answer's tokens and the blocks. 1: nothing inside has "
                    "turned.",
         .range = "-1 to 1",
         .needs = "the original model",
         .better = Direction::Lower},
        {.id = "linear-probe",
         .title = "True from false by a line",
         .source = "Alain and Bengio 2016, arXiv:1610.01644; unlearning reference 3.16",
         .reading = "How often a straight cut through the states behind a block tells true from "
                    "false answers to questions that it was not fitted to. Near the baseline: "
                    "these states do not show it to a line; well above: the model still holds "
                    "what it may no longer say.",
         .range = "0 to 1, with the commoner class's share as the baseline",
         .needs = "ten questions or more with perturbed answers",
         .better = Direction::Lower}};
    return metrics;
}

Result<std::optional<InsideView>> lookInside(Decoder& decoder, Decoder* original,
                                             const InsideSet& set, const InsideOptions& options)
{
    const double lensShare = original ? 1.0 / 3 : 1.0; // a pass of three
    const auto part = [&](double begin, double width) {
        return WalkOptions{.tokenBudget = options.tokenBudget,
                           .proceed = [&options, begin, width](double share) {
                               return !options.proceed || options.proceed(begin + width * share);
                           }};
    };
    const auto readings = readLens(decoder, set.samples, part(0, lensShare));
    if (!readings)
        return std::optional<InsideView>();
    InsideView view{.set = set.name,
                    .lens = lensLayers(*readings, decoder.config().layers, options.rank)};
    if (original && !set.samples.empty()) {
        Result<std::optional<Similarity>> similarity =
            compareResiduals(decoder, *original, set.samples, part(lensShare, 1 - lensShare));
        if (!similarity)
            return similarity.error();
        if (!*similarity)
            return std::optional<InsideView>();
        view.similarity = std::move(**similarity);
    }
    view.evaluations = {depthOf(*readings, set, options), cosineOf(view.similarity, set, options)};
    return std::optional(std::move(view));
}

std::vector<Evaluation> probeEvaluations(const LinearProbe& probe, const std::string& set,
                                         const InsideOptions& options)
{
    std::vector<Evaluation> evaluations;
    for (const ProbedLayer& layer : probe.layers)
        evaluations.push_back({.step = options.step,
                               .phase = options.phase,
                               .set = set,
                               .metric = "linear-probe",
                               .variant = fmt::format("block-{}", layer.layer),
                               .value = layer.accuracy,
                               .count = probe.heldOut,
                               .interval = layer.interval});
    return evaluations;
}

} // namespace lacuna
