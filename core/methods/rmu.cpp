#include "core/methods/method.h"
#include "core/methods/residual_terms.h"

namespace lacuna {

MethodInfo rmu()
{
    return {.id = "rmu",
            .title = "Representation misdirection",
            .source = "Li N. et al. 2024, arXiv:2403.03218",
            .explanation =
                "Pushes what an early block passes on for forget text towards one random "
                "direction, and holds it in place for retain text. Nothing above that block is "
                "run, so that a step is cheap. The forget loss drops within tens of steps; "
                "answers become gibberish, and a little training brings them back.",
            .normalisation = "SM",
            .params = {{.name = "layer",
                        .fallback = std::int64_t{-1},
                        .min = -1,
                        .help = "block, counted from 0, whose output is pushed; -1: a quarter of "
                                "the depth",
                        .provenance = "7 of 32 in the paper"},
                       {.name = "coefficient",
                        .fallback = 2.0,
                        .min = 1e-3,
                        .max = 1e5,
                        .help = "length of the direction; must exceed what the block gives by "
                                "itself: try powers of ten",
                        .provenance = "open-unlearning; 6.5 to 20 for models of 7 billion"},
                       {.name = "mean",
                        .fallback = residualMeanIds().front(),
                        .choices = residualMeanIds(),
                        .help = "what the distance is averaged over: scored tokens of each "
                                "sequence, \"crossed\" as open-unlearning sums them, or \"all\" "
                                "tokens as the authors do"},
                       {.name = "direction_seed",
                        .fallback = std::int64_t{0},
                        .min = 0,
                        .help = "of the random direction"}},
            .retain = RetainUse::Required,
            .defaultRetain = "residual-drift",
            .make = [](const ParamSet& p) {
                return std::make_unique<MisdirectionTerm>(MisdirectionTerm::Settings{
                    .layer = p.integer("layer"),
                    .coefficient = p.number("coefficient"),
                    .mean = residualMeanOf(p.text("mean")),
                    .seed = static_cast<std::uint64_t>(p.integer("direction_seed"))});
            }};
}

} // namespace lacuna
