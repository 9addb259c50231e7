#include "core/run/optimizer.h"

#include "core/controls/update_mask.h"
#include "core/models/fused.h"

#include <cmath>

namespace lacuna {

Optimizer::Optimizer(std::deque<Parameter>& parameters, OptimizerOptions options)
    : m_options(options)
{
    for (Parameter& parameter : parameters) {
        if (!parameter.trained)
            continue;
        Moments moments{.parameter = &parameter};
        if (m_options.kind != OptimizerKind::Sgd) {
            moments.first = at::zeros_like(parameter.master);
            moments.second = at::zeros_like(parameter.master);
        }
        m_moments.push_back(std::move(moments));
    }
}

void Optimizer::step(double learningRate, const UpdateMask* mask)
{
    const at::NoGradGuard noGrad;
    ++m_steps;
    for (Moments& moments : m_moments) {
        Parameter& parameter = *moments.parameter;
        const at::Tensor chosen = mask ? mask->of(parameter) : at::Tensor();
        if (!chosen.defined()) {
            move(moments, learningRate);
            continue;
        }
        parameter.gradient.mul_(chosen);
        const at::Tensor before = parameter.master.clone();
        move(moments, learningRate);
        parameter.master.copy_(at::where(chosen, parameter.master, before));
    }
}

void Optimizer::move(Moments& moments, double learningRate)
{
    Parameter& parameter = *moments.parameter;
    const auto steps = static_cast<double>(m_steps);
    const double correction1 = 1.0 - std::pow(m_options.beta1, steps);
    const double correction2 = 1.0 - std::pow(m_options.beta2, steps);
    const bool decayed = m_options.weightDecay > 0 && (m_options.decayAll || parameter.decayed);
    const double decay = decayed ? 1.0 - learningRate * m_options.weightDecay : 1.0;
    if (m_options.kind == OptimizerKind::AdamW && fused::fitsFloat(parameter.master) &&
        fused::fitsFloat(parameter.gradient)) {
        fused::adamW(parameter.master, parameter.gradient, moments.first, moments.second,
                     {.keep1 = static_cast<float>(m_options.beta1),
                      .keep2 = static_cast<float>(m_options.beta2),
                      .step = static_cast<float>(learningRate / correction1),
                      .rootCorrection = static_cast<float>(1.0 / std::sqrt(correction2)),
                      .epsilon = static_cast<float>(m_options.epsilon),
                      .decay = static_cast<float>(decay)});
        return;
    }
    if (decayed)
        parameter.master.mul_(decay);
    if (m_options.kind == OptimizerKind::Sgd) {
        parameter.master.add_(parameter.gradient, -learningRate);
        return;
    }
    moments.first.mul_(m_options.beta1).add_(parameter.gradient, 1.0 - m_options.beta1);
    const bool sophia = m_options.kind == OptimizerKind::Sophia;
    if (!sophia || (m_steps - 1) % m_options.hessianInterval == 0)
        moments.second.mul_(m_options.beta2)
            .addcmul_(parameter.gradient, parameter.gradient, 1.0 - m_options.beta2);
    if (sophia) {
        const at::Tensor scale =
            moments.second.mul(m_options.rho * m_options.hessianScale).add_(1e-15);
        parameter.master.sub_(moments.first.div(scale).clamp_(-1, 1), learningRate);
        return;
    }
    const at::Tensor scale =
        moments.second.sqrt().div_(std::sqrt(correction2)).add_(m_options.epsilon);
    parameter.master.addcdiv_(moments.first, scale, -learningRate / correction1);
}

std::vector<Optimizer::Slot> Optimizer::slots() const
{
    std::vector<Slot> slots;
    for (const Moments& moments : m_moments)
        if (moments.first.defined()) {
            slots.push_back({"m." + moments.parameter->name, moments.first});
            slots.push_back({"v." + moments.parameter->name, moments.second});
        }
    return slots;
}

double gradientNorm(const std::deque<Parameter>& parameters)
{
    at::Tensor squares;
    for (const Parameter& parameter : parameters) {
        if (!parameter.trained)
            continue;
        const at::Tensor norm = parameter.gradient.norm().to(at::kDouble).square();
        squares = squares.defined() ? squares + norm : norm;
    }
    return squares.defined() ? std::sqrt(squares.item<double>()) : 0.0;
}

std::vector<at::Tensor> gradientCopies(const std::deque<Parameter>& parameters)
{
    std::vector<at::Tensor> copies;
    for (const Parameter& parameter : parameters)
        if (parameter.trained)
            copies.push_back(parameter.gradient.clone());
    return copies;
}

double gradientProduct(const std::deque<Parameter>& parameters,
                       const std::vector<at::Tensor>& others)
{
    double sum = 0;
    auto other = others.begin();
    for (const Parameter& parameter : parameters)
        if (parameter.trained)
            sum += at::dot(parameter.gradient.view({-1}), (other++)->view({-1})).item<double>();
    return sum;
}

std::vector<at::Tensor> masterCopies(const std::deque<Parameter>& parameters)
{
    std::vector<at::Tensor> copies;
    for (const Parameter& parameter : parameters)
        if (parameter.trained)
            copies.push_back(parameter.master.clone());
    return copies;
}

void scaleGradients(std::deque<Parameter>& parameters, double factor)
{
    for (Parameter& parameter : parameters)
        if (parameter.trained)
            parameter.gradient.mul_(factor);
}

} // namespace lacuna
