#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

RetainTermInfo retainKl()
{
    return {
        .id = "kl",
        .title = "Divergence from the original on the retain set",
        .source = "Maini et al. 2024, arXiv:2401.06121",
        .explanation = "KL divergence of the model's predictions from the original's, direction "
                       "original to current, 0 at the start.",
        .params = {{.name = "positions",
                    .fallback = std::string("scored"),
                    .choices = {"scored", "all"},
                    .help = "which positions the mean is over; \"all\" counts the prompt too, as "
                            "TOFU and open-unlearning do"}},
        .keeps = KeptRows::Final,
        .make = [](const ParamSet& p) {
            return std::make_unique<DivergenceTerm>(
                p.text("positions") == "all" ? RowChoice::All : RowChoice::Scored);
        }};
}

} // namespace lacuna
