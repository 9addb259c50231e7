#pragma once

#include "app/run_record.h"
#include "core/base/result.h"
#include "core/run/model_evaluation.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// One of a run's models, to be measured apart from the run.
struct MeasuredModel {
    ModelRole role = ModelRole::Current;
    std::string folder;
    /// Why it cannot be measured; nothing: it can.
    std::optional<Error> refusal = {};
};

/// Original, unlearned and reference as \p record names them. Looks at the disk.
[[nodiscard]] std::vector<MeasuredModel> modelsOf(const RunRecord& record);

/// What \p record's run measures before and after, of a model that is still to be named.
[[nodiscard]] EvaluationRequest requestOf(const RunRecord& record);

/// What \p request says of \p models, of each by the same samples. The original's sets are named
/// "original-forget" and so on, the reference's "reference-forget"; a reference that is a saved
/// log can only stand beside the unlearned model.
/// \param proceed  progress in [0, 1]; false cancels, and the result is empty
[[nodiscard]] Result<std::vector<Evaluation>>
measureModels(const std::vector<MeasuredModel>& models, EvaluationRequest request,
              const std::function<bool(double)>& proceed);

} // namespace lacuna
