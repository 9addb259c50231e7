#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo maxEntropy()
{
    return {.id = "max-entropy",
            .title = "Maximum entropy",
            .source = "Yuan et al. 2024, arXiv:2410.08109",
            .explanation =
                "Flattens the predictions on the forget answers towards the uniform "
                "distribution, while the retain answers are trained. Bounded below by 0.",
            .normalisation = "TM",
            .params = {{.name = "positions",
                        .fallback = std::string("scored"),
                        .choices = {"scored", "all"},
                        .help = "which positions the mean is over; \"all\" counts the prompt too, "
                                "as the authors do"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .defaultForgetWeight = 0.1,
            .make = [](const ParamSet& p) {
                return std::make_unique<MaximumEntropyTerm>(
                    p.text("positions") == "all" ? RowChoice::All : RowChoice::Scored);
            }};
}

} // namespace lacuna
