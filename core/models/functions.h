#pragma once

#include "core/models/packed_batch.h"
#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

/// The decoder's operations as differentiable functions with hand-written backward passes. Each
/// works on any device; those that take a Parameter add to its `gradient` in backward.
/// N rows, D width, H heads, K key heads, E head width.
namespace lacuna::functions {

/// Rows of the embedding table. \return [N, D] in the master's type (the residual stream's)
at::Tensor embedding(const at::Tensor& ids, Parameter& table);

/// x [N, in] times weight [out, in] transposed, plus bias; \return [N, out] in x's type.
at::Tensor linear(const at::Tensor& x, Parameter& weight, Parameter* bias);

/// Root-mean-square normalisation (Zhang and Sennrich 2019), statistics in at least float32.
/// \param x  [N, D], the residual stream
/// \return [N, D] in \p outType
at::Tensor rmsNorm(const at::Tensor& x, Parameter& weight, double eps, at::ScalarType outType);

/// Rotates pairs (i, i + E/2) of each head. \param x [N, H, E]; \param cosine, sine [N, E/2]
at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

/// silu(gate) * up, both [N, F].
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);

/// Causal attention inside each sequence of \p batch; H is a multiple of K. Probabilities are
/// recomputed in backward in blocks of queries, so memory is linear in the sequence's length.
/// \param q [N, H, E]  \param k, v [N, K, E]
/// \param window  keys that a query sees, itself included; none: all before it
/// \return [N, H, E] in q's type
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const PackedBatch& batch, std::optional<std::int64_t> window);

/// One block of queries against keys [K, T, E] of which only those that the mask lets through
/// count: for decoding with a cache.
/// \param q [M, H, E]  \param keys, values [K, T, E]  \param firstPosition of the M queries
at::Tensor cachedAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                           std::int64_t firstPosition, std::optional<std::int64_t> window);

} // namespace lacuna::functions
