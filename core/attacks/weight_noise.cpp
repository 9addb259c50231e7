#include "core/attacks/attack.h"
#include "core/attacks/kept_weights.h"
#include "core/base/rng.h"

#include <fmt/format.h>

#include <cmath>

namespace lacuna {
namespace {

AttackCost cost(const ParamSet& params)
{
    const auto passes = static_cast<double>(params.integer("seeds"));
    return {.scores = passes, .answers = passes};
}

/// Adds to \p weights normal noise of \p relative times their root mean square.
void disturb(at::Tensor& weights, double relative, Random& random)
{
    at::Tensor noise = at::empty(weights.sizes(), at::kFloat);
    float* values = noise.data_ptr<float>();
    for (std::int64_t i = 0; i < noise.numel(); ++i)
        values[i] = static_cast<float>(random.normal());
    const double size = weights.norm().item<double>() /
                        std::sqrt(static_cast<double>(std::max<std::int64_t>(weights.numel(), 1)));
    weights.add_(noise.to(weights.options()), relative * size);
}

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    const at::NoGradGuard noGrad;
    const std::int64_t seeds = params.integer("seeds");
    KeptWeights kept(target.decoder, blockMatrices(target.decoder));
    std::vector<AttackedSetting> settings;
    for (std::int64_t i = 0; i < seeds; ++i) {
        kept.restore();
        const std::int64_t seed = params.integer("seed") + i;
        Random random(derivedSeed(static_cast<std::uint64_t>(seed), "weight noise"));
        for (const KeptWeights::Kept& one : kept.weights())
            disturb(one.parameter->master, params.number("scale"), random);
        target.decoder.refresh();
        const std::vector<SampleScan> scans =
            scanTarget(target, target.decoder, target.samples,
                       static_cast<double>(i) / static_cast<double>(seeds));
        if (scans.empty())
            return std::vector<AttackedSetting>();
        settings.push_back(settingOf(fmt::format("seed {}", seed), {{"seed", seed}}, scans));
    }
    return settings;
}

} // namespace

AttackInfo weightNoise()
{
    return {.id = "weight-noise",
            .title = "Noise on the weights",
            .source = "unlearning reference, section 3",
            .explanation =
                "Every matrix of the blocks gets random noise, small beside its own weights. "
                "Knowledge that is merely held down by a finely tuned change can come up again "
                "when the change is blurred; knowledge that is gone cannot.",
            .reach = AttackReach::Weights,
            .params = {{.name = "scale",
                        .fallback = 0.05,
                        .min = 1e-6,
                        .max = 10,
                        .help = "noise relative to the matrix's root mean square",
                        .provenance = "this program's: blurs fine changes, leaves a model that "
                                      "still writes"},
                       {.name = "seeds",
                        .fallback = std::int64_t{3},
                        .min = 1,
                        .max = 50,
                        .help = "draws of the noise, each measured"},
                       {.name = "seed",
                        .fallback = std::int64_t{0},
                        .min = 0,
                        .help = "of the first draw"}},
            .cost = &cost,
            .run = &run};
}

} // namespace lacuna
