#include "core/guardrails/logistic_regression.h"

#include "core/base/logistic_fit.h"

#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

std::vector<FeatureRow> rowsOf(const at::Tensor& x)
{
    const at::Tensor dense = x.contiguous();
    const auto width = static_cast<std::size_t>(dense.size(1));
    std::vector<std::uint32_t> columns(width);
    std::iota(columns.begin(), columns.end(), 0U);
    std::vector<FeatureRow> rows;
    for (std::int64_t i = 0; i < dense.size(0); ++i) {
        const double* values = dense.data_ptr<double>() + i * dense.size(1);
        rows.push_back({.columns = columns, .values = {values, values + width}});
    }
    return rows;
}

} // namespace

double LogisticRegression::probability(const at::Tensor& x) const
{
    return 1 / (1 + std::exp(-(weights.dot(x).item<double>() + bias)));
}

LogisticRegression fitLogisticRegression(const at::Tensor& x, const at::Tensor& y, double l2)
{
    TORCH_CHECK(x.dim() == 2 && y.size(0) == x.size(0) && l2 > 0, "features [n, D], labels [n]");
    const at::NoGradGuard noGrad;
    // The best w lies in the span of the rows; a rotation leaves its length, and in this one the
    // features are uncorrelated, which makes few steps of it.
    const at::Tensor basis = std::get<2>(at::linalg_svd(x, /*full_matrices=*/false)); // [r, D]
    std::vector<bool> labels;
    for (std::int64_t i = 0; i < y.size(0); ++i)
        labels.push_back(y[i].item<double>() > 0.5);
    const LogisticFit fit =
        fitLogistic(rowsOf(x.mm(basis.t())), labels, static_cast<std::size_t>(basis.size(0)), l2);
    return {.weights = basis.t().mv(torch::tensor(fit.weights, at::kDouble)), .bias = fit.bias};
}

} // namespace lacuna
