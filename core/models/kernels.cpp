#include "core/models/kernels.h"

#include "core/models/lanes.h"

#include <algorithm>
#include <cmath>

// Plain arrays: a std::array's members need not be inlined into a clone, and then run without its
// instructions.
// NOLINTBEGIN(modernize-avoid-c-arrays)
namespace lacuna::kernels {
namespace {

/// Adds the products of M rows and four columns at inner index i, of which \p left remain.
template <class W, int M> LACUNA_INLINE void multiplyLanes(const float* x, const W* const* weights,
                                                           Floats (&sums)[M][4], std::int64_t inner,
                                                           std::int64_t i, std::int64_t left)
{
    Floats w[4];
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c)
        w[c] = loadPart(weights[c] + i, left);
#pragma GCC unroll 4
    for (int m = 0; m < M; ++m) {
        const Floats row = loadPart(x + m * inner + i, left);
#pragma GCC unroll 4
        for (int c = 0; c < 4; ++c)
            sums[m][c] += row * w[c];
    }
}

/// Four columns of M rows.
template <class W, int M> LACUNA_INLINE void productBlock(const float* x, const W* const* weights,
                                                          float* out, std::int64_t inner,
                                                          std::int64_t columns, std::int64_t count)
{
    Floats sums[M][4] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= inner; i += kLanes)
        multiplyLanes<W, M>(x, weights, sums, inner, i, kLanes);
    if (i < inner)
        multiplyLanes<W, M>(x, weights, sums, inner, i, inner - i);
#pragma GCC unroll 4
    for (int m = 0; m < M; ++m) {
        float totals[4];
#pragma GCC unroll 4
        for (int c = 0; c < 4; ++c)
            totals[c] = sumOf(sums[m][c]);
        std::copy_n(totals, count, out + m * columns);
    }
}

template <class W> LACUNA_INLINE void productOf(const float* x, const W* weight, float* out,
                                                std::int64_t rows, std::int64_t inner,
                                                std::int64_t columns, std::int64_t first,
                                                std::int64_t last)
{
    for (std::int64_t column = first; column < last; column += 4) {
        const std::int64_t count = std::min<std::int64_t>(4, last - column);
        const W* weights[4];
        for (std::int64_t c = 0; c < 4; ++c) // missing columns repeat the last one
            weights[c] = weight + (column + std::min(c, count - 1)) * inner;
        std::int64_t row = 0;
        for (; row + 4 <= rows; row += 4)
            productBlock<W, 4>(x + row * inner, weights, out + row * columns + column, inner,
                               columns, count);
        for (; row < rows; ++row)
            productBlock<W, 1>(x + row * inner, weights, out + row * columns + column, inner,
                               columns, count);
    }
}

template <class In, class Out>
LACUNA_INLINE void convertAll(const In* values, Out* out, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; i += kLanes)
        storePart(out + i, loadPart(values + i, count - i), count - i);
}

template <class T> LACUNA_INLINE void addAll(float* sum, const T* values, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; i += kLanes)
        storePart(sum + i, loadPart(sum + i, count - i) + loadPart(values + i, count - i),
                  count - i);
}

template <class T> LACUNA_INLINE void rmsNormRows(const float* x, const float* weight, double eps,
                                                  T* out, float* scale, std::int64_t rows,
                                                  std::int64_t width)
{
    for (std::int64_t row = 0; row < rows; ++row, x += width, out += width) {
        const double mean = static_cast<double>(dot(x, x, width)) / static_cast<double>(width);
        scale[row] = static_cast<float>(1.0 / std::sqrt(mean + eps));
        for (std::int64_t i = 0; i < width; i += kLanes) {
            const std::int64_t left = width - i;
            storePart(out + i, loadPart(x + i, left) * scale[row] * loadPart(weight + i, left),
                      left);
        }
    }
}

template <class T> LACUNA_INLINE void rmsNormBackwardRows(const float* x, const float* scale,
                                                          const float* weight, const T* g,
                                                          float* dx, float* dWeight,
                                                          std::int64_t rows, std::int64_t width)
{
    for (std::int64_t row = 0; row < rows; ++row, x += width, g += width) {
        const float s = scale[row];
        Floats sum{};
        for (std::int64_t i = 0; i < width; i += kLanes) {
            const std::int64_t left = width - i;
            const Floats pull = loadPart(g + i, left) * (loadPart(x + i, left) * s);
            sum += pull * loadPart(weight + i, left);
            if (dWeight)
                storePart(dWeight + i, loadPart(dWeight + i, left) + pull, left);
        }
        if (!dx)
            continue;
        const float projection = sumOf(sum) / static_cast<float>(width);
        for (std::int64_t i = 0; i < width; i += kLanes) {
            const std::int64_t left = width - i;
            const Floats pull = loadPart(g + i, left) * loadPart(weight + i, left);
            storePart(dx + i, (pull - loadPart(x + i, left) * s * projection) * s, left);
        }
        dx += width;
    }
}

LACUNA_INLINE Floats sigmoidOf(Floats x)
{
    return 1.0F / (1.0F + expOf(-x));
}

