#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/guardrails/catalog.h"
#include "core/run/recipe.h"
#include "core/store/records.h"

#include <functional>
#include <string>
#include <vector>

namespace lacuna {

/// What to measure of a model outside a run.
struct EvaluationRequest {
    std::string model;
    CorpusSpec forget;
    CorpusSpec retain;
    CorpusSpec holdout;
    std::string promptTemplate = kDefaultPromptFormat; ///< see Recipe::promptTemplate
    EvaluationSpec spec;
    std::string device = "auto";
    std::string precision = "float32";
    std::int64_t maxLength = 512;
    std::int64_t microBatchTokens = 2048;
    /// Keeps the loss of each scored token beside each sample's NLL, as "token_nll".
    bool keepTokens = false;
    /// Answers are measured with it too. Its corpora are those above.
    GuardrailSpec guardrail = {};
};

struct ModelEvaluation {
    /// Of the bare model; where a guardrail was asked for, also of the answers from behind it, in
    /// sets named "guardrail-forget" and so on.
    std::vector<Evaluation> evaluations;
    std::string guardrail; ///< what it was made of, in a sentence; empty: nothing to tell
};

/// What openSession() takes to measure a model: nothing in it is trained.
[[nodiscard]] Recipe evaluationRecipe(const EvaluationRequest& request);

/// All metrics of the catalogue on each corpus that is given, at most `spec.maxSamples` samples of
/// it. Loads the model for the call. Behind a guardrail only metrics that read answers are
/// computed: those that score text see the same weights and give the bare model's numbers.
/// \param proceed  progress in [0, 1]; false cancels, and the result is empty
[[nodiscard]] Result<ModelEvaluation> evaluateModel(const EvaluationRequest& request,
                                                    const std::function<bool(double)>& proceed);

} // namespace lacuna
