#include "core/models/fused.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace lacuna::fused {
namespace {

constexpr std::int64_t kGrain =
    32768; // elements below which another thread costs more than it does

kernels::Source source(const at::Tensor& x)
{
    return {x.data_ptr(), x.scalar_type() == at::kBFloat16};
}

kernels::Target target(const at::Tensor& x)
{
    return {x.data_ptr(), x.scalar_type() == at::kBFloat16};
}

kernels::Source offset(kernels::Source values, std::int64_t element)
{
    return {static_cast<const char*>(values.data) + element * (values.bfloat16 ? 2 : 4),
            values.bfloat16};
}

kernels::Target offset(kernels::Target values, std::int64_t element)
{
    return {static_cast<char*>(values.data) + element * (values.bfloat16 ? 2 : 4), values.bfloat16};
}

/// Calls \p body(first, last) for ranges of \p count items of \p size elements each.
template <class Body> void forRanges(std::int64_t count, std::int64_t size, const Body& body)
{
    at::parallel_for(0, count, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, size)),
                     body);
}

} // namespace

bool fits(const at::Tensor& x)
{
    return x.device().is_cpu() && x.is_contiguous() &&
           (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

bool fitsFloat(const at::Tensor& x)
{
    return fits(x) && x.scalar_type() == at::kFloat;
}

at::Tensor product(const at::Tensor& x, const at::Tensor& weight, at::ScalarType outType)
{
    const std::int64_t rows = x.size(0);
    const std::int64_t inner = x.size(1);
    const std::int64_t columns = weight.size(0);
    const at::Tensor input = x.to(at::kFloat);
    at::Tensor out = at::empty({rows, columns}, input.options());
    const float* in = input.data_ptr<float>();
    float* result = out.data_ptr<float>();
    const kernels::Source weights = source(weight);
    constexpr std::int64_t kBlock = 16; // columns
    forRanges((columns + kBlock - 1) / kBlock, kBlock * inner,
              [&](std::int64_t first, std::int64_t last) {
                  kernels::product(in, weights, result, rows, inner, columns, first * kBlock,
                                   std::min(columns, last * kBlock));
              });
    return out.to(outType);
}

void add(at::Tensor& sum, const at::Tensor& values)
{
    float* to = sum.data_ptr<float>();
    const kernels::Source addends = source(values);
    forRanges(sum.numel(), 1, [&](std::int64_t first, std::int64_t last) {
        kernels::add(to + first, offset(addends, first), last - first);
    });
}

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps,
                   at::ScalarType outType, at::Tensor& scale)
{
    const std::int64_t width = x.size(1);
    at::Tensor out = at::empty(x.sizes(), x.options().dtype(outType));
    scale = at::empty({x.size(0)}, x.options());
    const float* from = x.data_ptr<float>();
    const float* factors = weight.data_ptr<float>();
    float* scales = scale.data_ptr<float>();
    forRanges(x.size(0), width, [&](std::int64_t first, std::int64_t last) {
        kernels::rmsNorm(from + first * width, factors, eps, offset(target(out), first * width),
                         scales + first, last - first, width);
    });
    return out;
}

at::Tensor rmsNormBackward(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& weight,
                           const at::Tensor& upstream, at::Tensor dWeight, bool wantDx)
{
    // Sums over rows are made block by block, whatever the number of threads.
    constexpr std::int64_t kBlock = 64;
    const std::int64_t rows = x.size(0);
    const std::int64_t width = x.size(1);
    const std::int64_t blocks = (rows + kBlock - 1) / kBlock;
    at::Tensor dx = wantDx ? at::empty_like(x) : at::Tensor();
    at::Tensor sums = dWeight.defined() ? at::zeros({blocks, width}, x.options()) : at::Tensor();
    const float* from = x.data_ptr<float>();
    const float* factors = weight.data_ptr<float>();
    const float* scales = scale.data_ptr<float>();
    float* to = wantDx ? dx.data_ptr<float>() : nullptr;
    float* partial = sums.defined() ? sums.data_ptr<float>() : nullptr;
    forRanges(blocks, kBlock * width, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) {
            const std::int64_t row = block * kBlock;
            kernels::rmsNormBackward(
                from + row * width, scales + row, factors, offset(source(upstream), row * width),
                to ? to + row * width : nullptr, partial ? partial + block * width : nullptr,
                std::min(kBlock, rows - row), width);
        }
    });
    if (sums.defined())
        dWeight.add_(sums.sum(0));
    return dx;
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up)
{
    at::Tensor out = at::empty_like(gate);
    forRanges(gate.numel(), 1, [&](std::int64_t first, std::int64_t last) {
        kernels::swiglu(source(gate), source(up), target(out), first, last);
    });
    return out;
}

