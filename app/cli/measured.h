#pragma once

#include "core/base/evaluation.h"

#include <optional>
#include <string>

namespace lacuna {

/// Four decimal places; a number near 0, such as a p-value, with its exponent.
[[nodiscard]] std::string measuredText(double value);
/// "0.1 to 0.2"; empty where there is none.
[[nodiscard]] std::string intervalText(const std::optional<Interval>& interval);

} // namespace lacuna
