#pragma once

#include "core/corpora/sample.h"
#include "core/models/packed_batch.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace lacuna {

/// Samples packed end to end, and which of the N rows concern their M scored tokens.
struct ScoredRows {
    PackedBatch packed;
    at::Tensor predicting; ///< [M] int64, the row before each scored token; on the device
    at::Tensor targets;    ///< [M] int64, the scored tokens themselves; on the device
    at::Tensor owners;     ///< [M] int64, position of the sample of each; on the CPU
};

[[nodiscard]] ScoredRows scoredRows(const std::vector<const ScoredSample*>& samples,
                                    at::Device device);

} // namespace lacuna
