#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo finetune()
{
    return {.id = "finetune",
            .title = "Fine-tuning",
            .source = "maximum likelihood",
            .explanation =
                "Trains on the forget file as plain data. This is how a model is made to "
                "know something, and how a reference is trained without the forget set. "
                "The loss falls; nothing is forgotten on purpose.",
            .normalisation = "TM",
            .params = {},
            .learns = true,
            .make = [](const ParamSet&) { return std::make_unique<LikelihoodTerm>(+1.0); }};
}

} // namespace lacuna
