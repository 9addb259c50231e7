#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo lossSelection()
{
    return {
        .id = "loss-selection",
        .title = "Ascent on the best known tokens",
        .source = "Wang Q. et al. 2024, arXiv:2406.09179 (UWC)",
        .explanation =
            "Gradient ascent on the share of each answer that the model knows best; tokens "
            "that it already misses are left alone. The sum is divided by all scored "
            "tokens, so that share 1 is plain ascent.",
        .normalisation = "TM",
        .params = {{.name = "share",
                    .fallback = 0.8,
                    .min = 0.01,
                    .max = 1,
                    .help = "of each answer, the tokens with the lowest loss",
                    .provenance = "UWC"},
                   {.name = "temperature",
                    .fallback = 1.0,
                    .min = 0.01,
                    .max = 100,
                    .help = "what logits are divided by inside the ascent: above 1 softens its "
                            "gradient",
                    .provenance = "UWC's example is 2"}},
        .retain = RetainUse::Optional,
        .defaultRetain = "nll",
        .make = [](const ParamSet& p) {
            return std::make_unique<WeightedAscentTerm>(
                [share = p.number("share")](const at::Tensor& logProbs, const ScoredBatch& batch) {
                    return lowestLosses(logProbs, batch, share);
                },
                p.number("temperature"));
        }};
}

} // namespace lacuna
