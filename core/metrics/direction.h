#pragma once

#include "core/metrics/metric.h"

#include <optional>
#include <string>

namespace lacuna {

/// What a good run does to \p metric on \p set; nothing where the set or the metric has no such
/// direction. Knows the metrics of the catalogue, what is worked out from several of them
/// ("model-utility", and "harmonic mean" of the set "utility": higher), and "forget-quality"
/// (higher). A value whose good place is in the middle, such as a privacy leak, has none.
[[nodiscard]] std::optional<Direction> goodDirection(const std::string& set,
                                                     const std::string& metric);

} // namespace lacuna
