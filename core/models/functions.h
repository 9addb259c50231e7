#pragma once

#include "core/models/config.h"
#include "core/models/packed_batch.h"
#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

/// The decoder's operations as differentiable functions with hand-written backward passes. Each
/// works on any device; those that take a Parameter add to its `gradient` in backward.
/// N rows, D width, H heads, K key heads, E head width.
namespace lacuna::functions {

/// Rows of the embedding table. \return [N, D] in the master's type (the residual stream's)
at::Tensor embedding(const at::Tensor& ids, Parameter& table);

/// x [N, in] times weight [out, in] transposed (or [in, out] as it is, where the parameter says
/// so), plus bias; \return [N, out] in x's type.
at::Tensor linear(const at::Tensor& x, Parameter& weight, Parameter* bias);

/// Root-mean-square normalisation (Zhang and Sennrich 2019), statistics in at least float32.
/// \param x  [N, D] in the master's type
/// \param plusOne  multiply by 1 + weight instead of weight
/// \return [N, D] in \p outType
at::Tensor rmsNorm(const at::Tensor& x, Parameter& weight, bool plusOne, double eps,
                   at::ScalarType outType);

/// Layer normalisation (Ba et al. 2016). \param x  [N, D] in the master's type
/// \return [N, D] in \p outType
at::Tensor layerNorm(const at::Tensor& x, Parameter& weight, Parameter& bias, double eps,
                     at::ScalarType outType);

/// Rotates pairs (i, i + R/2) of the first R dimensions of each head, and leaves the others.
/// \param x [N, H, E]; \param cosine, sine [N, R/2]
at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

at::Tensor activation(const at::Tensor& x, Activation kind);
/// activation(gate) * up, both [N, F].
at::Tensor gated(const at::Tensor& gate, const at::Tensor& up, Activation kind);

/// How scores become probabilities.
struct AttentionRule {
    double scale = 1.0;      ///< of q . k
    std::int64_t window = 0; ///< keys that a query sees, itself included; 0: all before it
    double softCap = 0;      ///< c tanh(score / c); 0: none
};

/// Causal attention inside each sequence of \p batch; H is a multiple of K. Probabilities are
/// recomputed in backward in blocks of queries, so memory is linear in the sequence's length.
/// \param q [N, H, E]  \param k, v [N, K, E]
/// \return [N, H, E] in q's type
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const PackedBatch& batch, const AttentionRule& rule);

/// One block of queries against keys [K, T, E] of which only those that the mask lets through
/// count: for decoding with a cache.
/// \param q [M, H, E]  \param keys, values [K, T, E]  \param firstPosition of the M queries
at::Tensor cachedAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                           std::int64_t firstPosition, const AttentionRule& rule);

} // namespace lacuna::functions
