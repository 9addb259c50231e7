#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo npo()
{
    return {.id = "npo",
            .title = "Negative preference optimisation",
            .source = "Zhang R. et al. 2024, arXiv:2404.05868, eq. 3",
            .explanation =
                "Makes the forget answers less likely than they were at the start, with a "
                "brake: a sequence that has become unlikely loses its weight. The loss "
                "starts at exactly (2/beta) ln 2 and decays towards 0; the forget curve "
                "rises and flattens.",
            .normalisation = "SS",
            .params = {{.name = "beta",
                        .fallback = 0.1,
                        .min = 1e-4,
                        .max = 10,
                        .help = "inverse temperature: how soon the brake takes hold",
                        .provenance = "Zhang et al. 2024 and open-unlearning"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "",
            .make = [](const ParamSet& p) { return std::make_unique<NpoTerm>(p.number("beta")); }};
}

} // namespace lacuna
