#include "core/models/functions.h"

#include "core/models/fused.h"

namespace lacuna::functions {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;
using torch::autograd::Variable;

/// Autograd treats every tensor argument of a function as an input and wants it defined, so that
/// parameters travel as pointers; they outlive the graph.
void save(AutogradContext* ctx, const char* key, const Parameter* parameter)
{
    ctx->saved_data[key] = reinterpret_cast<std::int64_t>(parameter);
}

const Parameter* saved(AutogradContext* ctx, const char* key)
{
    return reinterpret_cast<const Parameter*>(ctx->saved_data[key].toInt());
}

/// A second name for the gradient's storage that may be written to.
at::Tensor gradientOf(const Parameter* parameter)
{
    return parameter && parameter->trained ? parameter->gradient : at::Tensor();
}

void addTo(at::Tensor& gradient, const at::Tensor& addend)
{
    if (fused::fitsFloat(gradient) && fused::fits(addend))
        fused::add(gradient, addend);
    else
        gradient.add_(addend);
}

class EmbeddingFunction : public torch::autograd::Function<EmbeddingFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& ids, const Variable& /*leaf*/,
                            const Parameter* table)
    {
        ctx->save_for_backward({ids});
        save(ctx, "table", table);
        return table->master.index_select(0, ids);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        at::Tensor gradient = gradientOf(saved(ctx, "table"));
        gradient.index_add_(0, ctx->get_saved_variables()[0],
                            upstream[0].to(gradient.scalar_type()));
        return {Variable(), Variable(), Variable()};
    }
};

class LinearFunction : public torch::autograd::Function<LinearFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& /*leaf*/,
                            const Parameter* weight, const Parameter* bias)
    {
        ctx->save_for_backward({x});
        save(ctx, "weight", weight);
        save(ctx, "bias", bias);
        if (x.size(0) <= fused::kFewRows && fused::fits(x) && fused::fits(weight->compute)) {
            at::Tensor out = fused::product(x, weight->compute, x.scalar_type());
            return bias ? out.add_(bias->compute) : out;
        }
        const at::Tensor transposed = weight->compute.t();
        return bias ? at::addmm(bias->compute, x, transposed) : at::mm(x, transposed);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const at::Tensor x = ctx->get_saved_variables()[0];
        const Parameter* weight = saved(ctx, "weight");
        const at::Tensor& g = upstream[0];
        if (at::Tensor gradient = gradientOf(weight); gradient.defined()) {
            if (gradient.scalar_type() == g.scalar_type())
                gradient.addmm_(g.t(), x);
            else
                addTo(gradient, at::mm(g.t(), x));
        }
        if (at::Tensor gradient = gradientOf(saved(ctx, "bias")); gradient.defined())
            gradient.add_(g.to(gradient.scalar_type()).sum(0));
        at::Tensor dx;
        if (ctx->needs_input_grad(0))
            dx = at::mm(g, weight->compute);
        return {dx, Variable(), Variable(), Variable()};
    }
};

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& /*leaf*/,
                            const Parameter* weight, double eps, std::int64_t outType)
    {
        const auto type = static_cast<at::ScalarType>(outType);
        save(ctx, "weight", weight);
        if (fused::fitsFloat(x) && fused::fitsFloat(weight->master)) {
            at::Tensor scale; // [N]
            at::Tensor out = fused::rmsNorm(x, weight->master, eps, type, scale);
            ctx->save_for_backward({x, scale});
            return out;
        }
        const at::Tensor scale = at::rsqrt(x.square().mean({-1}, true).add_(eps)); // [N, 1]
        ctx->save_for_backward({x, scale});
        return (x * scale).mul_(weight->master).to(type);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto kept = ctx->get_saved_variables();
        const Parameter* weight = saved(ctx, "weight");
        const at::Tensor& scale = kept[1];
        if (fused::fitsFloat(kept[0]) && fused::fitsFloat(weight->master))
            return {fused::rmsNormBackward(kept[0], scale, weight->master, upstream[0].contiguous(),
                                           gradientOf(weight), ctx->needs_input_grad(0)),
                    Variable(), Variable(), Variable(), Variable()};
        const at::Tensor normalised = kept[0] * scale;
        at::Tensor g = upstream[0].to(normalised.scalar_type());
        if (at::Tensor gradient = gradientOf(weight); gradient.defined())
            gradient.add_((g * normalised).sum(0));
        at::Tensor dx;
        if (ctx->needs_input_grad(0)) {
            g = g * weight->master;
            const at::Tensor projection = (g * normalised).mean({-1}, true);
            dx = g.sub_(normalised * projection).mul_(scale);
        }
        return {dx, Variable(), Variable(), Variable(), Variable()};
    }
};

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine, bool back)
{
    if (fused::fits(x) && fused::fitsFloat(cosine) && fused::fitsFloat(sine))
        return fused::rotary(x, cosine, sine, back);
    const std::int64_t half = x.size(-1) / 2;
    const at::Tensor c = cosine.unsqueeze(1);
    const at::Tensor s = back ? sine.neg().unsqueeze(1) : sine.unsqueeze(1);
    const at::Tensor first = x.narrow(-1, 0, half);
    const at::Tensor second = x.narrow(-1, half, half);
    at::Tensor out = at::empty_like(x);
    out.narrow(-1, 0, half).copy_(first * c - second * s);
    out.narrow(-1, half, half).copy_(second * c + first * s);
    return out;
}

