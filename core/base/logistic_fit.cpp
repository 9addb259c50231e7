#include "core/base/logistic_fit.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lacuna {
namespace {

using Vector = std::vector<double>;

constexpr int kMostSteps = 200;
constexpr int kMostHalvings = 60;
constexpr std::size_t kMostInnerSteps = 1000;

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

/// log(1 + exp(x)) without overflow.
double softplus(double x)
{
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double dot(const Vector& a, const Vector& b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

/// The weights, and behind them the bias.
double margin(const FeatureRow& row, const Vector& theta)
{
    double sum = theta.back();
    for (std::size_t k = 0; k < row.columns.size(); ++k)
        sum += row.values[k] * theta[row.columns[k]];
    return sum;
}

class Objective {
public:
    Objective(std::span<const FeatureRow> rows, const std::vector<bool>& labels, double l2)
        : m_rows(rows), m_l2(l2)
    {
        const auto ones = static_cast<double>(std::ranges::count(labels, true));
        const double zeros = static_cast<double>(labels.size()) - ones;
        for (const bool label : labels) {
            m_sign.push_back(label ? 1 : -1);
            m_share.push_back(0.5 / (label ? ones : zeros));
        }
    }

    [[nodiscard]] double value(const Vector& theta) const
    {
        double sum = 0;
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            sum += m_share[i] * softplus(-m_sign[i] * margin(m_rows[i], theta));
        return sum + m_l2 / 2 * (dot(theta, theta) - theta.back() * theta.back());
    }

    /// The gradient at \p theta; from then on product() and diagonal() are of the Hessian there.
    [[nodiscard]] Vector moveTo(const Vector& theta)
    {
        Vector force(m_rows.size());
        m_curvature.resize(m_rows.size());
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const double wrong = sigmoid(-m_sign[i] * margin(m_rows[i], theta));
            force[i] = -m_share[i] * m_sign[i] * wrong;
            m_curvature[i] = m_share[i] * wrong * (1 - wrong);
        }
        return gathered(force, theta);
    }
    [[nodiscard]] Vector product(const Vector& direction) const
    {
        Vector scaled(m_rows.size());
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            scaled[i] = m_curvature[i] * margin(m_rows[i], direction);
        return gathered(scaled, direction);
    }
    [[nodiscard]] Vector diagonal(std::size_t size) const
    {
        Vector result(size, m_l2);
        result.back() = 0;
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const FeatureRow& row = m_rows[i];
            for (std::size_t k = 0; k < row.columns.size(); ++k)
                result[row.columns[k]] += m_curvature[i] * row.values[k] * row.values[k];
            result.back() += m_curvature[i];
        }
        // The bias has no penalty; where every row is certain it has no curvature either.
        result.back() = std::max(result.back(), 1e-12);
        return result;
    }

private:
    /// X^T \p rowWise, and the penalty's part of \p theta.
    [[nodiscard]] Vector gathered(const Vector& rowWise, const Vector& theta) const
    {
        Vector result(theta.size());
        for (std::size_t j = 0; j + 1 < theta.size(); ++j)
            result[j] = m_l2 * theta[j];
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const FeatureRow& row = m_rows[i];
            for (std::size_t k = 0; k < row.columns.size(); ++k)
                result[row.columns[k]] += rowWise[i] * row.values[k];
            result.back() += rowWise[i];
        }
        return result;
    }

    std::span<const FeatureRow> m_rows;
    double m_l2;
    Vector m_sign;
    Vector m_share;     // weight of each row
    Vector m_curvature; // of each row's loss
};

/// The step against \p gradient, by conjugate gradients scaled by the Hessian's diagonal; the
/// nearer the minimum, the more exactly.
Vector newtonStep(const Objective& objective, const Vector& gradient)
{
    const std::size_t size = gradient.size();
    const Vector diagonal = objective.diagonal(size);
    const double start = std::sqrt(dot(gradient, gradient));
    const double enough = start * std::min(0.1, std::sqrt(start));
    Vector step(size);
    Vector residual(size);
    Vector scaled(size);
    for (std::size_t j = 0; j < size; ++j) {
        residual[j] = -gradient[j];
        scaled[j] = residual[j] / diagonal[j];
    }
    Vector direction = scaled;
    double progress = dot(residual, scaled);
    for (std::size_t i = 0; i < kMostInnerSteps; ++i) {
        const Vector product = objective.product(direction);
        const double curvature = dot(direction, product);
        if (!(curvature > 0))
            break;
        const double length = progress / curvature;
        for (std::size_t j = 0; j < size; ++j) {
            step[j] += length * direction[j];
            residual[j] -= length * product[j];
            scaled[j] = residual[j] / diagonal[j];
        }
        if (std::sqrt(dot(residual, residual)) <= enough)
            break;
        const double next = dot(residual, scaled);
        for (std::size_t j = 0; j < size; ++j)
            direction[j] = scaled[j] + next / progress * direction[j];
        progress = next;
    }
    return step;
}

double largest(const Vector& values)
{
    double result = 0;
    for (const double value : values)
        result = std::max(result, std::abs(value));
    return result;
}

void check(std::span<const FeatureRow> rows, const std::vector<bool>& labels,
           std::size_t dimensions, double l2)
{
    bool fits = rows.size() == labels.size() && l2 > 0;
    fits = fits && std::ranges::count(labels, true) > 0 && std::ranges::count(labels, false) > 0;
    for (const FeatureRow& row : rows)
        fits = fits && row.columns.size() == row.values.size() &&
               std::ranges::all_of(row.columns, [&](std::uint32_t c) { return c < dimensions; });
    if (!fits)
        throw std::logic_error("logistic regression of rows and labels that do not go together");
}

} // namespace

double LogisticFit::probability(const FeatureRow& row) const
{
    double sum = bias;
    for (std::size_t k = 0; k < row.columns.size(); ++k)
        sum += row.values[k] * weights[row.columns[k]];
    return sigmoid(sum);
}

LogisticFit fitLogistic(std::span<const FeatureRow> rows, const std::vector<bool>& labels,
                        std::size_t dimensions, double l2, double tolerance)
{
    check(rows, labels, dimensions, l2);
    Objective objective(rows, labels, l2);
    Vector theta(dimensions + 1);
    double value = objective.value(theta);
    for (int i = 0; i < kMostSteps; ++i) {
        const Vector gradient = objective.moveTo(theta);
        if (largest(gradient) <= tolerance)
            break;
        const Vector step = newtonStep(objective, gradient);
        double length = 1;
        Vector moved(theta.size());
        double next = value;
        for (int halving = 0; halving < kMostHalvings; ++halving, length /= 2) {
            for (std::size_t j = 0; j < theta.size(); ++j)
                moved[j] = theta[j] + length * step[j];
            next = objective.value(moved);
            // Near the minimum the values agree to the last bit while the gradient still shrinks.
            if (next <= value + 1e-15)
                break;
        }
        if (next > value + 1e-15)
            break;
        theta = std::move(moved);
        value = next;
    }
    LogisticFit fit{.weights = std::move(theta)};
    fit.bias = fit.weights.back();
    fit.weights.pop_back();
    return fit;
}

} // namespace lacuna
