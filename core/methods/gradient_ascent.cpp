#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo gradientAscent()
{
    return {.id = "ga",
            .title = "Gradient ascent",
            .source = "Jang et al. 2022, arXiv:2210.01504; Maini et al. 2024, arXiv:2401.06121",
            .explanation =
                "Climbs the loss of the forget answers. The forget curve stays flat, bends "
                "at a knee and then diverges without bound; the retain loss follows a few "
                "steps later and the model ends in one repeated token.",
            .normalisation = "TM",
            .params = {normalisationSpec()},
            .make = [](const ParamSet& p) {
                return std::make_unique<LikelihoodTerm>(-1.0, TermInput{}, answerMeanOf(p));
            }};
}

} // namespace lacuna
