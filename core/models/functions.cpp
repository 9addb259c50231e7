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

at::Tensor inToOut(const Parameter& weight)
{
    return weight.transposed ? weight.compute : weight.compute.t();
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
        const at::Tensor rows = table->master.index_select(0, ids);
        return rows.scalar_type() == at::kDouble ? rows : rows.to(at::kFloat);
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
        // A frozen weight needs no input again.
        ctx->save_for_backward({weight->trained ? x : at::Tensor()});
        save(ctx, "weight", weight);
        save(ctx, "bias", bias);
        if (x.size(0) <= fused::kFewRows && !weight->transposed && fused::fits(x) &&
            fused::fits(weight->compute)) {
            at::Tensor out = fused::product(x, weight->compute, x.scalar_type());
            return bias ? out.add_(bias->compute) : out;
        }
        const at::Tensor matrix = inToOut(*weight);
        return bias ? at::addmm(bias->compute, x, matrix) : at::mm(x, matrix);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const at::Tensor x = ctx->get_saved_variables()[0];
        const Parameter* weight = saved(ctx, "weight");
        const at::Tensor& g = upstream[0];
        if (at::Tensor gradient = gradientOf(weight); gradient.defined()) {
            const at::Tensor left = weight->transposed ? x.t() : g.t();
            const at::Tensor& right = weight->transposed ? g : x;
            if (gradient.scalar_type() == g.scalar_type())
                gradient.addmm_(left, right);
            else
                addTo(gradient, at::mm(left, right));
        }
        if (at::Tensor gradient = gradientOf(saved(ctx, "bias")); gradient.defined())
            gradient.add_(g.to(gradient.scalar_type()).sum(0));
        at::Tensor dx;
        if (ctx->needs_input_grad(0))
            dx = at::mm(g, inToOut(*weight).t());
        return {dx, Variable(), Variable(), Variable()};
    }
};

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& /*leaf*/,
                            const Parameter* weight, bool plusOne, double eps, std::int64_t outType)
    {
        const auto type = static_cast<at::ScalarType>(outType);
        save(ctx, "weight", weight);
        ctx->saved_data["plusOne"] = plusOne;
        const at::Tensor factors = factorsOf(*weight, plusOne);
        if (fused::fitsFloat(x) && fused::fitsFloat(factors)) {
            at::Tensor scale; // [N]
            at::Tensor out = fused::rmsNorm(x, factors, eps, type, scale);
            ctx->save_for_backward({x, scale});
            return out;
        }
        const at::Tensor scale = at::rsqrt(x.square().mean({-1}, true).add_(eps)); // [N, 1]
        ctx->save_for_backward({x, scale});
        return (x * scale).mul_(factors).to(type);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto kept = ctx->get_saved_variables();
        const Parameter* weight = saved(ctx, "weight");
        const at::Tensor factors = factorsOf(*weight, ctx->saved_data["plusOne"].toBool());
        const at::Tensor& scale = kept[1];
        tensor_list result(6);
        if (fused::fitsFloat(kept[0]) && fused::fitsFloat(factors)) {
            result[0] = fused::rmsNormBackward(kept[0], scale, factors, upstream[0].contiguous(),
                                               gradientOf(weight), ctx->needs_input_grad(0));
            return result;
        }
        const at::Tensor normalised = kept[0] * scale;
        at::Tensor g = upstream[0].to(normalised.scalar_type());
        if (at::Tensor gradient = gradientOf(weight); gradient.defined())
            gradient.add_((g * normalised).sum(0));
        if (ctx->needs_input_grad(0)) {
            g = g * factors;
            const at::Tensor projection = (g * normalised).mean({-1}, true);
            result[0] = g.sub_(normalised * projection).mul_(scale);
        }
        return result;
    }

private:
    static at::Tensor factorsOf(const Parameter& weight, bool plusOne)
    {
        return plusOne ? weight.master + 1 : weight.master;
    }
};

