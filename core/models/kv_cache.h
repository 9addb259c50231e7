#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace lacuna {

/// Keys and values of one sequence while it is generated, per layer [K, capacity, E]; grows by
/// doubling.
struct KvCache {
    struct Layer {
        at::Tensor keys;
        at::Tensor values;
    };
    std::vector<Layer> layers;
    std::int64_t length = 0; ///< positions filled

    /// Appends [T, K, E] rows to \p layer at `length`, which the caller advances after the last
    /// layer.
    void append(std::size_t layer, const at::Tensor& keys, const at::Tensor& values);
};

} // namespace lacuna
