#include "core/methods/answer_terms.h"
#include "core/methods/method.h"

namespace lacuna {

MethodInfo llmu()
{
    return {.id = "llmu",
            .title = "Three terms: ascent, mismatched answers, original's distribution",
            .source = "Yao Y. et al. 2023, arXiv:2310.10683; Gundavarapu et al. 2024, "
                      "arXiv:2405.15152",
            .explanation =
                "Climbs the loss of the forget answers, trains answers that do not fit in their "
                "place, and holds the model to the original's predictions on normal text. The "
                "forget loss rises steadily; a lift of the retain term from the original's entropy "
                "is the alarm.",
            .normalisation = "SM",
            .params = {{.name = "ascent_weight",
                        .fallback = 0.5,
                        .min = 0,
                        .max = 1e6,
                        .help = "of the ascent on the forget answers",
                        .provenance = "the authors' code"},
                       {.name = "mismatch_weight",
                        .fallback = 1.0,
                        .min = 0,
                        .max = 1e6,
                        .help = "of the answers that do not fit",
                        .provenance = "the authors' code"},
                       {.name = "alternates",
                        .fallback = std::int64_t{5},
                        .min = 1,
                        .max = 100,
                        .help = "mismatched answers a question, drawn from the retain answers and "
                                "all trained in each step",
                        .provenance = "the authors' code"}},
            .retain = RetainUse::Required,
            .defaultRetain = "ce-reference",
            .answers = AnswerSource::Retain,
            .make = [](const ParamSet& p) {
                return std::make_unique<MismatchedAnswersTerm>(p.number("ascent_weight"),
                                                               p.number("mismatch_weight"),
                                                               p.integer("alternates"));
            }};
}

} // namespace lacuna