class RotaryFunction : public torch::autograd::Function<RotaryFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& x, const at::Tensor& cosine,
                            const at::Tensor& sine)
    {
        ctx->save_for_backward({cosine, sine});
        return rotate(x, cosine, sine, false);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        // The inverse of a rotation is the rotation by the opposite angle.
        const auto kept = ctx->get_saved_variables();
        return {rotate(upstream[0].contiguous(), kept[0], kept[1], true), Variable(), Variable()};
    }
};

class SwigluFunction : public torch::autograd::Function<SwigluFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& gate, const Variable& up)
    {
        ctx->save_for_backward({gate, up});
        if (fused::fits(gate) && fused::fits(up))
            return fused::swiglu(gate, up);
        return at::silu(gate).mul_(up);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto kept = ctx->get_saved_variables();
        const at::Tensor& gate = kept[0];
        if (fused::fits(gate) && fused::fits(kept[1]) && fused::fits(upstream[0])) {
            at::Tensor fusedGate;
            at::Tensor fusedUp;
            fused::swigluBackward(gate, kept[1], upstream[0], fusedGate, fusedUp);
            return {fusedGate, fusedUp};
        }
        const at::Tensor dUp = at::silu(gate).mul_(upstream[0]);
        const at::Tensor dGate = at::silu_backward(upstream[0] * kept[1], gate);
        return {dGate, dUp};
    }
};

} // namespace

at::Tensor embedding(const at::Tensor& ids, Parameter& table)
{
    return EmbeddingFunction::apply(ids, table.compute, static_cast<const Parameter*>(&table));
}

at::Tensor linear(const at::Tensor& x, Parameter& weight, Parameter* bias)
{
    const Parameter* leaf = bias && bias->trained ? bias : &weight;
    return LinearFunction::apply(x, leaf->compute, static_cast<const Parameter*>(&weight),
                                 static_cast<const Parameter*>(bias));
}

at::Tensor rmsNorm(const at::Tensor& x, Parameter& weight, double eps, at::ScalarType outType)
{
    return RmsNormFunction::apply(x, weight.compute, static_cast<const Parameter*>(&weight), eps,
                                  static_cast<std::int64_t>(outType));
}

at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine)
{
    return RotaryFunction::apply(x, cosine, sine);
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up)
{
    return SwigluFunction::apply(gate, up);
}

} // namespace lacuna::functions
