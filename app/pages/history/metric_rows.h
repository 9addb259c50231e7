#pragma once

#include "core/metrics/direction.h"
#include "core/store/records.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// What one metric says about one corpus: original, unlearned and reference model. NaN: not
/// measured.
struct MetricRow {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::string set;
    std::string metric; ///< catalogue id
    std::string variant;
    double original = kUnknown;
    double unlearned = kUnknown;
    double reference = kUnknown;
    std::int64_t count = 0;             ///< samples behind the unlearned value, or the original's
    std::optional<std::int64_t> during; ///< the step at which it was measured on the way
};

/// One row a set, metric and variant: forget set first, then retain, holdout and others; metrics in
/// the order in which they were measured. What was measured on the way, with fewer samples, counts
/// only until there is a value from after the run.
[[nodiscard]] std::vector<MetricRow> metricRows(const std::vector<Evaluation>& evaluations);

} // namespace lacuna
