#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

RetainTermInfo retainCeReference()
{
    return {.id = "ce-reference",
            .title = "Cross-entropy to the original on the retain set",
            .source = "Yao Y. et al. 2023, arXiv:2310.10683; Yao J. et al. 2024, arXiv:2402.15159",
            .explanation = "Cross-entropy of the model's predictions to the original's: the same "
                           "gradient as kl, but starting from the original's entropy, which it "
                           "never falls below.",
            .params = {{.name = "positions",
                        .fallback = std::string("scored"),
                        .choices = {"scored", "all"},
                        .help = "which positions the mean is over; \"all\" counts the prompt too, "
                                "as the authors do"}},
            .keeps = KeptRows::Final,
            .make = [](const ParamSet& p) {
                return std::make_unique<DivergenceTerm>(
                    p.text("positions") == "all" ? RowChoice::All : RowChoice::Scored,
                    DivergenceTerm::Measure::CrossEntropy);
            }};
}

} // namespace lacuna
