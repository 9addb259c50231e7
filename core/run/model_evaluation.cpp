#include "core/run/model_evaluation.h"

#include "core/base/guarded.h"
#include "core/base/set_names.h"
#include "core/guardrails/guardrail.h"
#include "core/metrics/evaluation_log.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/run/run_evaluation.h"
#include "core/run/session.h"

#include <iterator>

namespace lacuna {

Recipe evaluationRecipe(const EvaluationRequest& request)
{
    Recipe recipe;
    recipe.model = request.model;
    recipe.reference = request.reference;
    recipe.forget = request.forget;
    recipe.retain = request.retain;
    recipe.holdout = request.holdout;
    recipe.promptTemplate = request.promptTemplate;
    recipe.device = request.device;
    recipe.method = {{"id", "finetune"}}; // the session wants one
    recipe.controls = Json::array();
    recipe.evaluation = request.spec;
    recipe.training.precision = request.precision;
    recipe.training.maxLength = request.maxLength;
    recipe.training.microBatchTokens = request.microBatchTokens;
    return recipe;
}

namespace {

/// Evaluates the model of \p folder in the place of the session's own.
Result<std::unique_ptr<Decoder>> otherModel(const Session& session, const std::string& folder)
{
    const Decoder& own = *session.decoder;
    Result<std::unique_ptr<Decoder>> other = loadDecoder(folder, own.device(), own.computeType());
    if (other && (**other).config().vocabulary != own.config().vocabulary)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the model has another vocabulary than the one that is measured",
                     .context = folder,
                     .remedy = "compare models of one tokenizer, or give a saved evaluation log"};
    return other;
}

/// What the other models say, or their logs; false: cancelled.
Result<bool> measureOthers(const EvaluationRequest& request, const Session& session,
                           RunEvaluation& evaluation, std::vector<Evaluation>& found,
                           const std::function<bool(double)>& proceed)
{
    const auto take = [&](const std::vector<Evaluation>& evaluations) {
        found.insert(found.end(), evaluations.begin(), evaluations.end());
    };
    if (!session.referenceLog.empty()) {
        take(evaluation.reference(session.referenceLog).evaluations);
    } else if (!request.reference.empty()) {
        const auto model = otherModel(session, request.reference);
        if (!model)
            return model.error().at("--reference");
        const auto outcome = evaluation.reference(**model, proceed);
        if (!outcome)
            return false;
        take(outcome->evaluations);
    }
    if (request.original.empty())
        return true;
    std::vector<Evaluation> original;
    if (isReferenceLog(request.original)) {
        Result<EvaluationLog> log = readEvaluationLog(request.original);
        if (!log)
            return log.error().at("--original");
        original = std::move(log->evaluations);
    } else {
        const auto model = otherModel(session, request.original);
        if (!model)
            return model.error().at("--original");
        auto outcome = evaluation.original(**model, proceed);
        if (!outcome)
            return false;
        original = std::move(outcome->evaluations);
    }
    evaluation.remember(original);
    for (Evaluation& one : original) {
        one.phase = EvaluationPhase::Before;
        one.set.insert(0, kOriginalPrefix);
    }
    take(original);
    return true;
}

Result<ModelEvaluation> evaluate(const EvaluationRequest& request,
                                 const std::function<bool(double)>& proceed)
{
    const bool guarded = !request.guardrail.id.empty();
    if (const Status status =
            checkCorpora({request.guardrail, request.forget.path, request.retain.path});
        !status)
        return status.error();
    if (guarded && !request.spec.generate)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "a guardrail changes answers alone, and none are to be generated",
                     .context = request.guardrail.id,
                     .remedy = "let answers be generated, or leave the guardrail out"};
    prepareTorch();
    Result<std::unique_ptr<Session>> opened =
        openSession(evaluationRecipe(request), {}, [&](double) { return proceed(0.0); });
    if (!opened)
        return opened.error();
    if (!*opened)
        return ModelEvaluation{};
    Session& session = **opened;
    RunEvaluation evaluation(session, request.keepTokens);
    ModelEvaluation result;
    const double others = request.reference.empty() && request.original.empty() ? 0.0 : 0.5;
    const Result<bool> compared =
        measureOthers(request, session, evaluation, result.evaluations,
                      [&](double done) { return proceed(others * done); });
    if (!compared)
        return compared.error();
    if (!*compared)
        return ModelEvaluation{};
    const double share = guarded ? others + 0.5 * (1 - others) : 1.0;
    auto outcome = evaluation.full(0, EvaluationPhase::Standalone, [&](double done) {
        return proceed(others + (share - others) * done);
    });
    if (!outcome)
        return ModelEvaluation{};
    result.evaluations.insert(result.evaluations.begin(),
                              std::make_move_iterator(outcome->evaluations.begin()),
                              std::make_move_iterator(outcome->evaluations.end()));
    if (!guarded)
        return result;
    const PromptStyle usual;
    const auto guardrail =
        makeGuardrail(request.guardrail, {.decoder = *session.decoder,
                                          .tokenizer = *session.tokenizer,
                                          .style = session.style ? *session.style : usual,
                                          .forget = &session.forget.raw,
                                          .retain = session.retain ? &session.retain->raw : nullptr,
                                          .proceed = [&] { return proceed(share); }});
    if (!guardrail)
        return guardrail.error();
    if (!*guardrail)
        return ModelEvaluation{};
    Result<std::optional<RunEvaluation::Outcome>> behind =
        evaluation.behind(**guardrail, request.guardrail.id,
                          [&](double done) { return proceed(share + (1 - share) * done); });
    if (!behind)
        return behind.error();
    if (!*behind)
        return ModelEvaluation{};
    for (Evaluation& one : (*behind)->evaluations)
        result.evaluations.push_back(std::move(one));
    result.guardrail = (*guardrail)->summary();
    return result;
}

} // namespace

Result<ModelEvaluation> evaluateModel(const EvaluationRequest& request,
                                      const std::function<bool(double)>& proceed)
{
    return guardedResult([&] { return evaluate(request, proceed); });
}

} // namespace lacuna