template <class T> LACUNA_INLINE void swigluRange(const T* gate, const T* up, T* out,
                                                  std::int64_t first, std::int64_t last)
{
    for (std::int64_t i = first; i < last; i += kLanes) {
        const Floats x = loadPart(gate + i, last - i);
        storePart(out + i, x * sigmoidOf(x) * loadPart(up + i, last - i), last - i);
    }
}

template <class T> LACUNA_INLINE void swigluBackwardRange(const T* gate, const T* up, const T* g,
                                                          T* dGate, T* dUp, std::int64_t first,
                                                          std::int64_t last)
{
    for (std::int64_t i = first; i < last; i += kLanes) {
        const std::int64_t left = last - i;
        const Floats x = loadPart(gate + i, left);
        const Floats s = sigmoidOf(x);
        const Floats pull = loadPart(g + i, left);
        storePart(dUp + i, pull * x * s, left);
        storePart(dGate + i, pull * loadPart(up + i, left) * s * (1.0F + x * (1.0F - s)), left);
    }
}

template <class T> LACUNA_INLINE void rotaryRows(const T* x, T* out, const float* cosine,
                                                 const float* sine, bool back, std::int64_t first,
                                                 std::int64_t last, std::int64_t heads,
                                                 std::int64_t width)
{
    const std::int64_t half = width / 2;
    for (std::int64_t row = first; row < last; ++row)
        for (std::int64_t head = 0; head < heads; ++head) {
            const T* from = x + (row * heads + head) * width;
            T* to = out + (row * heads + head) * width;
            for (std::int64_t i = 0; i < half; i += kLanes) {
                const std::int64_t left = half - i;
                const Floats c = loadPart(cosine + row * half + i, left);
                Floats s = loadPart(sine + row * half + i, left);
                s = back ? -s : s;
                const Floats a = loadPart(from + i, left);
                const Floats b = loadPart(from + half + i, left);
                storePart(to + i, a * c - b * s, left);
                storePart(to + half + i, b * c + a * s, left);
            }
        }
}

LACUNA_INLINE float largest(const float* values, std::int64_t count)
{
    float part[kLanes];
    Floats best = all(-INFINITY);
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const Floats next = load(values + i);
        best = next > best ? next : best;
    }
    store(part, best);
    float top = *std::max_element(part, part + kLanes);
    for (; i < count; ++i)
        top = std::max(top, values[i]);
    return top;
}

/// Sum of e^(scale * (x - top)); writes the addends to \p out unless it is null.
LACUNA_INLINE float exponentials(const float* x, float* out, float scale, float top,
                                 std::int64_t count)
{
    Floats sum{};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const Floats e = expOf((load(x + i) - top) * scale);
        sum += e;
        if (out)
            store(out + i, e);
    }
    float total = sumOf(sum);
    if (i < count) {
        float part[kLanes];
        store(part, expOf((loadPart(x + i, count - i) - top) * scale));
        for (std::int64_t j = 0; i + j < count; ++j) {
            total += part[j];
            if (out)
                out[i + j] = part[j];
        }
    }
    return total;
}

LACUNA_INLINE void multiply(float* values, float factor, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; i += kLanes)
        storePart(values + i, loadPart(values + i, count - i) * factor, count - i);
}

template <class T> LACUNA_INLINE void attend(const T* q, const T* keys, const T* values, T* out,
                                             float* scores, float scale, std::int64_t count,
                                             std::int64_t width)
{
    float query[kWidestHead];
    float mixed[kWidestHead] = {};
    convertAll(q, query, width);
    for (std::int64_t t = 0; t < count; ++t)
        scores[t] = dot(query, keys + t * width, width);
    const float total = exponentials(scores, scores, scale, largest(scores, count), count);
    for (std::int64_t t = 0; t < count; ++t)
        for (std::int64_t i = 0; i < width; i += kLanes)
            storePart(mixed + i,
                      loadPart(mixed + i, width - i) +
                          loadPart(values + t * width + i, width - i) * scores[t],
                      width - i);
    multiply(mixed, 1.0F / total, width);
    convertAll(mixed, out, width);
}

template <class T> LACUNA_INLINE const T* as(Source source)
{
    return static_cast<const T*>(source.data);
}

template <class T> LACUNA_INLINE T* as(Target target)
{
    return static_cast<T*>(target.data);
}

} // namespace

LACUNA_CLONES void product(const float* x, Source weight, float* out, std::int64_t rows,
                           std::int64_t inner, std::int64_t columns, std::int64_t first,
                           std::int64_t last)
{
    if (weight.bfloat16)
        productOf(x, as<Bfloat16>(weight), out, rows, inner, columns, first, last);
    else
        productOf(x, as<float>(weight), out, rows, inner, columns, first, last);
}

LACUNA_CLONES void convert(Source values, Target out, std::int64_t count)
{
    if (values.bfloat16)
        convertAll(as<Bfloat16>(values), as<float>(out), count);
    else
        convertAll(as<float>(values), as<Bfloat16>(out), count);
}

