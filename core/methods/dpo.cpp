#include "core/methods/answer_terms.h"
#include "core/methods/method.h"

namespace lacuna {
namespace {

std::vector<ParamSpec> dpoParams()
{
    return {{.name = "beta",
             .fallback = 0.1,
             .min = 1e-4,
             .max = 10,
             .help = "inverse temperature: how soon a preference that is won loses its weight",
             .provenance = "Maini et al. 2024 and open-unlearning"},
            {.name = "two_over_beta",
             .fallback = true,
             .help = "multiply the loss by 2 / beta, so that its size compares with npo's",
             .provenance = "open-unlearning; TOFU's own code has no such factor"},
            {.name = "alternates",
             .fallback = std::int64_t{1},
             .min = 1,
             .max = 100,
             .help = "preferred answers for each question; an epoch trains one of them",
             .provenance = "each costs one pass of the original before the first step"}};
}

std::unique_ptr<Term> makeDpo(const ParamSet& p)
{
    const double beta = p.number("beta");
    return std::make_unique<DpoTerm>(beta, p.flag("two_over_beta") ? 2 / beta : 1);
}

} // namespace

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
            .params = dpoParams(),
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .answers = AnswerSource::Refusals,
            .make = makeDpo};
}

MethodInfo altPo()
{
    std::vector<ParamSpec> params = dpoParams();
    params.push_back({.name = "temperature",
                      .fallback = 1.0,
                      .min = 0.1,
                      .max = 5,
                      .help = "of the sampling that writes the alternates; raised where the model "
                              "writes nothing but the truth"});
    params.push_back(
        {.name = "instruction",
         .fallback = std::string(),
         .help = "what an instruction-tuned model is asked instead of the question, {question} and "
                 "{answer} filled in; empty: the question alone"});
    return {.id = "altpo",
            .title = "Alternate preference optimisation",
            .source = "Mekala et al. 2024, arXiv:2409.13474",
            .explanation =
                "Before the first step the model itself writes plausible other answers to the "
                "forget questions; then they are preferred over the truth as in dpo. The fact is "
                "replaced rather than the ability to answer, so that fluency is kept.",
            .normalisation = "SS",
            .params = std::move(params),
            .retain = RetainUse::Optional,
            .defaultRetain = "nll",
            .answers = AnswerSource::ModelWritten,
            .make = makeDpo};
}

} // namespace lacuna
