#include "core/run/model_evaluation.h"

#include "core/guardrails/guardrail.h"
#include "core/models/device.h"
#include "core/run/run_evaluation.h"
#include "core/run/session.h"

namespace lacuna {

Recipe evaluationRecipe(const EvaluationRequest& request)
{
    Recipe recipe;
    recipe.model = request.model;
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

Result<ModelEvaluation> evaluateModel(const EvaluationRequest& request,
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
    const double share = guarded ? 0.5 : 1.0;
    auto outcome = evaluation.full(0, EvaluationPhase::Standalone,
                                   [&](double done) { return proceed(share * done); });
    if (!outcome)
        return ModelEvaluation{};
    ModelEvaluation result{.evaluations = std::move(outcome->evaluations)};
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
                          [&](double done) { return proceed(share + share * done); });
    if (!behind)
        return behind.error();
    if (!*behind)
        return ModelEvaluation{};
    for (Evaluation& one : (*behind)->evaluations)
        result.evaluations.push_back(std::move(one));
    result.guardrail = (*guardrail)->summary();
    return result;
}

} // namespace lacuna
