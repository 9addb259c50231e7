#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo tnpo()
{
    return {
        .id = "tnpo",
        .title = "Token-wise negative preference optimisation",
        .source = "Wang Q. et al. 2025, arXiv:2502.19301",
        .explanation =
            "As negative preference optimisation, with the brake on each token instead of "
            "the whole answer. The loss starts at exactly (2/beta) ln 2.",
        .normalisation = "TM",
        .params = {{.name = "beta",
                    .fallback = 1.0,
                    .min = 1e-4,
                    .max = 10,
                    .help = "inverse temperature: how soon the brake takes hold",
                    .provenance = "Wang et al. 2025"}},
        .retain = RetainUse::Optional,
        .defaultRetain = "nll",
        .make = [](const ParamSet& p) { return std::make_unique<TokenNpoTerm>(p.number("beta")); }};
}

} // namespace lacuna
