#include "core/methods/row_losses.h"

#include <cmath>
#include <limits>

namespace lacuna {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

/// [m, 1] of the rows that \p logits are.
at::Tensor column(const at::Tensor& targets, const at::Tensor& logits, std::int64_t first)
{
    return targets.narrow(0, first, logits.size(0)).unsqueeze(1);
}

/// \p upstream [m] for products with [m, V].
at::Tensor weightOf(const at::Tensor& upstream, const at::Tensor& logits)
{
    return upstream.to(logits.scalar_type()).unsqueeze(1);
}

/// -sum_v q(v) log p(v) of each row; q sums to 1.
at::Tensor crossEntropy(const at::Tensor& q, const at::Tensor& logits)
{
    return at::logsumexp(logits, {1}) - (q * logits).sum({1});
}

at::Tensor crossEntropyGradient(const at::Tensor& q, const at::Tensor& logits,
                                const at::Tensor& upstream)
{
    return at::softmax(logits, 1).sub_(q).mul_(weightOf(upstream, logits));
}

} // namespace

at::Tensor RestOfOwnDistribution::rest(const at::Tensor& logits, std::int64_t first) const
{
    return at::softmax(logits.scatter(1, column(m_targets, logits, first), kNever), 1);
}

at::Tensor RestOfOwnDistribution::value(at::Tensor logits, std::int64_t first) const
{
    return crossEntropy(rest(logits, first), logits);
}

at::Tensor RestOfOwnDistribution::gradient(at::Tensor logits, std::int64_t first,
                                           const at::Tensor& upstream) const
{
    return crossEntropyGradient(rest(logits, first), logits, upstream);
}

at::Tensor AdjustedTeacher::wanted(const at::Tensor& like, std::int64_t first) const
{
    const at::Tensor rows = m_hidden.narrow(0, first, like.size(0)).to(m_head.weight.scalar_type());
    at::Tensor logits = m_head.logits(rows).to(like.scalar_type());
    const at::Tensor targets = column(m_targets, like, first);
    logits.scatter_add_(1, targets, logits.new_full(targets.sizes(), -m_beta));
    return at::softmax(logits, 1);
}

at::Tensor AdjustedTeacher::value(at::Tensor logits, std::int64_t first) const
{
    return crossEntropy(wanted(logits, first), logits);
}

at::Tensor AdjustedTeacher::gradient(at::Tensor logits, std::int64_t first,
                                     const at::Tensor& upstream) const
{
    return crossEntropyGradient(wanted(logits, first), logits, upstream);
}

at::Tensor DistanceFromUniform::value(at::Tensor logits, std::int64_t /*first*/) const
{
    const at::Tensor logP = at::log_softmax(logits, 1);
    return (logP.exp() * logP).sum({1}).add_(std::log(static_cast<double>(logits.size(1))));
}

at::Tensor DistanceFromUniform::gradient(at::Tensor logits, std::int64_t /*first*/,
                                         const at::Tensor& upstream) const
{
    const at::Tensor logP = at::log_softmax(logits, 1);
    const at::Tensor p = logP.exp();
    const at::Tensor negativeEntropy = (p * logP).sum({1}, true);
    return p.mul(logP - negativeEntropy).mul_(weightOf(upstream, logits));
}

at::Tensor TemperedLogProb::value(at::Tensor logits, std::int64_t first) const
{
    return m_plain.value(logits.div_(m_temperature), first);
}

at::Tensor TemperedLogProb::gradient(at::Tensor logits, std::int64_t first,
                                     const at::Tensor& upstream) const
{
    return m_plain.gradient(logits.div_(m_temperature), first, upstream).div_(m_temperature);
}

at::Tensor PeakOverMean::value(at::Tensor logits, std::int64_t /*first*/) const
{
    return (logits.amax(1) - logits.mean(1)).square_();
}

at::Tensor PeakOverMean::gradient(at::Tensor logits, std::int64_t /*first*/,
                                  const at::Tensor& upstream) const
{
    const auto [largest, where] = logits.max(1);
    const at::Tensor slope =
        ((largest - logits.mean(1)) * 2 * upstream.to(logits.scalar_type())).unsqueeze(1);
    const auto count = static_cast<double>(logits.size(1));
    return slope.div(-count)
        .expand(logits.sizes())
        .contiguous()
        .scatter_add_(1, where.unsqueeze(1), slope);
}

at::Tensor genericLogits(const at::Tensor& start, const at::Tensor& reinforced, double alpha)
{
    return start - at::relu(reinforced - start).mul_(alpha);
}

at::Tensor bestOther(at::Tensor logits, const at::Tensor& targets)
{
    return logits.scatter_(1, targets.unsqueeze(1), kNever).argmax(1);
}

at::Tensor InvertedHinge::value(at::Tensor logits, std::int64_t first) const
{
    const at::Tensor p = at::softmax(logits, 1);
    const at::Tensor targets = column(m_targets, logits, first);
    const at::Tensor other = bestOther(logits, targets.squeeze(1)).unsqueeze(1);
    return (p.gather(1, targets) - p.gather(1, other)).squeeze(1).add_(1.0);
}

at::Tensor InvertedHinge::gradient(at::Tensor logits, std::int64_t first,
                                   const at::Tensor& upstream) const
{
    at::Tensor p = at::softmax(logits, 1);
    const at::Tensor targets = column(m_targets, logits, first);
    const at::Tensor weight = weightOf(upstream, logits);
    const at::Tensor other = bestOther(logits, targets.squeeze(1)).unsqueeze(1);
    const at::Tensor mine = p.gather(1, targets);
    const at::Tensor theirs = p.gather(1, other);
    // d p_i / d z = p_i (onehot(i) - p)
    at::Tensor result = p.mul_(theirs - mine);
    result.scatter_add_(1, targets, mine).scatter_add_(1, other, theirs.neg());
    return result.mul_(weight);
}

} // namespace lacuna
