#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo ceU()
{
    return {.id = "ce-u",
            .title = "Cross-entropy unlearning",
            .source = "Yang B. 2025, arXiv:2503.01224",
            .explanation =
                "Pulls each prediction towards the model's own distribution without the true "
                "token. The push is bounded and vanishes as the token becomes unlikely; the "
                "loss tends to the entropy of what remains, not to 0.",
            .normalisation = "TM",
            .params = {{.name = "skip_first",
                        .fallback = std::int64_t{1},
                        .min = 0,
                        .max = 64,
                        .help = "tokens at the start of each answer that are left alone",
                        .provenance = "Yang 2025"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "",
            .make = [](const ParamSet& p) {
                return std::make_unique<CrossEntropyUnlearningTerm>(p.integer("skip_first"));
            }};
}

} // namespace lacuna
