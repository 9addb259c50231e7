#include "core/methods/answer_terms.h"
#include "core/methods/method.h"

#include <nlohmann/json.hpp>

namespace lacuna {

ParamSpec negationScale();

MethodInfo ssu()
{
    return {
        .id = "ssu",
        .title = "Stable sequential unlearning",
        .source = "Dou et al. 2024, arXiv:2406.10952",
        .explanation =
            "Learns the forget answers, with answers of other passages mixed in as controlled "
            "noise, moving only entries with a large gradient; then subtracts what that "
            "changed. The forget loss falls while it runs: the model learns what to subtract. "
            "Made for requests that arrive one after another.",
        .normalisation = "SM",
        .params = {{.name = "mismatch_weight",
                    .fallback = 1.0,
                    .min = 0,
                    .max = 1e6,
                    .help = "of the answers from other passages",
                    .provenance = "the authors' configuration"},
                   {.name = "alternates",
                    .fallback = std::int64_t{5},
                    .min = 1,
                    .max = 100,
                    .help = "answers of other passages for each one, all trained in each step",
                    .provenance = "the authors' configuration"},
                   {.name = "deviations",
                    .fallback = 0.0,
                    .min = -1000,
                    .max = 1000,
                    .help = "an entry moves when its gradient is so many standard deviations "
                            "above the mean; very negative: all move",
                    .provenance = "the authors' configuration"},
                   negationScale()},
        .answers = AnswerSource::Forget,
        .learns = true,
        .negates = true,
        .mask =
            [](const ParamSet& p) {
                return Json{{"id", "gradient-threshold"}, {"deviations", p.number("deviations")}};
            },
        .make =
            [](const ParamSet& p) {
                // Descent on the true answers: they are learned.
                return std::make_unique<MismatchedAnswersTerm>(-1.0, p.number("mismatch_weight"),
                                                               p.integer("alternates"));
            }};
}

} // namespace lacuna
