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

at::Tensor chunkLogits(const at::Tensor& hidden, const at::Tensor& weight, std::int64_t first,
                       std::int64_t count)
{
    const at::Tensor rows = hidden.narrow(0, first, count);
    if (count <= fused::kFewRows && fused::fits(rows) && fused::fits(weight))
        return fused::product(rows, weight, scoreType(hidden));
    return at::mm(rows, weight.t()).to(scoreType(hidden));
}

template <class Visit> void forEachChunk(std::int64_t rows, std::int64_t vocabulary, Visit visit)
{
    const std::int64_t step = chunkRows(vocabulary);
    for (std::int64_t first = 0; first < rows; first += step)
        visit(first, std::min(step, rows - first));
}

/// Carries the loss through autograd's saved data, which holds custom classes only by this door.
struct LossHolder : torch::CustomClassHolder {
    explicit LossHolder(std::shared_ptr<const RowLoss> held) : loss(std::move(held)) {}
    std::shared_ptr<const RowLoss> loss;
};

class ScoreFunction : public torch::autograd::Function<ScoreFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& hidden, const Variable& /*leaf*/,
                            const Parameter* head, std::shared_ptr<const RowLoss> loss)
    {
        const at::Tensor weight = head->compute.detach();
        at::Tensor values = at::empty({hidden.size(0)}, hidden.options().dtype(scoreType(hidden)));
        forEachChunk(hidden.size(0), weight.size(0), [&](std::int64_t first, std::int64_t count) {
            values.narrow(0, first, count)
                .copy_(loss->value(chunkLogits(hidden, weight, first, count), first));
        });
        ctx->save_for_backward({hidden});
        // The head outlives the graph; see functions.cpp on why it is no tensor argument.
        ctx->saved_data["head"] = reinterpret_cast<std::int64_t>(head);
        ctx->saved_data["loss"] =
            c10::IValue::make_capsule(c10::make_intrusive<LossHolder>(std::move(loss)));
        return values;
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const at::Tensor hidden = ctx->get_saved_variables()[0];
        const auto* head = reinterpret_cast<const Parameter*>(ctx->saved_data["head"].toInt());
        const at::Tensor weight = head->compute.detach();
        at::Tensor gradient = head->trained ? head->gradient : at::Tensor();
        const auto holder = ctx->saved_data["loss"].toCapsule();
        const RowLoss& loss = *static_cast<LossHolder*>(holder.get())->loss;
        at::Tensor dHidden = at::empty_like(hidden);
        forEachChunk(hidden.size(0), weight.size(0), [&](std::int64_t first, std::int64_t count) {
            const at::Tensor dLogits = loss.gradient(chunkLogits(hidden, weight, first, count),
                                                     first, upstream[0].narrow(0, first, count))
                                           .to(hidden.scalar_type());
            if (gradient.defined()) {
                const at::Tensor rows = hidden.narrow(0, first, count);
                if (gradient.scalar_type() == rows.scalar_type())
                    gradient.addmm_(dLogits.t(), rows);
                else if (fused::fitsFloat(gradient) && fused::fits(rows))
                    fused::add(gradient, at::mm(dLogits.t(), rows));
                else
                    gradient.add_(at::mm(dLogits.t(), rows));
            }
            dHidden.narrow(0, first, count).copy_(at::mm(dLogits, weight));
        });
        return {dHidden, Variable(), Variable(), Variable()};
    }
};

} // namespace

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
    const at::Tensor rows = m_hidden.narrow(0, first, like.size(0)).to(m_head.scalar_type());
    return at::log_softmax(at::mm(rows, m_head.t()).to(like.scalar_type()), 1);
}

at::Tensor TeacherDivergence::value(at::Tensor logits, std::int64_t first) const
{
    const at::Tensor teacher = teacherLogProbs(logits, first);
    return (teacher.exp() * (teacher - at::log_softmax(logits, 1))).sum({1});
}

at::Tensor TeacherDivergence::gradient(at::Tensor logits, std::int64_t first,
                                       const at::Tensor& upstream) const
{
    return at::softmax(logits, 1)
        .sub_(teacherLogProbs(logits, first).exp_())
        .mul_(upstream.to(logits.scalar_type()).unsqueeze(1));
}

at::Tensor scoreRows(const at::Tensor& hidden, Parameter& head, std::shared_ptr<const RowLoss> loss)
{
    return ScoreFunction::apply(hidden, head.compute, static_cast<const Parameter*>(&head),
                                std::move(loss));
}

void visitLogits(const at::Tensor& hidden, const Parameter& head,
                 const std::function<void(at::Tensor logits, std::int64_t first)>& visit)
{
    const at::NoGradGuard noGrad;
    forEachChunk(hidden.size(0), head.compute.size(0), [&](std::int64_t first, std::int64_t count) {
        visit(chunkLogits(hidden, head.compute, first, count), first);
    });
}

} // namespace lacuna
