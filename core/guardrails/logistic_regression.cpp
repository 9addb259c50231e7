#include "core/guardrails/logistic_regression.h"

#include <cmath>

namespace lacuna {
namespace {

constexpr int kMostSteps = 200;
constexpr double kTolerance = 1e-10;

/// The objective over theta = (w, b), w in the basis of the columns of \p x.
class Objective {
public:
    Objective(const at::Tensor& x, const at::Tensor& y, double l2)
        : m_x(at::cat({x, at::ones({x.size(0), 1}, x.options())}, 1)), m_sign(2 * y - 1),
          m_penalty(at::full({m_x.size(1)}, l2, x.options()))
    {
        m_penalty[-1] = 0; // the bias is free
        const at::Tensor ones = y.sum();
        m_share = at::where(y > 0.5, 0.5 / ones, 0.5 / (static_cast<double>(y.size(0)) - ones));
    }

    [[nodiscard]] double value(const at::Tensor& theta) const
    {
        const at::Tensor margin = m_sign * m_x.mv(theta);
        return -(m_share * at::log_sigmoid(margin)).sum().item<double>() +
               0.5 * (m_penalty * theta * theta).sum().item<double>();
    }
    [[nodiscard]] at::Tensor newtonStep(const at::Tensor& theta) const
    {
        const at::Tensor wrong = at::sigmoid(-m_sign * m_x.mv(theta)); // P of the other class
        const at::Tensor gradient = m_penalty * theta - m_x.t().mv(m_share * m_sign * wrong);
        const at::Tensor curvature = m_share * wrong * (1 - wrong);
        // The tiny ridge keeps the bias solvable where every row is certain already.
        const at::Tensor hessian =
            m_x.t().mm(curvature.unsqueeze(1) * m_x) + at::diag(m_penalty + 1e-12);
        return -at::linalg_solve(hessian, gradient);
    }
    [[nodiscard]] std::int64_t size() const { return m_x.size(1); }

private:
    at::Tensor m_x;     // [n, r + 1]
    at::Tensor m_sign;  // [n] -1 or 1
    at::Tensor m_share; // [n] weight of each row
    at::Tensor m_penalty;
};

} // namespace

double LogisticRegression::probability(const at::Tensor& x) const
{
    return 1 / (1 + std::exp(-(weights.dot(x).item<double>() + bias)));
}

LogisticRegression fitLogisticRegression(const at::Tensor& x, const at::Tensor& y, double l2)
{
    TORCH_CHECK(x.dim() == 2 && y.size(0) == x.size(0) && l2 > 0, "features [n, D], labels [n]");
    const at::NoGradGuard noGrad;
    // The best w lies in the span of the rows; a rotation leaves its length.
    const at::Tensor basis = std::get<2>(at::linalg_svd(x, /*full_matrices=*/false)); // [r, D]
    const Objective objective(x.mm(basis.t()), y, l2);
    at::Tensor theta = at::zeros({objective.size()}, x.options());
    double value = objective.value(theta);
    for (int i = 0; i < kMostSteps; ++i) {
        at::Tensor step = objective.newtonStep(theta);
        double next = objective.value(theta + step);
        while (next > value && step.abs().max().item<double>() > kTolerance) {
            step = step / 2;
            next = objective.value(theta + step);
        }
        if (next > value)
            break;
        theta = theta + step;
        value = next;
        if (step.abs().max().item<double>() <= kTolerance)
            break;
    }
    const std::int64_t rank = basis.size(0);
    return {.weights = basis.t().mv(theta.narrow(0, 0, rank)), .bias = theta[rank].item<double>()};
}

} // namespace lacuna
