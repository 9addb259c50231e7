#pragma once

#include "core/metrics/metric.h"

#include <optional>
#include <string>

namespace lacuna {

/// What a good run does to \p metric on \p set; nothing where the set or the metric has no such
/// direction, as a privacy leak, which is good in the middle. Knows the metrics of the catalogue,
/// the summaries (of the set "") and utilityOf(), which stands under the set "utility".
[[nodiscard]] std::optional<Direction> goodDirection(const std::string& set,
                                                     const std::string& metric);

} // namespace lacuna
