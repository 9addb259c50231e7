#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lacuna {

/// Neighbouring ranges of values, shared by all that are laid over each other.
struct HistogramBins {
    std::vector<double> edges; ///< ascending, one more than there are bins; empty: no values
    bool logarithmic = false;  ///< edges keep a ratio instead of a distance
};

/// \p count bins (at least 1) from the least to the greatest finite value. Shares, which lie in
/// [0, 1], get that range; positive values over three decades or more get logarithmic bins, since
/// one outlier would otherwise push all others into one bin.
[[nodiscard]] HistogramBins histogramBins(std::span<const double> values, std::size_t count);

/// How many of \p values lie in each bin: its lower edge belongs to it, of the last one both. What
/// is not finite or outside is in none.
[[nodiscard]] std::vector<std::int64_t> histogramCounts(std::span<const double> values,
                                                        const HistogramBins& bins);

} // namespace lacuna
