#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo wga()
{
    return {.id = "wga",
            .title = "Weighted gradient ascent",
            .source = "Wang Q. et al. 2025, arXiv:2502.19301",
            .explanation =
                "Gradient ascent in which each token counts by its probability to the power "
                "beta: what has become unlikely no longer pushes. The forget curve rises and "
                "limits itself; the mean weight falls.",
            .normalisation = "TM",
            .params = {{.name = "beta",
                        .fallback = 1.0,
                        .min = 0,
                        .max = 100,
                        .help = "exponent of the weight; 0 is plain ascent",
                        .provenance = "Wang et al. 2025 and open-unlearning"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .make = [](const ParamSet& p) {
                return std::make_unique<WeightedAscentTerm>(
                    [beta = p.number("beta")](const at::Tensor& logProbs, const ScoredBatch&) {
                        return saturationImportance(logProbs, beta, 0);
                    });
            }};
}

} // namespace lacuna
