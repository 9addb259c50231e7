#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo satImp()
{
    return {.id = "satimp",
            .title = "Saturation and importance",
            .source = "Yang P. et al. 2025, arXiv:2505.11953",
            .explanation =
                "Gradient ascent in which a token counts most while it is likely but not "
                "certain: weight p^beta1 (1 - p)^beta2. The authors weigh forget and retain 10 "
                "to 1; open-unlearning ships 1 to 10 (forget_weight 0.1).",
            .normalisation = "TM",
            .params = {{.name = "beta1",
                        .fallback = 5.0,
                        .min = 0,
                        .max = 100,
                        .help = "how soon an unlikely token is let go",
                        .provenance = "Yang et al. 2025"},
                       {.name = "beta2",
                        .fallback = 1.0,
                        .min = 0,
                        .max = 100,
                        .help = "how much a certain token is spared",
                        .provenance = "Yang et al. 2025"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .make = [](const ParamSet& p) {
                return std::make_unique<WeightedAscentTerm>(
                    [beta1 = p.number("beta1"),
                     beta2 = p.number("beta2")](const at::Tensor& logProbs, const ScoredBatch&) {
                        return saturationImportance(logProbs, beta1, beta2);
                    });
            }};
}

} // namespace lacuna
