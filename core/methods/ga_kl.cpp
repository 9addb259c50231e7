#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo gaKl()
{
    return {.id = "ga-kl",
            .title = "Gradient ascent with KL",
            .source = "Maini et al. 2024, arXiv:2401.06121; Shi et al. 2024, arXiv:2407.06460",
            .explanation =
                "Climbs the loss on the forget answers while the divergence from the "
                "original model's predictions on the retain set is kept small. That "
                "divergence starts at exactly 0; forgetting is slower and diverges later "
                "than with plain ascent.",
            .normalisation = "TM",
            .params = {normalisationSpec()},
            .retain = RetainUse::Required,
            .defaultRetain = "kl",
            .make = [](const ParamSet& p) {
                return std::make_unique<LikelihoodTerm>(-1.0, TermInput{}, answerMeanOf(p));
            }};
}

} // namespace lacuna
