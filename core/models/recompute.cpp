#include "core/models/recompute.h"

namespace lacuna::functions {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;
using torch::autograd::Variable;

using Body = std::function<at::Tensor(const at::Tensor&)>;

/// Carries the body through autograd's saved data, which holds custom classes only by this door.
struct BodyHolder : torch::CustomClassHolder {
    explicit BodyHolder(Body held) : body(std::move(held)) {}
    Body body;
};

class RecomputedFunction : public torch::autograd::Function<RecomputedFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& /*leaf*/,
                            Body body)
    {
        at::Tensor out = body(x);
        ctx->save_for_backward({x});
        ctx->saved_data["body"] =
            c10::IValue::make_capsule(c10::make_intrusive<BodyHolder>(std::move(body)));
        return out;
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto holder = ctx->saved_data["body"].toCapsule();
        const at::AutoGradMode graph(true);
        at::Tensor x = ctx->get_saved_variables()[0].detach();
        x.requires_grad_(ctx->needs_input_grad(0));
        const at::Tensor out = static_cast<BodyHolder*>(holder.get())->body(x);
        torch::autograd::backward({out}, {upstream[0]});
        return {x.grad(), Variable(), Variable()};
    }
};

} // namespace

at::Tensor recomputed(const at::Tensor& x, const at::Tensor& leaf, Body body)
{
    return RecomputedFunction::apply(x, leaf, std::move(body));
}

} // namespace lacuna::functions
