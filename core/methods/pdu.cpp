#include "core/methods/method.h"
#include "core/methods/token_terms.h"

#include <nlohmann/json.hpp>

namespace lacuna {

MethodInfo pdu()
{
    return {.id = "pdu",
            .title = "Primal-dual unlearning with flat logits",
            .source = "Entesari et al. 2025, arXiv:2506.05314",
            .explanation =
                "Flattens the logits of the forget answers, under the condition that the retain "
                "loss stays below a bound. The weight of the retain term is the price of that "
                "condition: it rises while the bound is broken and falls while there is room. "
                "Watch three curves: the flattening loss, the retain loss hugging its bound from "
                "below, and the weight.",
            .normalisation = "TM",
            .params = {{.name = "max_increase",
                        .fallback = 0.2,
                        .min = 0,
                        .max = 100,
                        .unit = "nats a token",
                        .help = "the bound, above the retain loss at the start",
                        .provenance = "a bound of 0.3 for TOFU in the authors' code"},
                       {.name = "dual_start",
                        .fallback = 50.0,
                        .min = 0,
                        .max = 1e6,
                        .help = "weight of the retain term at the start",
                        .provenance = "50 for MUSE, 100 for TOFU in the authors' code"},
                       {.name = "dual_rate",
                        .fallback = 5.0,
                        .min = 0,
                        .max = 1e6,
                        .help = "how fast the weight follows the broken bound",
                        .provenance = "5 for TOFU, 1 for MUSE in the authors' code"},
                       {.name = "dual_warmup_epochs",
                        .fallback = 1.0,
                        .min = 0,
                        .max = 1e6,
                        .unit = "epochs",
                        .help = "before the weight begins to move",
                        .provenance = "5 of 10 for TOFU in the authors' code"}},
            .retain = RetainUse::Required,
            .defaultRetain = "nll",
            .controls =
                [](const ParamSet& p) {
                    return Json::array({{{"id", "retain-constraint"},
                                         {"max_increase", p.number("max_increase")},
                                         {"start_weight", p.number("dual_start")},
                                         {"rate", p.number("dual_rate")},
                                         {"warmup_epochs", p.number("dual_warmup_epochs")}}});
                },
            .make = [](const ParamSet&) { return std::make_unique<FlatLogitsTerm>(); }};
}

} // namespace lacuna