void swigluBackward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& upstream,
                    at::Tensor& dGate, at::Tensor& dUp)
{
    dGate = at::empty_like(gate);
    dUp = at::empty_like(up);
    forRanges(gate.numel(), 1, [&](std::int64_t first, std::int64_t last) {
        kernels::swigluBackward(source(gate), source(up), source(upstream), target(dGate),
                                target(dUp), first, last);
    });
}

at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine, bool back)
{
    at::Tensor out = at::empty_like(x);
    const float* c = cosine.data_ptr<float>();
    const float* s = sine.data_ptr<float>();
    forRanges(x.size(0), x.size(1) * x.size(2), [&](std::int64_t first, std::int64_t last) {
        kernels::rotary(source(x), target(out), c, s, back, first, last, x.size(1), x.size(2));
    });
    return out;
}

void softmax(at::Tensor& scores, double scale, const Sight& sight)
{
    const std::int64_t keys = scores.size(2);
    float* data = scores.data_ptr<float>();
    forRanges(scores.size(0) * scores.size(1), keys, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row) {
            const std::int64_t query = sight.firstQuery + row % sight.queries;
            const std::int64_t end =
                std::min({query + 1, sight.visibleKeys, sight.firstKey + keys}) - sight.firstKey;
            const std::int64_t begin =
                sight.window > 0
                    ? std::max<std::int64_t>(0, query - sight.window + 1 - sight.firstKey)
                    : 0;
            kernels::softmax(data + row * keys, static_cast<float>(scale), 1.0F, keys, begin,
                             std::max(begin, end));
        }
    });
}

void softmaxBackward(at::Tensor& dP, const at::Tensor& p, const at::Tensor& rowOffset, double scale)
{
    const std::int64_t keys = dP.size(2);
    float* to = dP.data_ptr<float>();
    const float* from = p.data_ptr<float>();
    const float* offsets = rowOffset.data_ptr<float>();
    forRanges(dP.size(0) * dP.size(1), keys, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row)
            kernels::softmaxBackward(to + row * keys, from + row * keys, offsets[row],
                                     static_cast<float>(scale), keys);
    });
}

at::Tensor attendOne(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                     double scale)
{
    const std::int64_t heads = q.size(1);
    const std::int64_t width = q.size(2);
    const std::int64_t count = keys.size(1);
    const std::int64_t groups = heads / keys.size(0);
    at::Tensor out = at::empty_like(q);
    at::Tensor scores = at::empty({heads, count}, q.options().dtype(at::kFloat));
    float* room = scores.data_ptr<float>();
    forRanges(heads, count * width, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t head = first; head < last; ++head)
            kernels::attendOne(offset(source(q), head * width),
                               offset(source(keys), head / groups * keys.stride(0)),
                               offset(source(values), head / groups * values.stride(0)),
                               offset(target(out), head * width), room + head * count,
                               static_cast<float>(scale), count, width);
    });
    return out;
}

at::Tensor logProbs(const at::Tensor& logits, const at::Tensor& targets)
{
    const std::int64_t vocabulary = logits.size(1);
    at::Tensor out = at::empty({logits.size(0)}, logits.options());
    const float* rows = logits.data_ptr<float>();
    const std::int64_t* ids = targets.data_ptr<std::int64_t>();
    float* to = out.data_ptr<float>();
    forRanges(logits.size(0), vocabulary, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row)
            to[row] = kernels::logProb(rows + row * vocabulary, vocabulary, ids[row]);
    });
    return out;
}

void logProbGradient(at::Tensor& logits, const at::Tensor& targets, const at::Tensor& upstream)
{
    const std::int64_t vocabulary = logits.size(1);
    const at::Tensor weight = upstream.contiguous();
    float* rows = logits.data_ptr<float>();
    const std::int64_t* ids = targets.data_ptr<std::int64_t>();
    const float* factors = weight.data_ptr<float>();
    forRanges(logits.size(0), vocabulary, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row) {
            float* values = rows + row * vocabulary;
            kernels::softmax(values, 1.0F, -factors[row], vocabulary, 0, vocabulary);
            values[ids[row]] += factors[row];
        }
    });
}

void adamW(at::Tensor& master, const at::Tensor& gradient, at::Tensor& first, at::Tensor& second,
           const kernels::AdamW& how)
{
    float* weights = master.data_ptr<float>();
    const float* g = gradient.data_ptr<float>();
    float* m = first.data_ptr<float>();
    float* v = second.data_ptr<float>();
    forRanges(master.numel(), 1, [&](std::int64_t begin, std::int64_t end) {
        kernels::adamW(weights, g, m, v, how, begin, end);
    });
}

} // namespace lacuna::fused
