#include "core/methods/answer_terms.h"
#include "core/methods/method.h"

namespace lacuna {

MethodInfo dpo()
{
    return {.id = "dpo",
            .title = "Direct preference optimisation with refusals",
            .source = "Rafailov et al. 2023, arXiv:2305.18290; Maini et al. 2024, arXiv:2401.06121",
            .explanation =
                "Makes a refusal more likely than it was, and the true answer less likely than it "
                "was, until their ratio has moved far enough. The loss starts at exactly "
                "(2/beta) ln 2. Watch the retain answers: the model easily learns to refuse "
                "everything.",
            .normalisation = "SS",
            .params = {{.name = "beta",
                        .fallback = 0.1,
                        .min = 1e-4,
                        .max = 10,
                        .help = "inverse temperature: how soon a preference that is won loses its "
                                "weight",
                        .provenance = "Maini et al. 2024 and open-unlearning"},
                       {.name = "two_over_beta",
                        .fallback = true,
                        .help = "multiply the loss by 2 / beta, so that its size compares with "
                                "npo's",
                        .provenance = "open-unlearning; TOFU's own code has no such factor"},
                       {.name = "alternates",
                        .fallback = std::int64_t{1},
                        .min = 1,
                        .max = 100,
                        .help = "preferred answers for each question; an epoch trains one of them",
                        .provenance = "each costs one pass of the original before the first step"}},
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .answers = AnswerSource::Refusals,
            .make = [](const ParamSet& p) {
                const double beta = p.number("beta");
                return std::make_unique<DpoTerm>(beta, p.flag("two_over_beta") ? 2 / beta : 1);
            }};
}

} // namespace lacuna
