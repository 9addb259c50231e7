#pragma once

#include <ATen/core/Tensor.h>

namespace lacuna {

/// P(1 | x) = 1 / (1 + exp(-(w x + b))).
struct LogisticRegression {
    at::Tensor weights; ///< [D] float64
    double bias = 0;

    /// \param x  [D] float64
    [[nodiscard]] double probability(const at::Tensor& x) const;
};

/// The minimum of
///
///     sum_c 1 / (2 n_c) sum_{i in c} -log P(y_i | x_i) + l2 / 2 |w|^2
///
/// where n_c is the size of class c, so that a small class counts as much as a large one. Convex;
/// found by fitLogistic() in the span of the rows, which needs min(n, D) unknowns.
///
/// \param x   [n, D] float64
/// \param y   [n] float64, 0 or 1; both occur
/// \param l2  > 0
[[nodiscard]] LogisticRegression fitLogisticRegression(const at::Tensor& x, const at::Tensor& y,
                                                       double l2);

} // namespace lacuna
