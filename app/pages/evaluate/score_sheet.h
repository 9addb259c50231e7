#pragma once

#include "app/run_record.h"
#include "app/scores/metric_rows.h"
#include "core/metrics/prior_knowledge.h"

#include <memory>
#include <optional>
#include <vector>

namespace lacuna {

/// What is known of a run's scores, worked out once and then only read, by any thread.
struct ScoreSheet {
    RunRecord record; ///< evaluations with their samples and intervals
    std::vector<MetricRow> rows;
    std::optional<PriorKnowledge> prior; ///< whether the original knew what was to be forgotten
};
using ScoreSheetPtr = std::shared_ptr<const ScoreSheet>;

/// Works out the numbers that speak for a whole model too, where the run did not record them.
/// \param record  with samples; takes a second for a large one
[[nodiscard]] ScoreSheetPtr scoreSheet(RunRecord record);

} // namespace lacuna
