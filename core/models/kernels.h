#pragma once

#include <cstdint>

/// The decoder's passes over memory as single loops on plain float32 and bfloat16 numbers, compiled
/// for several generations of processors; the best is chosen when the program starts. They know
/// neither tensors nor threads: callers hand out ranges. Arithmetic is float32; a call's result
/// depends on its arguments alone.
namespace lacuna::kernels {

/// Numbers in float32, or in bfloat16.
struct Source {
    const void* data;
    bool bfloat16;
};
struct Target {
    void* data;
    bool bfloat16;
};

/// Columns [first, last) of out [rows, columns] = x [rows, inner] times weight [columns, inner]
/// transposed. Reads each weight once: for the few rows of decoding, where products that pack their
/// operands lose.
void product(const float* x, Source weight, float* out, std::int64_t rows, std::int64_t inner,
             std::int64_t columns, std::int64_t first, std::int64_t last);

/// out = values, in another type or not.
void convert(Source values, Target out, std::int64_t count);
/// sum += values.
void add(float* sum, Source values, std::int64_t count);

/// out = x * scale * weight with scale = 1 / sqrt(mean(x^2) + eps) of each row, which is kept.
void rmsNorm(const float* x, const float* weight, double eps, Target out, float* scale,
             std::int64_t rows, std::int64_t width);
/// \param dx       [rows, width], overwritten; may be null
/// \param dWeight  [width], added to; may be null
void rmsNormBackward(const float* x, const float* scale, const float* weight, Source upstream,
                     float* dx, float* dWeight, std::int64_t rows, std::int64_t width);

/// out = silu(gate) * up.
void swiglu(Source gate, Source up, Target out, std::int64_t first, std::int64_t last);
void swigluBackward(Source gate, Source up, Source upstream, Target dGate, Target dUp,
                    std::int64_t first, std::int64_t last);

/// Rotates pairs (i, i + width/2) of each head of rows [first, last) by the row's angles, or back.
/// \param cosine, sine  [rows, width/2]
void rotary(Source x, Target out, const float* cosine, const float* sine, bool back,
            std::int64_t first, std::int64_t last, std::int64_t heads, std::int64_t width);

/// Log-probability of \p target under softmax(logits).
[[nodiscard]] float logProb(const float* logits, std::int64_t count, std::int64_t target);
/// logits = softmax(scale * logits) * factor over [first, last), 0 elsewhere.
void softmax(float* logits, float scale, float factor, std::int64_t count, std::int64_t first,
             std::int64_t last);
/// dP = (dP - offset) * p * scale.
void softmaxBackward(float* dP, const float* p, float offset, float scale, std::int64_t count);

constexpr std::int64_t kWidestHead = 512;
/// One query's attention: out [width] = softmax(q . keys * scale) values.
/// \param keys, values  [count, width];  \param scores  room for [count]; \param width up to
/// kWidestHead
void attendOne(Source q, Source keys, Source values, Target out, float* scores, float scale,
               std::int64_t count, std::int64_t width);

struct AdamW {
    float keep1, keep2;   ///< beta1, beta2
    float step;           ///< learning rate / (1 - beta1^t)
    float rootCorrection; ///< 1 / sqrt(1 - beta2^t)
    float epsilon;
    float decay; ///< 1 - learning rate * weight decay
};
void adamW(float* master, const float* gradient, float* first, float* second, const AdamW& how,
           std::int64_t begin, std::int64_t end);

} // namespace lacuna::kernels
