#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

ParamSpec negationScale()
{
    return {.name = "scale",
            .fallback = 1.0,
            .min = 0,
            .max = 1000,
            .help = "how many times the learned change is subtracted; 0 leaves the original",
            .provenance = "1 in the papers; MUSE tries 1 to 16"};
}

MethodInfo taskVector()
{
    return {.id = "task-vector",
            .title = "Task-vector negation",
            .source = "Ilharco et al. 2023, arXiv:2212.04089",
            .explanation =
                "First learns the forget texts, then subtracts what that changed. While it runs "
                "the forget loss falls: the model learns what to subtract, and the effect shows "
                "only at the end. A small scale does nothing, a large one breaks language.",
            .normalisation = "TM",
            .params = {negationScale()},
            .learns = true,
            .negates = true,
            .make = [](const ParamSet&) { return std::make_unique<LikelihoodTerm>(+1.0); }};
}

} // namespace lacuna
