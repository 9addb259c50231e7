#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

RetainTermInfo retainNll()
{
    return {.id = "nll",
            .title = "Likelihood of the retain answers",
            .source = "Liu B. et al. 2022, arXiv:2203.12817",
            .explanation = "Ordinary training on the retain set beside the forgetting.",
            .params = {normalisationSpec()},
            .make = [](const ParamSet& p) {
                return std::make_unique<LikelihoodTerm>(+1.0, TermInput{}, answerMeanOf(p));
            }};
}

} // namespace lacuna
