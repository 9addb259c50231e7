#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lacuna {

/// Splits \p order, indices into \p lengths, into consecutive micro-batches of at most \p budget
/// tokens each. Nothing is padded, so that lengths add up. A sample longer than the budget stands
/// alone. The order is kept, every batch has a sample, and each is as long as the budget allows.
///
/// \param lengths  tokens of every sample of the corpus
/// \param budget   > 0
[[nodiscard]] std::vector<std::vector<std::int64_t>>
packMicroBatches(std::span<const std::int64_t> order, std::span<const std::int64_t> lengths,
                 std::int64_t budget);

} // namespace lacuna
