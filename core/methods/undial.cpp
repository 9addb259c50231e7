#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo undial()
{
    return {
        .id = "undial",
        .title = "Self-distillation with adjusted logits",
        .source = "Dong et al. 2024, arXiv:2402.10052",
        .explanation =
            "Distils the original model into the current one after lowering the logit of "
            "each true token by beta. Bounded and stable over long runs; the loss decays to "
            "the entropy of the adjusted teacher.",
        .normalisation = "TM",
        .params = {{.name = "beta",
                    .fallback = 10.0,
                    .min = 0,
                    .max = 100,
                    .help = "by how much the true token's logit is lowered",
                    .provenance = "Dong et al. 2024"}},
        .retain = RetainUse::Optional,
        .defaultRetain = "",
        .keeps = KeptRows::Final,
        .make = [](const ParamSet& p) { return std::make_unique<UndialTerm>(p.number("beta")); }};
}

} // namespace lacuna
