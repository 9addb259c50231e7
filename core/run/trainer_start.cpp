#include "core/run/trainer.h"

#include "core/models/checkpoint.h"
#include "core/run/alternates.h"
#include "core/run/known_baseline.h"
#include "core/run/reinforcement.h"

/// What a run does before its first step: references, and what is known of the original.
namespace lacuna {

bool Trainer::prepareObjective()
{
    if (writesAlternates(m_session.recipe, m_session.method, m_session.forget.raw)) {
        const std::optional<AnswerPool> written =
            writtenAlternates(m_session, m_folder / "alternates.jsonl", [&](double share) {
                return proceedIn("writing other answers", share);
            }).value();
        if (!written)
            return false;
        m_session.choose(*written).value();
    }
    m_objective.emplace(m_session);
    if (!m_session.recipe.newModel) // everything in a new one is new
        m_startWeights.emplace(m_session);
    if (!m_objective->prepare([&](double share) { return proceedIn("caching references", share); }))
        return false;
    return (!(**methods().find(m_session.method.id)).reinforces || reinforce()) && prepareMask();
}

bool Trainer::reinforce()
{
    m_commands.holdProbes(true);
    const bool finished = showReinforced(m_session, *m_objective, [&](double share) {
        return proceedIn("training further on what is to be forgotten", share);
    });
    m_commands.holdProbes(false);
    return finished;
}

bool Trainer::prepareMask()
{
    if (m_session.mask.id.empty())
        return true;
    const MaskInfo& info = **masks().find(m_session.mask.id);
    m_mask = info.make(m_session.mask.params);
    if (!info.needsStartGradient)
        return true;
    m_session.decoder->clearGradients();
    const auto finished = m_objective->forgetGradient(
        [&](double share) { return proceedIn("finding the weights that matter", share); });
    if (finished)
        m_mask->start(m_session.decoder->parameters());
    m_session.decoder->clearGradients();
    return finished.has_value();
}

bool Trainer::baseline()
{
    if (m_session.sequence) // no checkpoint could be read: what was given is measured first
        m_session.sequence->setAmount(1);
    m_runState = RunState::Baseline;
    m_recorder.state(m_runState);
    const std::vector<Evaluation> known = knownBaseline(m_recorder.store(), m_recorder.run());
    const std::unique_ptr<Decoder> reference = openReference(!known.empty());
    if (known.empty()) {
        // First the reference, beside which the original is summed up.
        if (!evaluateReference(reference.get()))
            return false;
        const auto before = m_evaluation.full(0, EvaluationPhase::Before, [&](double share) {
            return proceedIn("evaluating the original", share);
        });
        if (!before)
            return false;
        m_recorder.evaluations(0, EvaluationPhase::Before, before->evaluations);
    } else {
        m_recorder.log("the original was measured by another run of the group");
        m_evaluation.remember(known);
        m_recorder.evaluations(0, EvaluationPhase::Before, known);
    }
    if (!answerPinned(*m_session.decoder, ModelRole::Original) ||
        (reference && !answerPinned(*reference, ModelRole::Reference)))
        return false;
    resumeLearning();
    const auto subset = m_evaluation.subset(
        0, [&](double share) { return proceedIn("evaluating the original", share); });
    if (!subset)
        return false;
    m_recorder.evaluations(0, EvaluationPhase::During, subset->evaluations);
    m_state.forgetNllAtStart = subset->forgetNll;
    m_state.retainNllAtStart = subset->retainNll;
    if (m_fluency) {
        m_state.repetitionAtStart = m_fluency->repetition([&] { return serve(); });
        if (!m_state.repetitionAtStart)
            return false;
    }
    keepGood();
    return true;
}

std::unique_ptr<Decoder> Trainer::openReference(bool evaluated)
{
    const bool questioned = !m_session.recipe.evaluation.probes.empty();
    if (m_session.recipe.reference.empty() || !m_session.referenceLog.empty() ||
        (evaluated && !questioned))
        return {};
    const Decoder& own = *m_session.decoder;
    std::unique_ptr<Decoder> reference =
        loadDecoder(m_session.recipe.reference, own.device(), own.computeType()).value();
    if (reference->config().vocabulary != own.config().vocabulary)
        throw ErrorException(Error{.code = ErrorCode::InvalidArgument,
                                   .message = "the reference has another vocabulary than the model",
                                   .context = m_session.recipe.reference,
                                   .remedy = "use a reference trained with the same tokenizer"});
    return reference;
}

bool Trainer::evaluateReference(Decoder* reference)
{
    std::optional<RunEvaluation::Outcome> outcome;
    if (!m_session.referenceLog.empty())
        outcome = m_evaluation.reference(m_session.referenceLog);
    else if (reference)
        outcome = m_evaluation.reference(
            *reference, [&](double share) { return proceedIn("evaluating the reference", share); });
    else
        return true;
    if (!outcome)
        return false;
    m_recorder.evaluations(0, EvaluationPhase::Before, outcome->evaluations);
    return true;
}

bool Trainer::answerPinned(Decoder& decoder, ModelRole role)
{
    std::vector<AnswerReady> answers;
    for (const std::string& prompt : m_session.recipe.evaluation.probes) {
        answers.push_back(m_commands.answer(
            decoder, {.prompt = prompt, .maxNewTokens = m_session.recipe.evaluation.maxNewTokens},
            role, m_state.step));
        if (m_control.stopKind() >= StopKind::Discard)
            return false;
    }
    for (const AnswerReady& ready : answers)
        m_recorder.answer(ready);
    return true;
}

void Trainer::resumeLearning()
{
    const double scale = m_session.sequence ? m_session.method.params.number("scale") : 0;
    if (scale > 0) // origin - scale * (learned - origin) is what the request before left
        m_session.sequence->setAmount(-1 / scale);
}

} // namespace lacuna
