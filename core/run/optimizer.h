#pragma once

#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace lacuna {

class UpdateMask;

enum class OptimizerKind : std::uint8_t { Sgd, AdamW, Sophia };

struct OptimizerOptions {
    OptimizerKind kind = OptimizerKind::AdamW;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weightDecay = 0;
    /// Decays norms and biases too, as the recorded fixtures do.
    bool decayAll = false;
    // Sophia-G alone: sign(m) min(|m| / (rho scale h + 1e-15), 1), h a mean of squared gradients.
    double rho = 0.04;
    double hessianScale = 5120;       ///< called bs, the batch size, in the published code
    std::int64_t hessianInterval = 1; ///< steps between two updates of h
};

/// Moves the masters of the trained parameters. Decay is decoupled; AdamW's moments are
/// bias-corrected (Loshchilov and Hutter 2019, arXiv:1711.05101), Sophia's are not (Liu H. et al.
/// 2023, arXiv:2305.14342; for unlearning Jia et al. 2024, arXiv:2404.18239).
class Optimizer {
public:
    /// \param parameters  outlive the optimiser
    Optimizer(std::deque<Parameter>& parameters, OptimizerOptions options);

    /// \param mask  what may move; null: everything
    void step(double learningRate, const UpdateMask* mask = nullptr);

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

    void move(Moments& moments, double learningRate);

    OptimizerOptions m_options;
    std::vector<Moments> m_moments;
    std::int64_t m_steps = 0;
};

/// Euclidean norm over the gradients of all trained parameters.
[[nodiscard]] double gradientNorm(const std::deque<Parameter>& parameters);
/// Sum over all trained parameters of the products of their gradients and \p others, which are in
/// the order of the parameters, one for each trained one.
[[nodiscard]] double gradientProduct(const std::deque<Parameter>& parameters,
                                     const std::vector<at::Tensor>& others);
/// Copies of the gradients of all trained parameters, in order.
[[nodiscard]] std::vector<at::Tensor> gradientCopies(const std::deque<Parameter>& parameters);
/// Copies of the masters of all trained parameters, in order.
[[nodiscard]] std::vector<at::Tensor> masterCopies(const std::deque<Parameter>& parameters);
/// Multiplies every gradient by \p factor.
void scaleGradients(std::deque<Parameter>& parameters, double factor);

} // namespace lacuna