class LayerNormFunction : public torch::autograd::Function<LayerNormFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& /*leaf*/,
                            const Parameter* weight, const Parameter* bias, double eps,
                            std::int64_t outType)
    {
        save(ctx, "weight", weight);
        save(ctx, "bias", bias);
        auto [out, mean, scale] =
            at::native_layer_norm(x, x.sizes().slice(1), weight->master, bias->master, eps);
        ctx->save_for_backward({x, mean, scale});
        return out.to(static_cast<at::ScalarType>(outType));
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto kept = ctx->get_saved_variables();
        const at::Tensor& x = kept[0];
        const Parameter* weight = saved(ctx, "weight");
        const Parameter* bias = saved(ctx, "bias");
        at::Tensor weightSum = gradientOf(weight);
        at::Tensor biasSum = gradientOf(bias);
        const auto [dx, dWeight, dBias] = at::native_layer_norm_backward(
            upstream[0].to(x.scalar_type()).contiguous(), x, x.sizes().slice(1), kept[1], kept[2],
            weight->master, bias->master,
            {ctx->needs_input_grad(0), weightSum.defined(), biasSum.defined()});
        if (weightSum.defined())
            weightSum.add_(dWeight);
        if (biasSum.defined())
            biasSum.add_(dBias);
        tensor_list result(6);
        result[0] = dx;
        return result;
    }
};

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine, bool back)
{
    if (const std::int64_t rotated = 2 * cosine.size(1); rotated < x.size(-1))
        return at::cat({rotate(x.narrow(-1, 0, rotated).contiguous(), cosine, sine, back),
                        x.narrow(-1, rotated, x.size(-1) - rotated)},
                       -1);
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

at::Tensor activationBackward(const at::Tensor& upstream, const at::Tensor& x, Activation kind)
{
    switch (kind) {
    case Activation::Silu:
        return at::silu_backward(upstream, x);
    case Activation::Relu:
        return at::threshold_backward(upstream, x, 0);
    case Activation::Gelu:
        return at::gelu_backward(upstream, x);
    case Activation::GeluTanh:
        break;
    }
    return at::gelu_backward(upstream, x, "tanh");
}

class GatedFunction : public torch::autograd::Function<GatedFunction> {
public:
    static Variable forward(AutogradContext* ctx, const Variable& gate, const Variable& up,
                            std::int64_t kind)
    {
        ctx->save_for_backward({gate, up});
        ctx->saved_data["kind"] = kind;
        const auto activationKind = static_cast<Activation>(kind);
        if (activationKind == Activation::Silu && fused::fits(gate) && fused::fits(up))
            return fused::swiglu(gate, up);
        return activation(gate, activationKind).mul_(up);
    }

    static tensor_list backward(AutogradContext* ctx, tensor_list upstream)
    {
        const auto kept = ctx->get_saved_variables();
        const auto kind = static_cast<Activation>(ctx->saved_data["kind"].toInt());
        const at::Tensor& gate = kept[0];
        if (kind == Activation::Silu && fused::fits(gate) && fused::fits(kept[1]) &&
            fused::fits(upstream[0])) {
            at::Tensor fusedGate;
            at::Tensor fusedUp;
            fused::swigluBackward(gate, kept[1], upstream[0], fusedGate, fusedUp);
            return {fusedGate, fusedUp, Variable()};
        }
        return {activationBackward(upstream[0] * kept[1], gate, kind),
                activation(gate, kind).mul_(upstream[0]), Variable()};
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

at::Tensor rmsNorm(const at::Tensor& x, Parameter& weight, bool plusOne, double eps,
                   at::ScalarType outType)
{
    return RmsNormFunction::apply(x, weight.compute, static_cast<const Parameter*>(&weight),
                                  plusOne, eps, static_cast<std::int64_t>(outType));
}

at::Tensor layerNorm(const at::Tensor& x, Parameter& weight, Parameter& bias, double eps,
                     at::ScalarType outType)
{
    const Parameter& leaf = bias.trained ? bias : weight;
    return LayerNormFunction::apply(x, leaf.compute, static_cast<const Parameter*>(&weight),
                                    static_cast<const Parameter*>(&bias), eps,
                                    static_cast<std::int64_t>(outType));
}

at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine)
{
    return RotaryFunction::apply(x, cosine, sine);
}

at::Tensor activation(const at::Tensor& x, Activation kind)
{
    switch (kind) {
    case Activation::Silu:
        return at::silu(x);
    case Activation::Relu:
        return at::relu(x);
    case Activation::Gelu:
        return at::gelu(x);
    case Activation::GeluTanh:
        break;
    }
    return at::gelu(x, "tanh");
}

at::Tensor gated(const at::Tensor& gate, const at::Tensor& up, Activation kind)
{
    return GatedFunction::apply(gate, up, static_cast<std::int64_t>(kind));
}

} // namespace lacuna::functions
