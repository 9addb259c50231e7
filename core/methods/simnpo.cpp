#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo simNpo()
{
    return {
        .id = "simnpo",
        .title = "Simple negative preference optimisation",
        .source = "Fan et al. 2024, arXiv:2410.07163",
        .explanation =
            "Makes the forget answers less likely without a reference model: the mean loss "
            "of a token of each answer goes through the sigmoid, so that short answers that "
            "are still likely are pushed most. The loss starts near (2/beta) ln 2 where the "
            "answers are known by heart and falls smoothly towards 0.",
        .normalisation = "SM",
        .params = {{.name = "beta",
                    .fallback = 4.5,
                    .min = 1e-3,
                    .max = 100,
                    .help =
                        "how sharply an answer that is still likely is told from one that is not",
                    .provenance = "authors, TOFU forget10"},
                   {.name = "delta",
                    .fallback = 0.0,
                    .min = -10,
                    .max = 10,
                    .help = "margin: nats a token beyond which an answer counts as forgotten",
                    .provenance = "authors"}},
        .retain = RetainUse::Optional,
        .defaultRetain = "nll",
        .defaultForgetWeight = 0.125,
        .make = [](const ParamSet& p) {
            return std::make_unique<SimNpoTerm>(p.number("beta"), p.number("delta"));
        }};
}

} // namespace lacuna
