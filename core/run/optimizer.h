#pragma once

#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace lacuna {

enum class OptimizerKind : std::uint8_t { Sgd, AdamW };

struct OptimizerOptions {
    OptimizerKind kind = OptimizerKind::AdamW;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weightDecay = 0;
    /// Decays norms and biases too, as the recorded fixtures do.
    bool decayAll = false;
};

/// Moves the masters of the trained parameters. Decay is decoupled and moments are bias-corrected
/// (Loshchilov and Hutter 2019, arXiv:1711.05101).
class Optimizer {
public:
    /// \param parameters  outlive the optimiser
    Optimizer(std::deque<Parameter>& parameters, OptimizerOptions options);

    void step(double learningRate);

    /// Moments by name, "m.<parameter>" and "v.<parameter>", to be saved; and the step count.
    struct Slot {
        std::string name;
        at::Tensor tensor;
    };
    [[nodiscard]] std::vector<Slot> slots() const;
    [[nodiscard]] std::int64_t stepCount() const { return m_steps; }
    void setStepCount(std::int64_t steps) { m_steps = steps; }

private:
    struct Moments {
        Parameter* parameter;
        at::Tensor first;
        at::Tensor second;
    };

    OptimizerOptions m_options;
    std::vector<Moments> m_moments;
    std::int64_t m_steps = 0;
};

/// Euclidean norm over the gradients of all trained parameters.
[[nodiscard]] double gradientNorm(const std::deque<Parameter>& parameters);
/// Multiplies every gradient by \p factor.
void scaleGradients(std::deque<Parameter>& parameters, double factor);

} // namespace lacuna
