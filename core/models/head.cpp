#include "core/models/head.h"

#include "core/models/fused.h"

#include <algorithm>

namespace lacuna {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;
using torch::autograd::Variable;

// 32 MiB of float32 logits a chunk: large enough for an efficient product, small enough to stay
// near the cache and out of the memory plan.
constexpr std::int64_t kChunkElements = std::int64_t{8} << 20;

std::int64_t chunkRows(std::int64_t vocabulary)
{
    return std::max<std::int64_t>(16, kChunkElements / vocabulary);
}

at::ScalarType scoreType(const at::Tensor& hidden)
{
    return hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

template <class Visit> void forEachChunk(std::int64_t rows, const HeadWeights& weights, Visit visit)
{
    const std::int64_t step = chunkRows(weights.weight.size(0));
    for (std::int64_t first = 0; first < rows; first += step)
        visit(first, std::min(step, rows - first));
}

/// gradient += dLogits transposed times rows.
void addProduct(at::Tensor gradient, const at::Tensor& dLogits, const at::Tensor& rows)
{
    if (gradient.scalar_type() == rows.scalar_type())
        gradient.addmm_(dLogits.t(), rows);
    else if (fused::fitsFloat(gradient) && fused::fits(rows))
        fused::add(gradient, at::mm(dLogits.t(), rows));
    else
        gradient.add_(at::mm(dLogits.t(), rows));
}

/// Carries the loss through autograd's saved data, which holds custom classes only by this door.
struct LossHolder : torch::CustomClassHolder {
    explicit LossHolder(std::shared_ptr<const RowLoss> held) : loss(std::move(held)) {}
    std::shared_ptr<const RowLoss> loss;
};

class ScoreFunction : public torch::autograd::Function<ScoreFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& hidden, const Variable& /*leaf*/,
                            const Head& head, std::shared_ptr<const RowLoss> loss)
    {
        const HeadWeights weights = head.weights();
        at::Tensor values = at::empty({hidden.size(0)}, hidden.options().dtype(scoreType(hidden)));
        forEachChunk(hidden.size(0), weights, [&](std::int64_t first, std::int64_t count) {
            const at::Tensor rows = hidden.narrow(0, first, count);
            values.narrow(0, first, count).copy_(loss->value(weights.logits(rows), first));
        });
        ctx->save_for_backward({hidden});
        // The parameters outlive the graph; see functions.cpp on why they are no tensor arguments.
        ctx->saved_data["weight"] = reinterpret_cast<std::int64_t>(head.weight);
        ctx->saved_data["bias"] = reinterpret_cast<std::int64_t>(head.bias);
        ctx->saved_data["softCap"] = head.softCap;
        ctx->saved_data["loss"] =
            c10::IValue::make_capsule(c10::make_intrusive<LossHolder>(std::move(loss)));
        return values;
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const at::Tensor hidden = ctx->get_saved_variables()[0];
        const Head head{.weight = reinterpret_cast<Parameter*>(ctx->saved_data["weight"].toInt()),
                        .bias = reinterpret_cast<Parameter*>(ctx->saved_data["bias"].toInt()),
                        .softCap = ctx->saved_data["softCap"].toDouble()};
        const HeadWeights weights = head.weights();
        const auto holder = ctx->saved_data["loss"].toCapsule();
        const RowLoss& loss = *static_cast<LossHolder*>(holder.get())->loss;
        at::Tensor dHidden = at::empty_like(hidden);
        forEachChunk(hidden.size(0), weights, [&](std::int64_t first, std::int64_t count) {
            const at::Tensor rows = hidden.narrow(0, first, count);
            const at::Tensor logits = weights.logits(rows);
            at::Tensor slope; // of the cap, before the loss overwrites the logits
            if (head.softCap > 0)
                slope = 1.0 - logits.div(head.softCap).square_();
            at::Tensor dLogits = loss.gradient(logits, first, upstream[0].narrow(0, first, count));
            if (slope.defined())
                dLogits = dLogits * slope;
            if (head.bias && head.bias->trained)
                head.bias->gradient.add_(dLogits.sum(0));
            dLogits = dLogits.to(hidden.scalar_type());
            if (head.weight->trained)
                addProduct(head.weight->gradient, dLogits, rows);
            dHidden.narrow(0, first, count).copy_(at::mm(dLogits, weights.weight));
        });
        return {dHidden, Variable(), Variable(), Variable()};
    }
};

} // namespace

