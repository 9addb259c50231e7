#pragma once

#include "core/base/evaluation.h"
#include "core/base/rng.h"

#include <cstddef>
#include <functional>
#include <span>

namespace lacuna {

// A statistic of too few values, or of values with a NaN among them, is NaN: no number rather than
// a wrong one.

[[nodiscard]] double mean(std::span<const double> values);

/// Divides by n - 1; NaN below two values.
[[nodiscard]] double sampleStandardDeviation(std::span<const double> values);

/// n / sum of 1/x, for values >= 0: a single zero makes it zero.
/// \throws std::logic_error on a negative value
[[nodiscard]] double harmonicMean(std::span<const double> values);

/// The value below which the share \p share of the sorted values lies, interpolated linearly
/// between neighbours (Hyndman and Fan 1996, type 7).
/// \throws std::logic_error when \p share is outside [0, 1]
[[nodiscard]] double quantile(std::span<const double> values, double share);

/// Percentile bootstrap interval of the mean: \p resamples means of n values drawn with
/// replacement, cut at equal tails. Takes resamples * n steps.
///
/// \param confidence  in (0, 1): 0.95
/// \param resamples   > 0; 1000 settles the second digit
/// \throws std::logic_error when one of them is out of range
/// Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13
[[nodiscard]] Interval bootstrapMeanInterval(std::span<const double> values, double confidence,
                                             std::size_t resamples, Random& random);

/// The interval between the equal tails of \p resamples values of \p draw, each a statistic of one
/// resample. Confidence and resamples as above.
[[nodiscard]] Interval bootstrapInterval(double confidence, std::size_t resamples,
                                         const std::function<double()>& draw);

/// Two models' values on the same items, item by item.
struct PairedDifference {
    double difference = 0; ///< mean of second - first
    Interval interval;     ///< of that mean, the items resampled
    /// Twice the smaller share of resampled means on one side of 0 (means of 0 count on both), at
    /// most 1 and never below 2 / resamples: how often chance alone would turn the sign around.
    double pValue = 0;
};
/// \throws std::logic_error when the two have different counts, or as above
/// Source: Efron and Tibshirani 1993, chapter 16; Koehn 2004 (paired bootstrap resampling)
[[nodiscard]] PairedDifference pairedBootstrap(std::span<const double> first,
                                               std::span<const double> second, double confidence,
                                               std::size_t resamples, Random& random);

} // namespace lacuna
