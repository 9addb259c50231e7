#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo ngDiff()
{
    return {.id = "ngdiff",
            .title = "Normalised gradient difference",
            .source = "Bu et al. 2024, arXiv:2410.22086",
            .explanation =
                "Gradient difference in which both gradients are brought to length 1 before they "
                "are added, so that the forget gradient can never swamp the retain gradient. The "
                "angle between the two is the curve to watch.",
            .normalisation = "TM",
            .params = {},
            .retain = RetainUse::Required,
            .defaultRetain = "nll",
            .normalisesGradients = true,
            .make = [](const ParamSet&) { return std::make_unique<LikelihoodTerm>(-1.0); }};
}

} // namespace lacuna
