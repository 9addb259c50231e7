#pragma once

#include "core/metrics/evaluation_log.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the readers and the writer of evaluation logs share; nobody else includes it.
namespace lacuna {

/// Where a metric of a set stands in a log of open-unlearning's shape.
struct LogPlace {
    std::string entry;         ///< "forget_Q_A_Prob", "mia_loss"
    std::string part = {};     ///< "forget" or "holdout" within it; "auc": its area; empty: itself
    std::string key = "score"; ///< of a sample's object
    bool leads = true;         ///< its value is the entry's "agg_value"
};
[[nodiscard]] LogPlace logPlaceOf(const Evaluation& evaluation);

/// A metric that an entry holds.
struct EntryMetric {
    std::string set;
    std::string metric;
    std::string key;       ///< empty: whatever number there is
    std::string part = {}; ///< as above
};
/// Never empty: what is not known keeps its name, as a metric of the set that it begins with.
[[nodiscard]] std::vector<EntryMetric> metricsOfEntry(std::string_view entry);

/// The number, or NaN for anything else.
[[nodiscard]] double numberOrNan(const Json& value);
/// The mean of a list of numbers, the number itself, or NaN.
[[nodiscard]] double meanOrNan(const Json& value);

/// Sets value and count from the samples: the mean of those that are numbers, or for truth ratios
/// the aggregate of their set.
void aggregateSamples(Evaluation& evaluation);

/// Adds truth-ratio, truth-ratio-arithmetic and truth-probability of every set that has false
/// answers and lacks them, or why they cannot be had.
void deriveTruthRatios(std::vector<Evaluation>& evaluations);

[[nodiscard]] bool looksLikeTofuRelease(const Json& document);
void readTofuRelease(const Json& document, EvaluationLog& log);

} // namespace lacuna
