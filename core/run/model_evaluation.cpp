#include "core/run/model_evaluation.h"

#include "core/models/device.h"
#include "core/run/run_evaluation.h"
#include "core/run/session.h"

namespace lacuna {

Recipe evaluationRecipe(const EvaluationRequest& request)
{
    Recipe recipe;
    recipe.model = request.model;
    recipe.forget.path = request.forget;
    recipe.retain.path = request.retain;
    recipe.holdout.path = request.holdout;
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

Result<std::vector<Evaluation>> evaluateModel(const EvaluationRequest& request,
                                              const std::function<bool(double)>& proceed)
{
    prepareTorch();
    Result<std::unique_ptr<Session>> session =
        openSession(evaluationRecipe(request), {}, [&](double) { return proceed(0.0); });
    if (!session)
        return session.error();
    if (!*session)
        return std::vector<Evaluation>{};
    RunEvaluation evaluation(**session, request.keepTokens);
    auto outcome = evaluation.full(0, EvaluationPhase::Standalone, proceed);
    return outcome ? std::move(outcome->evaluations) : std::vector<Evaluation>{};
}

} // namespace lacuna
