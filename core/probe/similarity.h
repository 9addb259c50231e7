#pragma once

#include "core/base/result.h"
#include "core/probe/layer_values.h"
#include "core/probe/residual_walk.h"

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace lacuna {

/// Compares the residual streams of \p decoder with those of \p original behind every block, on
/// the rows of the scored tokens of \p samples. Holds one batch of the original's rows of all
/// blocks, and of both models those that the alignment is computed on.
/// \return InvalidArgument for models of different width, depth or vocabulary; nothing when
///         cancelled
[[nodiscard]] Result<std::optional<Similarity>>
compareResiduals(Decoder& decoder, Decoder& original,
                 const std::vector<const ScoredSample*>& samples, const WalkOptions& options);

/// LayerSimilarity::cka of rows \p x [n, D] and \p y [n, E].
[[nodiscard]] double linearCka(const at::Tensor& x, const at::Tensor& y);

} // namespace lacuna
