#pragma once

#include "core/base/evaluation.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

enum class LogShape : std::uint8_t {
    OpenUnlearning, ///< {name: {"agg_value", "value_by_index"}}, also Lacuna's own
    TofuRelease,    ///< eval_log_aggregated.json of the TOFU project: {task: {column: {index}}}
};

/// A model's saved evaluation in canonical sets and metrics (see the table in evaluation_log.cpp).
///
/// What only one of the two shapes holds is worked out: option probabilities, truth ratios of both
/// kinds and truth probabilities from the losses of true and false answers. A value that cannot be
/// had is there with its `missing`. Texts and losses of a sample are in its `extra`, under the keys
/// of the file. A sample without a finite number is NaN and outside aggregate and count.
struct EvaluationLog {
    LogShape shape = LogShape::OpenUnlearning;
    std::vector<Evaluation> evaluations;
    std::vector<std::string> notes; ///< what was left out and why, a sentence each
};

/// Accepts the bare NaN and Infinity that Python writes, as null.
[[nodiscard]] Result<EvaluationLog> readEvaluationLog(const std::filesystem::path& path);
/// \param place  names the document in messages
[[nodiscard]] Result<EvaluationLog> parseEvaluationLog(const Json& document,
                                                       const std::string& place);

/// The shape of open-unlearning, in its names where it has them, so that its tools read it:
/// forget_Q_A_Prob with a sample's "prob" and "avg_loss", mia_loss with "forget", "holdout" and
/// "auc", and so on; else SET_METRIC with a sample's "score". Metrics that open-unlearning keeps
/// together share an entry. The keys of a sample's `extra` stand beside its value, "generated" and
/// "reference" as "generation" and "ground_truth". "lacuna" in an
/// entry says what open-unlearning has no place for (variant, interval, why a value is missing), so
/// that parseEvaluationLog() gives the same evaluations back, in step 0. Of two evaluations of one
/// set, metric and variant the later one is kept. A number that is not finite is null.
[[nodiscard]] OrderedJson evaluationsToLog(std::span<const Evaluation> evaluations);

/// The first with that set and metric; null: none.
[[nodiscard]] const Evaluation* findEvaluation(std::span<const Evaluation> evaluations,
                                               std::string_view set, std::string_view metric);
/// Values of its samples that are numbers, in their order.
[[nodiscard]] std::vector<double> sampleNumbers(const Evaluation& evaluation);

} // namespace lacuna
