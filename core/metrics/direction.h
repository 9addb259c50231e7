#pragma once

#include "core/metrics/metric.h"

#include <optional>
#include <string>
#include <string_view>

namespace lacuna {

/// What is to become of a set: of those that are called forget, or begin so, and of the forget sets
/// of earlier requests, to be forgotten.
[[nodiscard]] SetPurpose purposeOf(std::string_view set);

/// What a good run does to \p metric on \p set; nothing where the set or the metric has no such
/// direction, as held-out text, or a privacy leak, which is good in the middle. Knows the metrics
/// of the catalogue, the summaries (of the set "") and utilityOf(), which stands under the set
/// "utility".
[[nodiscard]] std::optional<Direction> goodDirection(const std::string& set,
                                                     const std::string& metric);

} // namespace lacuna