at::Tensor HeadWeights::logits(const at::Tensor& rows) const
{
    const at::ScalarType type = scoreType(rows);
    at::Tensor logits = rows.size(0) <= fused::kFewRows && fused::fits(rows) && fused::fits(weight)
                            ? fused::product(rows, weight, type)
                            : at::mm(rows, weight.t()).to(type);
    if (bias.defined())
        logits.add_(bias);
    if (softCap > 0)
        logits.div_(softCap).tanh_().mul_(softCap);
    return logits;
}

HeadWeights HeadWeights::clone() const
{
    return {.weight = weight.clone(),
            .bias = bias.defined() ? bias.clone() : at::Tensor(),
            .softCap = softCap};
}

HeadWeights Head::weights() const
{
    return {.weight = weight->compute.detach(),
            .bias = bias ? bias->compute.detach() : at::Tensor(),
            .softCap = softCap};
}

at::Tensor TokenLogProb::value(at::Tensor logits, std::int64_t first) const
{
    if (fused::fitsFloat(logits))
        return fused::logProbs(logits, m_targets.narrow(0, first, logits.size(0)));
    const at::Tensor targets = m_targets.narrow(0, first, logits.size(0)).unsqueeze(1);
    return logits.gather(1, targets).squeeze(1) - at::logsumexp(logits, {1});
}

at::Tensor TokenLogProb::gradient(at::Tensor logits, std::int64_t first,
                                  const at::Tensor& upstream) const
{
    if (fused::fitsFloat(logits) && upstream.scalar_type() == at::kFloat) {
        fused::logProbGradient(logits, m_targets.narrow(0, first, logits.size(0)), upstream);
        return logits;
    }
    const at::Tensor targets = m_targets.narrow(0, first, logits.size(0)).unsqueeze(1);
    const at::Tensor weight = upstream.to(logits.scalar_type()).unsqueeze(1);
    at::Tensor result = at::softmax(logits, 1).mul_(weight.neg());
    return result.scatter_add_(1, targets, weight);
}

at::Tensor TeacherDivergence::teacherLogProbs(const at::Tensor& like, std::int64_t first) const
{
    const at::Tensor rows = m_hidden.narrow(0, first, like.size(0)).to(m_head.weight.scalar_type());
    return at::log_softmax(m_head.logits(rows).to(like.scalar_type()), 1);
}

at::Tensor TeacherDivergence::value(at::Tensor logits, std::int64_t first) const
{
    const at::Tensor teacher = teacherLogProbs(logits, first);
    const at::Tensor own = at::log_softmax(logits, 1);
    return (teacher.exp() * (m_measure == Measure::Divergence ? teacher - own : -own)).sum({1});
}

at::Tensor TeacherDivergence::gradient(at::Tensor logits, std::int64_t first,
                                       const at::Tensor& upstream) const
{
    return at::softmax(logits, 1)
        .sub_(teacherLogProbs(logits, first).exp_())
        .mul_(upstream.to(logits.scalar_type()).unsqueeze(1));
}

at::Tensor scoreRows(const at::Tensor& hidden, const Head& head,
                     std::shared_ptr<const RowLoss> loss)
{
    const Parameter& leaf = head.bias && head.bias->trained ? *head.bias : *head.weight;
    return ScoreFunction::apply(hidden, leaf.compute, head, std::move(loss));
}

void visitLogits(const at::Tensor& hidden, const Head& head,
                 const std::function<void(at::Tensor logits, std::int64_t first)>& visit)
{
    const at::NoGradGuard noGrad;
    const HeadWeights weights = head.weights();
    forEachChunk(hidden.size(0), weights, [&](std::int64_t first, std::int64_t count) {
        visit(weights.logits(hidden.narrow(0, first, count)), first);
    });
}

} // namespace lacuna
