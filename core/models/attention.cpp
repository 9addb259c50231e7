#include "core/models/functions.h"

#include "core/models/fused.h"

#include <algorithm>
#include <limits>

namespace lacuna::functions {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;
using torch::autograd::Variable;

constexpr std::int64_t kQueryBlock = 256;

/// A block of queries of one sequence, with the keys that any of them may see.
struct QueryBlock {
    std::int64_t first; ///< query positions [first, first + count)
    std::int64_t count;
    std::int64_t firstKey; ///< keys [firstKey, firstKey + keys)
    std::int64_t keys;
};

std::vector<QueryBlock> queryBlocks(const PackedBatch::Sequence& sequence, std::int64_t window)
{
    std::vector<QueryBlock> blocks;
    for (std::int64_t first = 0; first < sequence.length; first += kQueryBlock) {
        const std::int64_t count = std::min(kQueryBlock, sequence.length - first);
        const std::int64_t firstKey =
            window > 0 ? std::max<std::int64_t>(0, first - window + 1) : 0;
        const std::int64_t lastKey = std::min(first + count, sequence.visibleKeys);
        blocks.push_back({first, count, firstKey, std::max<std::int64_t>(1, lastKey - firstKey)});
    }
    return blocks;
}

/// Adds -inf where a query may not look. \param scores [K, G, M, T]
void hideKeys(at::Tensor& scores, std::int64_t firstQuery, std::int64_t firstKey,
              std::int64_t visibleKeys, std::int64_t window)
{
    const std::int64_t queries = scores.size(-2);
    const std::int64_t keys = scores.size(-1);
    const auto options = at::TensorOptions().device(scores.device()).dtype(at::kLong);
    const at::Tensor query = at::arange(firstQuery, firstQuery + queries, options).unsqueeze(1);
    const at::Tensor key = at::arange(firstKey, firstKey + keys, options).unsqueeze(0);
    at::Tensor hidden = (key > query).logical_or_(key >= visibleKeys);
    if (window > 0)
        hidden.logical_or_(key <= query - window);
    scores.masked_fill_(hidden, -std::numeric_limits<double>::infinity());
}

at::ScalarType attentionType(const at::Tensor& q)
{
    return q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// [T, H, E] to [K, G * T, E] in the type that attention computes in.
at::Tensor groupedQueries(const at::Tensor& q, std::int64_t kvHeads)
{
    const std::int64_t length = q.size(0);
    const std::int64_t groups = q.size(1) / kvHeads;
    return q.to(attentionType(q))
        .view({length, kvHeads, groups, q.size(2)})
        .permute({1, 2, 0, 3})
        .reshape({kvHeads, groups * length, q.size(2)});
}

/// The inverse of groupedQueries().
at::Tensor ungroupedQueries(const at::Tensor& x, std::int64_t length)
{
    const std::int64_t kvHeads = x.size(0);
    const std::int64_t groups = x.size(1) / length;
    return x.view({kvHeads, groups, length, x.size(2)})
        .permute({2, 0, 1, 3})
        .reshape({length, kvHeads * groups, x.size(2)});
}

/// [T, K, E] to [K, T, E].
at::Tensor headMajor(const at::Tensor& x)
{
    return x.to(attentionType(x)).transpose(0, 1).contiguous();
}

/// \param slope  when given, receives the derivative of the capped scores, or stays undefined when
///               there is no cap
at::Tensor probabilities(const at::Tensor& q, const at::Tensor& keys, std::int64_t queries,
                         std::int64_t firstQuery, std::int64_t firstKey, std::int64_t visibleKeys,
                         const AttentionRule& rule, at::Tensor* slope = nullptr)
{
    double scale = rule.scale;
    at::Tensor scores = at::bmm(q, keys.transpose(1, 2)); // [K, G*M, T]
    if (rule.softCap > 0) {
        scores.mul_(scale / rule.softCap).tanh_();
        if (slope)
            *slope = 1.0 - scores.square();
        scale = rule.softCap;
    }
    if (fused::fitsFloat(scores)) {
        fused::softmax(scores, scale,
                       {.queries = queries,
                        .firstQuery = firstQuery,
                        .firstKey = firstKey,
                        .visibleKeys = visibleKeys,
                        .window = rule.window});
        return scores;
    }
    scores.mul_(scale);
    at::Tensor grid = scores.view({q.size(0), -1, queries, keys.size(1)});
    hideKeys(grid, firstQuery, firstKey, visibleKeys, rule.window);
    return at::softmax(scores, -1);
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& q, const Variable& k,
                            const Variable& v, const std::vector<PackedBatch::Sequence>& sequences,
                            const AttentionRule& rule)
    {
        at::Tensor out = at::empty_like(q);
        std::vector<std::int64_t> spans;
        for (const auto& sequence : sequences) {
            spans.insert(spans.end(), {sequence.start, sequence.length, sequence.visibleKeys});
            const at::Tensor keys = headMajor(k.narrow(0, sequence.start, sequence.length));
            const at::Tensor values = headMajor(v.narrow(0, sequence.start, sequence.length));
            for (const QueryBlock& block : queryBlocks(sequence, rule.window)) {
                const at::Tensor queries = groupedQueries(
                    q.narrow(0, sequence.start + block.first, block.count), k.size(1));
                const at::Tensor p =
                    probabilities(queries, keys.narrow(1, block.firstKey, block.keys), block.count,
                                  block.first, block.firstKey, sequence.visibleKeys, rule);
                const at::Tensor mixed = at::bmm(p, values.narrow(1, block.firstKey, block.keys));
                out.narrow(0, sequence.start + block.first, block.count)
                    .copy_(ungroupedQueries(mixed, block.count));
            }
        }
        ctx->save_for_backward({q, k, v, out});
        ctx->saved_data["spans"] = spans;
        ctx->saved_data["window"] = rule.window;
        ctx->saved_data["scale"] = rule.scale;
        ctx->saved_data["softCap"] = rule.softCap;
        return out;
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto kept = ctx->get_saved_variables();
        const at::Tensor& q = kept[0];
        const at::Tensor& k = kept[1];
        const at::Tensor& v = kept[2];
        const at::Tensor& out = kept[3];
        const at::Tensor g = upstream[0].contiguous();
        const std::vector<std::int64_t> spans = ctx->saved_data["spans"].toIntVector();
        const AttentionRule rule{.scale = ctx->saved_data["scale"].toDouble(),
                                 .window = ctx->saved_data["window"].toInt(),
                                 .softCap = ctx->saved_data["softCap"].toDouble()};
        at::Tensor dq = at::empty_like(q);
        at::Tensor dk = at::empty_like(k);
        at::Tensor dv = at::empty_like(v);
        for (std::size_t i = 0; i < spans.size(); i += 3) {
            const PackedBatch::Sequence sequence{spans[i], spans[i + 1], spans[i + 2]};
            const at::Tensor keys = headMajor(k.narrow(0, sequence.start, sequence.length));
            const at::Tensor values = headMajor(v.narrow(0, sequence.start, sequence.length));
            at::Tensor keyGradient = at::zeros_like(keys);
            at::Tensor valueGradient = at::zeros_like(values);
            for (const QueryBlock& block : queryBlocks(sequence, rule.window)) {
                const std::int64_t row = sequence.start + block.first;
                const at::Tensor queries = groupedQueries(q.narrow(0, row, block.count), k.size(1));
                const at::Tensor mixed = groupedQueries(out.narrow(0, row, block.count), k.size(1));
                const at::Tensor dMixed = groupedQueries(g.narrow(0, row, block.count), k.size(1));
                const at::Tensor seenKeys = keys.narrow(1, block.firstKey, block.keys);
                const at::Tensor seenValues = values.narrow(1, block.firstKey, block.keys);
                at::Tensor slope;
                const at::Tensor p =
                    probabilities(queries, seenKeys, block.count, block.first, block.firstKey,
                                  sequence.visibleKeys, rule, &slope);
                valueGradient.narrow(1, block.firstKey, block.keys)
                    .add_(at::bmm(p.transpose(1, 2), dMixed));
                at::Tensor dScores = at::bmm(dMixed, seenValues.transpose(1, 2));
                const at::Tensor offset = (dMixed * mixed).sum({-1}, true);
                if (fused::fitsFloat(dScores) && fused::fitsFloat(p))
                    fused::softmaxBackward(dScores, p, offset, rule.scale);
                else
                    dScores.sub_(offset).mul_(p).mul_(rule.scale);
                if (slope.defined())
                    dScores.mul_(slope);
                dq.narrow(0, row, block.count)
                    .copy_(ungroupedQueries(at::bmm(dScores, seenKeys), block.count));
                keyGradient.narrow(1, block.firstKey, block.keys)
                    .add_(at::bmm(dScores.transpose(1, 2), queries));
            }
            dk.narrow(0, sequence.start, sequence.length).copy_(keyGradient.transpose(0, 1));
            dv.narrow(0, sequence.start, sequence.length).copy_(valueGradient.transpose(0, 1));
        }
        return {dq, dk, dv, Variable(), Variable()};
    }
};

} // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const PackedBatch& batch, const AttentionRule& rule)
{
    return AttentionFunction::apply(q, k, v, batch.sequences, rule);
}

at::Tensor cachedAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                           std::int64_t firstPosition, const AttentionRule& rule)
{
    const std::int64_t queries = q.size(0);
    if (queries == 1 && rule.softCap == 0 && fused::fits(q) &&
        keys.scalar_type() == q.scalar_type() && keys.size(2) <= kernels::kWidestHead) {
        const std::int64_t from =
            rule.window > 0 ? std::max<std::int64_t>(0, firstPosition - rule.window + 1) : 0;
        const std::int64_t seen = keys.size(1) - from;
        return fused::attendOne(q, keys.narrow(1, from, seen), values.narrow(1, from, seen),
                                rule.scale);
    }
    const at::Tensor p = probabilities(groupedQueries(q, keys.size(0)), keys.to(attentionType(q)),
                                       queries, firstPosition, 0, keys.size(1), rule);
    return ungroupedQueries(at::bmm(p, values.to(attentionType(q))), queries).to(q.scalar_type());
}

} // namespace lacuna::functions
