#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lacuna {

/// One row of features; those that are not named are 0.
struct FeatureRow {
    std::vector<std::uint32_t> columns; ///< different ones
    std::vector<double> values;         ///< as many
};

/// P(1 | x) = 1 / (1 + exp(-(w x + b))).
struct LogisticFit {
    std::vector<double> weights; ///< [D]
    double bias = 0;

    [[nodiscard]] double probability(const FeatureRow& row) const;
};

/// The minimum of
///
///     sum_c 1 / (2 n_c) sum_{i in c} -log P(y_i | x_i) + l2 / 2 |w|^2
///
/// where n_c is the size of class c, so that a small class counts as much as a large one. Convex;
/// found by Newton steps, each solved by conjugate gradients, until no component of the gradient
/// exceeds \p tolerance (or 200 steps). The same bits for the same rows. Memory beside the rows:
/// some vectors of n and of D.
///
/// \param rows        n of them, columns below \p dimensions
/// \param labels      n; both values occur
/// \param dimensions  D
/// \param l2          > 0
/// \throws std::logic_error when one of these does not hold
/// Source: Lin, Weng and Keerthi 2008, "Trust region Newton method for logistic regression", for
/// the Hessian as a product; the step is halved until it descends instead
[[nodiscard]] LogisticFit fitLogistic(std::span<const FeatureRow> rows,
                                      const std::vector<bool>& labels, std::size_t dimensions,
                                      double l2, double tolerance = 1e-12);

} // namespace lacuna
