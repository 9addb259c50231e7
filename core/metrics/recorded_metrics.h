#pragma once

#include "core/base/comparison.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <string>
#include <vector>

namespace lacuna {

/// Recomputes every quantity that a file of recorded metric values holds and compares. What the
/// file holds is told from its content: two-sample Kolmogorov-Smirnov tests, truth ratios and what
/// is made of them, membership inference scores, ROUGE pairs, stems, memorised sequences, or an
/// evaluation log whose aggregates are made again from its samples. Tolerances: 1e-9 relative,
/// exact p-values 1e-6, asymptotic ones 1e-5, texts and counts exact.
///
/// \param place  names the file in messages
/// \return what in the file is not known and was left out, a sentence each. Unsupported when there
///     is nothing known in it, Corrupt when what is known is not of the form that it should have
[[nodiscard]] Result<std::vector<std::string>>
verifyRecordedMetrics(const Json& document, const std::string& place, const ComparisonSink& sink);

} // namespace lacuna
