#pragma once

#include <cstdint>
#include <span>

namespace lacuna {

/// Two samples compared by the largest distance between their empirical distribution functions.
struct KsResult {
    double statistic = 0; ///< sup |F1 - F2|, in [0, 1]
    /// Probability of a statistic at least as large when both samples come from one continuous
    /// distribution: exact for samples of up to 10 000 values, else `asymptotic`. Two-sided. 0 only
    /// where a double has no smaller number; `logP` still tells it then.
    double pValue = 0;
    double logP = 0;       ///< natural logarithm of pValue
    double asymptotic = 0; ///< Kolmogorov's limit, see kolmogorovTail()
    bool exact = false;
    int sign = 1;        ///< 1: F1 lies above F2 where they are furthest apart, else -1
    double location = 0; ///< a value where they are
};

/// The two-sided two-sample test. Ties are taken as they are: the statistic is that of the step
/// functions, and the p-value, that of samples without ties, is an upper bound (scipy does the
/// same). Neither sample's order matters. NaN in every number when a sample is empty or holds a
/// NaN; an infinite value is a value.
///
/// The exact p counts the lattice paths from (0, 0) to (n, m) that touch a line at the distance of
/// the statistic from the diagonal, never the complement, so that nothing cancels: by reflection
/// where n = m, else path by path, both in logarithms.
/// Source: Hodges 1958, Arkiv foer Matematik 3:469; unlearning reference 3.1
[[nodiscard]] KsResult kolmogorovSmirnov(std::span<const double> first,
                                         std::span<const double> second);

/// Natural logarithm of the smallest p-value that samples of n and m values can have, 2 / C(n+m,
/// n): what the test says of any two samples that do not overlap, however far apart.
[[nodiscard]] double logKsFloor(std::int64_t n, std::int64_t m);

/// Kolmogorov's limit, 2 sum_k (-1)^(k-1) exp(-2 k^2 x^2) with x = \p statistic * sqrt(n m/(n+m)).
[[nodiscard]] double kolmogorovTail(double statistic, std::int64_t n, std::int64_t m);

/// P(D >= \p statistic) of one sample of \p count values against its own distribution. With the
/// rounded effective count n m/(n+m) this is what scipy calls the asymptotic two-sample p-value.
/// Where that is below 1e-5 it is twice the one-sided probability (Smirnov), which agrees to 1e-15
/// there; else 1 minus Durbin's matrix form of the distribution.
/// Source: Durbin 1973; Marsaglia, Tsang and Wang 2003, J. Stat. Softw. 8(18)
[[nodiscard]] double oneSampleKsTail(double statistic, std::int64_t count);
/// The same with n m/(n+m) rounded as Python rounds (half to even).
[[nodiscard]] double finiteAsymptoticKs(double statistic, std::int64_t n, std::int64_t m);

} // namespace lacuna
