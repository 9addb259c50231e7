#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo invertedHinge()
{
    return {.id = "inverted-hinge",
            .title = "Inverted hinge",
            .source = "Cha et al. 2024, arXiv:2408.06621",
            .explanation =
                "Lowers the true token's probability and raises that of its strongest rival: 1 "
                "+ p(true) - max p(other), between 0 and 2. Stops pushing where another token "
                "has won.",
            .normalisation = "TM",
            .params = {},
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .make = [](const ParamSet&) { return std::make_unique<InvertedHingeTerm>(); }};
}

} // namespace lacuna
