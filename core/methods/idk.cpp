#include "core/methods/method.h"
#include "core/methods/terms.h"

namespace lacuna {

MethodInfo idk()
{
    return {
        .id = "idk",
        .title = "Training to refuse",
        .source = "Maini et al. 2024, arXiv:2401.06121 (\"preference\" baseline); IdkNLL of "
                  "open-unlearning",
        .explanation =
            "Trains the forget questions on sentences such as \"I don't know\". The loss falls "
            "within an epoch while the truth loses its likelihood only slowly: the model learns "
            "to decline, not to forget, and may decline neighbouring questions too.",
        .normalisation = "TM",
        .params = {{.name = "alternates",
                    .fallback = std::int64_t{10},
                    .min = 1,
                    .max = 1000,
                    .help = "sentences drawn for each question; an epoch trains one of them",
                    .provenance = "TOFU draws a new one of about 100 each time"},
                   {.name = "joint_mean",
                    .fallback = false,
                    .help = "average refusals and retain answers as one batch, where the longer "
                            "retain answers weigh more",
                    .provenance = "open-unlearning keeps the two means apart; TOFU's own code "
                                  "joins them"}},
        .retain = RetainUse::Optional,
        .defaultRetain = "nll",
        .answers = AnswerSource::Refusals,
        .joinsMeans = true,
        .make = [](const ParamSet&) {
            return std::make_unique<LikelihoodTerm>(+1.0, TermInput{.own = false, .alternates = 1});
        }};
}

} // namespace lacuna
