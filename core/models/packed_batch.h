#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace lacuna {

/// Sequences laid end to end, without padding: N = sum of their lengths rows.
struct PackedBatch {
    struct Sequence {
        std::int64_t start = 0;  ///< first row
        std::int64_t length = 0; ///< rows
        /// Keys from this position of the sequence on are hidden. Equal to length except for
        /// recorded fixtures whose padding rows were computed too (open-unlearning's KL).
        std::int64_t visibleKeys = 0;
    };

    at::Tensor ids;       // [N] int64
    at::Tensor positions; // [N] int64, from 0 within each sequence
    std::vector<Sequence> sequences;

    [[nodiscard]] std::int64_t rows() const;
    [[nodiscard]] std::int64_t longest() const;
};

/// \param visibleKeys  empty: every sequence sees all of its own keys
[[nodiscard]] PackedBatch packSequences(const std::vector<std::vector<std::int64_t>>& sequences,
                                        at::Device device,
                                        const std::vector<std::int64_t>& visibleKeys = {});

} // namespace lacuna
