#pragma once

#include "core/store/records.h"

#include <QStringList>

#include <optional>
#include <vector>

namespace lacuna {

/// What the evaluations of a run say, in sentences: from which step on the forget set counts as
/// forgotten, whether and where the rest crossed the line, and what neither proves.
///
/// Forgotten: the mean probability of the answers is below a tenth of the original's. Crossed the
/// line: that of the retain set is below half. Empty before the first evaluation after the start.
/// \param guess  share of the retain set's probability that somebody expected to be kept
[[nodiscard]] QStringList findings(const std::vector<Evaluation>& evaluations,
                                   std::optional<double> guess = {});

/// The first step after the start at which probability on \p set is below \p share of what the
/// original had; -1 when there is none.
[[nodiscard]] std::int64_t firstStepBelow(const std::vector<Evaluation>& evaluations,
                                          const std::string& set, double share);

} // namespace lacuna
