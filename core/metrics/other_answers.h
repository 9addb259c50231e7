#pragma once

#include "core/metrics/sample_scan.h"

#include <optional>
#include <vector>

namespace lacuna {

/// Mean -log p of a token of each other answer of that kind, nats.
[[nodiscard]] std::vector<double> meanLosses(const SampleScan& scan, OtherAnswerKind kind);
/// The same of the sample's own answer; nothing when it was not scored.
[[nodiscard]] std::optional<double> meanLoss(const SampleScan& scan);

} // namespace lacuna
