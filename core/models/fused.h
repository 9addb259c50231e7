#pragma once

#include "core/models/kernels.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

/// The loops of kernels.h on tensors, spread over threads so that the result does not depend on
/// how. Only for tensors that fit(); everything else goes through ATen.
namespace lacuna::fused {

/// A dense tensor of the processor in float32 or bfloat16.
[[nodiscard]] bool fits(const at::Tensor& x);
/// The same in float32.
[[nodiscard]] bool fitsFloat(const at::Tensor& x);

/// Rows up to which product() is faster than a product that packs its operands.
constexpr std::int64_t kFewRows = 8;

/// x [N, in] times weight [out, in] transposed, for N up to kFewRows; \return [N, out] in outType
at::Tensor product(const at::Tensor& x, const at::Tensor& weight, at::ScalarType outType);

/// sum (float32) += values.
void add(at::Tensor& sum, const at::Tensor& values);

/// \param scale  receives [N]
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps,
                   at::ScalarType outType, at::Tensor& scale);
/// \param dWeight  added to when defined
/// \return dx, undefined unless wanted
at::Tensor rmsNormBackward(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& weight,
                           const at::Tensor& upstream, at::Tensor dWeight, bool wantDx);

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);
void swigluBackward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& upstream,
                    at::Tensor& dGate, at::Tensor& dUp);

/// \param x [N, H, E]; \param cosine, sine [N, E/2] float32
at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine, bool back);

/// Which keys each query of a block sees: key <= query, key < visibleKeys, key > query - window
/// where a window is given (else 0).
struct Sight {
    std::int64_t queries;
    std::int64_t firstQuery;
    std::int64_t firstKey;
    std::int64_t visibleKeys;
    std::int64_t window;
};
/// In place: softmax of scale * scores over the keys seen, 0 elsewhere.
/// \param scores [K, G * queries, T] float32
void softmax(at::Tensor& scores, double scale, const Sight& sight);
/// In place: (dP - offset of its row) * p * scale. \param offset [K, G * queries, 1]
void softmaxBackward(at::Tensor& dP, const at::Tensor& p, const at::Tensor& offset, double scale);

/// Attention of one query to a cache. \param q [1, H, E]; \param keys, values [K, T, E], dense in
/// their last two dimensions, T already cut to what the query sees
at::Tensor attendOne(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                     double scale);

/// \return [N] log-probability of each row's target
at::Tensor logProbs(const at::Tensor& logits, const at::Tensor& targets);
/// In place: logits = upstream * (onehot(target) - softmax(logits)), row by row.
void logProbGradient(at::Tensor& logits, const at::Tensor& targets, const at::Tensor& upstream);

/// One step of AdamW on float32 tensors of one shape.
void adamW(at::Tensor& master, const at::Tensor& gradient, at::Tensor& first, at::Tensor& second,
           const kernels::AdamW& how);

} // namespace lacuna::fused
