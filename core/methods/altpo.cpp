#include "core/methods/method.h"
#include "core/methods/term.h"

namespace lacuna {

MethodInfo dpo();

MethodInfo altPo()
{
    MethodInfo info = dpo();
    info.id = "altpo";
    info.title = "Alternate preference optimisation";
    info.source = "Mekala et al. 2024, arXiv:2409.13474";
    info.explanation =
        "Before the first step the model itself writes plausible other answers to the forget "
        "questions; then they are preferred over the truth as in dpo. The fact is replaced rather "
        "than the ability to answer, so that fluency is kept.";
    info.answers = AnswerSource::ModelWritten;
    info.params.push_back({.name = "temperature",
                           .fallback = 1.0,
                           .min = 0.1,
                           .max = 5,
                           .help = "of the sampling that writes the alternates"});
    info.params.push_back({.name = "instruction",
                           .fallback = std::string(),
                           .help = "what an instruction-tuned model is asked instead of the "
                                   "question, {question} and {answer} filled in; empty: the "
                                   "question alone"});
    return info;
}

} // namespace lacuna
