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
    /// A model without the forget set, or its saved log, beside which the model is summed up;
    /// empty: none.
    std::string reference = {};
    /// The model before unlearning, or its saved log; empty: none.
    std::string original = {};
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
    /// sets named "guardrail-forget" and so on; of a reference model, in "reference-forget" and so
    /// on, and of an original one in "original-forget".
    std::vector<Evaluation> evaluations;
    std::string guardrail; ///< what it was made of, in a sentence; empty: nothing to tell
};

/// What openSession() takes to measure a model: nothing in it is trained.
[[nodiscard]] Recipe evaluationRecipe(const EvaluationRequest& request);

/// All metrics of the catalogue on each set of the suite, which by default are the corpora that are
/// given, at most `spec.maxSamples` samples of it, and what they say together. Loads the model for
/// the call. Behind a guardrail only metrics that read answers are computed: those that score text
/// see the same weights and give the bare model's numbers. \param proceed  progress in [0, 1];
/// false cancels, and the result is empty
[[nodiscard]] Result<ModelEvaluation> evaluateModel(const EvaluationRequest& request,
                                                    const std::function<bool(double)>& proceed);

} // namespace lacuna
