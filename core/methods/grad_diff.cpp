#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo gradDiff()
{
    return {.id = "grad-diff",
            .title = "Gradient difference",
            .source = "Liu B. et al. 2022, arXiv:2203.12817; Maini et al. 2024, arXiv:2401.06121",
            .explanation =
                "Climbs the loss on the forget answers and descends it on the retain "
                "answers. The forget term has no bound, so its total turns negative while "
                "the retain loss can rise unseen: watch both curves, not their sum.",
            .normalisation = "TM",
            .params = {normalisationSpec()},
            .retain = RetainUse::Required,
            .defaultRetain = "nll",
            .make = [](const ParamSet& p) {
                return std::make_unique<LikelihoodTerm>(-1.0, TermInput{}, answerMeanOf(p));
            }};
}

} // namespace lacuna
