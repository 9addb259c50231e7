#pragma once

#include "core/base/evaluation.h"
#include "core/base/rng.h"

#include <cstddef>
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

} // namespace lacuna