LACUNA_CLONES void add(float* sum, Source values, std::int64_t count)
{
    if (values.bfloat16)
        addAll(sum, as<Bfloat16>(values), count);
    else
        addAll(sum, as<float>(values), count);
}

LACUNA_CLONES void rmsNorm(const float* x, const float* weight, double eps, Target out,
                           float* scale, std::int64_t rows, std::int64_t width)
{
    if (out.bfloat16)
        rmsNormRows(x, weight, eps, as<Bfloat16>(out), scale, rows, width);
    else
        rmsNormRows(x, weight, eps, as<float>(out), scale, rows, width);
}

LACUNA_CLONES void rmsNormBackward(const float* x, const float* scale, const float* weight,
                                   Source upstream, float* dx, float* dWeight, std::int64_t rows,
                                   std::int64_t width)
{
    if (upstream.bfloat16)
        rmsNormBackwardRows(x, scale, weight, as<Bfloat16>(upstream), dx, dWeight, rows, width);
    else
        rmsNormBackwardRows(x, scale, weight, as<float>(upstream), dx, dWeight, rows, width);
}

LACUNA_CLONES void swiglu(Source gate, Source up, Target out, std::int64_t first, std::int64_t last)
{
    if (gate.bfloat16)
        swigluRange(as<Bfloat16>(gate), as<Bfloat16>(up), as<Bfloat16>(out), first, last);
    else
        swigluRange(as<float>(gate), as<float>(up), as<float>(out), first, last);
}

LACUNA_CLONES void swigluBackward(Source gate, Source up, Source upstream, Target dGate, Target dUp,
                                  std::int64_t first, std::int64_t last)
{
    if (gate.bfloat16)
        swigluBackwardRange(as<Bfloat16>(gate), as<Bfloat16>(up), as<Bfloat16>(upstream),
                            as<Bfloat16>(dGate), as<Bfloat16>(dUp), first, last);
    else
        swigluBackwardRange(as<float>(gate), as<float>(up), as<float>(upstream), as<float>(dGate),
                            as<float>(dUp), first, last);
}

LACUNA_CLONES void rotary(Source x, Target out, const float* cosine, const float* sine, bool back,
                          std::int64_t first, std::int64_t last, std::int64_t heads,
                          std::int64_t width)
{
    if (x.bfloat16)
        rotaryRows(as<Bfloat16>(x), as<Bfloat16>(out), cosine, sine, back, first, last, heads,
                   width);
    else
        rotaryRows(as<float>(x), as<float>(out), cosine, sine, back, first, last, heads, width);
}

LACUNA_CLONES float logProb(const float* logits, std::int64_t count, std::int64_t target)
{
    const float top = largest(logits, count);
    return logits[target] - top - std::log(exponentials(logits, nullptr, 1.0F, top, count));
}

LACUNA_CLONES void softmax(float* logits, float scale, float factor, std::int64_t count,
                           std::int64_t first, std::int64_t last)
{
    float* seen = logits + first;
    const float total = exponentials(seen, seen, scale, largest(seen, last - first), last - first);
    multiply(seen, factor / total, last - first);
    std::fill(logits, seen, 0.0F);
    std::fill(logits + last, logits + count, 0.0F);
}

LACUNA_CLONES void softmaxBackward(float* dP, const float* p, float offset, float scale,
                                   std::int64_t count)
{
    for (std::int64_t i = 0; i < count; i += kLanes) {
        const std::int64_t left = count - i;
        storePart(dP + i, (loadPart(dP + i, left) - offset) * loadPart(p + i, left) * scale, left);
    }
}

LACUNA_CLONES void attendOne(Source q, Source keys, Source values, Target out, float* scores,
                             float scale, std::int64_t count, std::int64_t width)
{
    if (q.bfloat16)
        attend(as<Bfloat16>(q), as<Bfloat16>(keys), as<Bfloat16>(values), as<Bfloat16>(out), scores,
               scale, count, width);
    else
        attend(as<float>(q), as<float>(keys), as<float>(values), as<float>(out), scores, scale,
               count, width);
}

LACUNA_CLONES void adamW(float* master, const float* gradient, float* first, float* second,
                         const AdamW& how, std::int64_t begin, std::int64_t end)
{
    for (std::int64_t i = begin; i < end; i += kLanes) {
        const std::int64_t left = end - i;
        const Floats g = loadPart(gradient + i, left);
        const Floats m = loadPart(first + i, left) * how.keep1 + g * (1.0F - how.keep1);
        const Floats v = loadPart(second + i, left) * how.keep2 + g * g * (1.0F - how.keep2);
        storePart(first + i, m, left);
        storePart(second + i, v, left);
        float roots[kLanes];
        store(roots, v);
        for (float& root : roots)
            root = std::sqrt(root);
        const Floats scale = load(roots) * how.rootCorrection + how.epsilon;
        storePart(master + i, loadPart(master + i, left) * how.decay - m / scale * how.step, left);
    }
}

} // namespace lacuna::kernels
// NOLINTEND(modernize-avoid-c-arrays)
