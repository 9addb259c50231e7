#include "core/methods/method.h"
#include "core/methods/residual_terms.h"

namespace lacuna {

RetainTermInfo retainResidualDrift()
{
    return {.id = "residual-drift",
            .title = "Distance from the original's activations on the retain set",
            .source = "Li N. et al. 2024, arXiv:2403.03218; EMBED_DIFF of open-unlearning",
            .explanation = "Squared distance of one block's output from what it was in the "
                           "original, 0 at the start. Runs nothing above that block.",
            .params = {{.name = "layer",
                        .fallback = std::int64_t{-1},
                        .min = -1,
                        .help = "block, counted from 0, whose output is held; -1: a quarter of the "
                                "depth"},
                       {.name = "mean",
                        .fallback = residualMeanIds().front(),
                        .choices = residualMeanIds(),
                        .help = "what the distance is averaged over, as in rmu"}},
            .keeps = KeptRows::Residual,
            .make = [](const ParamSet& p) {
                return std::make_unique<ResidualDriftTerm>(p.integer("layer"),
                                                           residualMeanOf(p.text("mean")));
            }};
}

} // namespace lacuna
