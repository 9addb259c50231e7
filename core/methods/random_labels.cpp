#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo randomLabels()
{
    return {.id = "random-labels",
            .title = "Fine-tuning with random labels",
            .source =
                "Golatkar et al. 2020, arXiv:1911.04933; Yao J. et al. 2024, arXiv:2402.15159",
            .explanation =
                "Trains the forget texts on targets drawn once at random from the vocabulary. "
                "The loss falls from above ln V towards ln V and stays there; the model is "
                "pushed towards saying anything at all, and other text suffers.",
            .normalisation = "TM",
            .params = {{.name = "label_seed",
                        .fallback = std::int64_t{0},
                        .min = 0,
                        .help = "of the random targets, which stay the same over the run",
                        .provenance = "Yao et al.: drawn once"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "",
            .make = [](const ParamSet& p) {
                return std::make_unique<RandomLabelTerm>(p.integer("label_seed"));
            }};
}

} // namespace lacuna
