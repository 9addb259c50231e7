#pragma once

#include "core/methods/scored_rows.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace lacuna {

class Decoder;

struct WalkOptions {
    std::int64_t tokenBudget = 2048; ///< rows of a forward pass
    /// Progress in [0, 1]; false cancels. Called behind every block.
    std::function<bool(double)> proceed = {};
};

/// Samples that go through the blocks together.
struct WalkedBatch {
    std::vector<std::size_t> samples; ///< their positions in the caller's list
    ScoredRows rows;                  ///< `owners` count in `samples`
};

/// Runs every sample through all blocks once, without gradient, and calls
/// \p visit(batch, block, residual [N, D]) behind each: one residual stream is held at a time.
/// \return false when cancelled
[[nodiscard]] bool walkResiduals(
    Decoder& decoder, const std::vector<const ScoredSample*>& samples, const WalkOptions& options,
    const std::function<void(const WalkedBatch&, std::int64_t, const at::Tensor&)>& visit);

/// The samples in batches of at most \p tokenBudget rows, in their order.
[[nodiscard]] std::vector<WalkedBatch>
walkedBatches(const std::vector<const ScoredSample*>& samples, std::int64_t tokenBudget,
              at::Device device);

} // namespace lacuna
