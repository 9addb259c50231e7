#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo ngDiff()
{
    return {
        .id = "ngdiff",
        .title = "Normalised gradient difference",
        .source = "Bu et al. 2024, arXiv:2410.22086",
        .explanation =
            "Gradient difference in which both gradients are brought to length 1 before they "
            "are added, so that the forget gradient can never swamp the retain gradient. The "
            "angle between the two is the curve to watch. The method finds its own learning rate: "
            "now and then it tries the step forwards and backwards and takes the length at "
            "which the retain loss is least.",
        .normalisation = "TM",
        .params = {{.name = "step_interval",
                    .fallback = std::int64_t{10},
                    .min = 0,
                    .max = 1e6,
                    .unit = "steps",
                    .help = "between two searches for the learning rate; 0: never, it is "
                            "training.learning_rate times the schedule",
                    .provenance = "Bu et al. 2024"},
                   {.name = "step_range",
                    .fallback = 4.0,
                    .min = 1,
                    .max = 1000,
                    .help = "the learning rate stays within so many times "
                            "training.learning_rate and that part of it",
                    .provenance = "a choice of this program: the parabola is measured on one "
                                  "batch"}},
        .retain = RetainUse::Required,
        .defaultRetain = "nll",
        .normalisesGradients = true,
        .searchesStep = true,
        .make = [](const ParamSet&) { return std::make_unique<LikelihoodTerm>(-1.0); }};
}

} // namespace lacuna
