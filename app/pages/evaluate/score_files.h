#pragma once

#include "app/pages/evaluate/score_sheet.h"

#include <string>

namespace lacuna {

/// The table of scores with all digits, a line a metric: set, metric, variant, then value, ends of
/// the interval and reason why it is missing of each model, and the change. Empty: unknown.
[[nodiscard]] std::string scoresTable(const ScoreSheet& sheet);

/// What was measured of one model, with its samples, as open-unlearning logs evaluations; see
/// evaluationsToLog(). The reference's sets lose the prefix that they have beside others, and what
/// is missing is left out.
[[nodiscard]] std::string scoresLog(const ScoreSheet& sheet, ModelRole role);

} // namespace lacuna
