#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo adversarialLabels()
{
    return {.id = "adversarial-labels",
            .title = "Unlearning with adversarial samples",
            .source = "Yao J. et al. 2024, arXiv:2402.15159",
            .explanation =
                "Trains the forget texts on what the original model finds most probable besides "
                "the true token. Gentler than random labels, since the targets are plausible: "
                "the loss starts moderate and falls quickly while the second best token takes "
                "over.",
            .normalisation = "TM",
            .params = {},
            .retain = RetainUse::Optional,
            .defaultRetain = "",
            .make = [](const ParamSet&) { return std::make_unique<AdversarialLabelTerm>(); }};
}

} // namespace lacuna
