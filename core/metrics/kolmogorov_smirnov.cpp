#include "core/metrics/kolmogorov_smirnov.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <vector>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr std::size_t kLargestExact = 10'000;

bool unusable(std::span<const double> values)
{
    return values.empty() ||
           std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

std::vector<double> sorted(std::span<const double> values)
{
    std::vector<double> result(values.begin(), values.end());
    std::sort(result.begin(), result.end());
    return result;
}

/// Share of the sorted \p values that is at most \p limit.
double shareUpTo(const std::vector<double>& values, double limit)
{
    const auto above = std::upper_bound(values.begin(), values.end(), limit);
    return static_cast<double>(above - values.begin()) / static_cast<double>(values.size());
}

/// Statistic, sign and location. Of equally large distances the first one counts, the first
/// sample's values before the second's.
KsResult distance(const std::vector<double>& first, const std::vector<double>& second)
{
    struct Extreme {
        double difference = kNever;
        double location = 0;
        void see(double value, double at)
        {
            if (value > difference)
                *this = {value, at};
        }
    };
    Extreme above;
    Extreme below;
    for (const std::vector<double>* values : {&first, &second})
        for (const double x : *values) {
            const double difference = shareUpTo(first, x) - shareUpTo(second, x);
            above.see(difference, x);
            below.see(-difference, x);
        }
    KsResult result;
    const bool down = below.difference > above.difference;
    const Extreme& largest = down ? below : above;
    result.statistic = std::max(0.0, largest.difference);
    result.sign = down ? -1 : 1;
    result.location = largest.location;
    return result;
}

double logSum(double a, double b)
{
    const double high = std::max(a, b);
    if (high == kNever)
        return kNever;
    return high + std::log1p(std::exp(std::min(a, b) - high));
}

/// log C(n, k)
double logChoose(double n, double k)
{
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// Samples of one size n, \p steps = n * statistic: the reflection principle gives
/// 2 sum_k (-1)^(k-1) C(2n, n - k steps) / C(2n, n). Every term is a product of the ratios of
/// neighbouring coefficients, and the sum is nested from its smallest term, so that it stays exact.
double logSquareTail(std::int64_t n, std::int64_t steps)
{
    const auto logRatio = [&](std::int64_t k) { // C(2n, n - k steps) / C(2n, n - (k - 1) steps)
        double sum = 0;
        for (std::int64_t i = (k - 1) * steps; i < k * steps; ++i)
            sum += std::log(static_cast<double>(n - i) / static_cast<double>(n + i + 1));
        return sum;
    };
    double inner = 0;
    for (std::int64_t k = n / steps; k > 1; --k)
        inner = std::exp(logRatio(k)) * (1 - inner);
    return std::min(0.0, std::log(2.0) + logRatio(1) + std::log1p(-inner));
}

/// Samples of sizes n and m. Walks through the lattice as a draw without replacement does and adds
/// up the probabilities of each way of reaching the boundary first.
double logLatticeTail(std::int64_t n, std::int64_t m, std::int64_t boundary)
{
    const std::int64_t common = std::gcd(n, m);
    const std::int64_t stepN = n / common; // 1 at least: there are samples
    const std::int64_t stepM = m / common;
    std::vector<double> logs(static_cast<std::size_t>(n + m + 1), kNever);
    for (std::size_t i = 1; i < logs.size(); ++i)
        logs[i] = std::log(static_cast<double>(i));
    const auto logOf = [&](std::int64_t i) { return logs[static_cast<std::size_t>(i)]; };

    std::vector<double> row(static_cast<std::size_t>(m + 1), kNever); // inside, by j
    double touched = kNever;
    for (std::int64_t i = 0; i <= n; ++i) {
        // |i stepM - j stepN| < boundary holds in a band of j that moves up with i. Whatever can be
        // reached lies between the lower edge of the row before and the upper edge of this one.
        const std::int64_t lowest =
            // NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
            std::max<std::int64_t>(0, ((i - 1) * stepM - boundary) / stepN - 1);
        const std::int64_t highest = std::min(m, (i * stepM + boundary) / stepN + 1);
        for (std::int64_t j = lowest; j <= highest; ++j) {
            const auto at = static_cast<std::size_t>(j);
            const double left = logOf(n + m - i - j + 1); // draws before this one had this many
            const double fromBelow =
                i > 0 && row[at] != kNever ? row[at] + logOf(n - i + 1) - left : kNever;
            const double fromLeft =
                j > 0 && row[at - 1] != kNever ? row[at - 1] + logOf(m - j + 1) - left : kNever;
            const double here = i == 0 && j == 0 ? 0 : logSum(fromBelow, fromLeft);
            if (std::abs(i * stepM - j * stepN) < boundary) {
                row[at] = here;
                continue;
            }
            row[at] = kNever;
            touched = logSum(touched, here);
        }
    }
    return std::min(0.0, touched);
}

double logExactP(std::int64_t n, std::int64_t m, double statistic)
{
    const std::int64_t steps = m / std::gcd(n, m);
    const std::int64_t boundary =
        std::llround(statistic * static_cast<double>(n) * static_cast<double>(steps));
    if (boundary == 0)
        return 0;
    return n == m ? logSquareTail(n, boundary) : logLatticeTail(n, m, boundary);
}

/// P(D+ >= d) of one sample, all terms positive.
/// Source: Smirnov 1944; Birnbaum and Tingey 1951
double oneSidedTail(double d, std::int64_t count)
{
    const auto n = static_cast<double>(count);
    double sum = 0;
    for (std::int64_t j = 0; j <= static_cast<std::int64_t>(n * (1 - d)); ++j) {
        const double share = static_cast<double>(j) / n;
        const double rest = 1 - d - share;
        if (rest < 0)
            break;
        const double tail = n - static_cast<double>(j);
        sum += std::exp(logChoose(n, static_cast<double>(j)) + tail * std::log(rest) +
                        (static_cast<double>(j) - 1) * std::log(d + share));
    }
    return d * sum;
}

using Matrix = std::vector<double>; // size * size, row by row

Matrix product(const Matrix& a, const Matrix& b, std::size_t size)
{
    Matrix result(size * size, 0.0);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t k = 0; k < size; ++k)
            for (std::size_t j = 0; j < size; ++j)
                result[i * size + j] += a[i * size + k] * b[k * size + j];
    return result;
}

/// A matrix times 2^exponent, so that powers stay within the range of a double.
struct Scaled {
    Matrix matrix;
    int exponent = 0;
    void tidy()
    {
        const int by = std::ilogb(*std::max_element(matrix.begin(), matrix.end()));
        for (double& entry : matrix)
            entry = std::scalbn(entry, -by);
        exponent += by;
    }
};

/// Durbin's matrix of size 2k - 1, where d = (k - h) / n.
Matrix durbinMatrix(std::size_t k, double h)
{
    const std::size_t size = 2 * k - 1;
    Matrix entries(size * size, 0.0);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j)
            entries[i * size + j] = i + 1 >= j ? 1 : 0;
    const auto last = (size - 1) * size;
    for (std::size_t i = 0; i < size; ++i) {
        entries[i * size] -= std::pow(h, static_cast<double>(i + 1));
        entries[last + i] -= std::pow(h, static_cast<double>(size - i));
    }
    if (2 * h > 1)
        entries[last] += std::pow(2 * h - 1, static_cast<double>(size));
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            entries[i * size + j] /= std::tgamma(static_cast<double>(i - j) + 2);
    return entries;
}

/// P(D < d)
double oneSampleDistribution(double d, std::int64_t count)
{
    const auto n = static_cast<double>(count);
    const auto k = static_cast<std::size_t>(n * d) + 1;
    const std::size_t size = 2 * k - 1;
    Scaled base{durbinMatrix(k, static_cast<double>(k) - n * d)};
    Scaled power{Matrix(size * size, 0.0)};
    for (std::size_t i = 0; i < size; ++i)
        power.matrix[i * size + i] = 1;
    for (std::int64_t left = count; left > 0; left /= 2) {
        if (left % 2 == 1) {
            power = {product(power.matrix, base.matrix, size), power.exponent + base.exponent};
            power.tidy();
        }
        base = {product(base.matrix, base.matrix, size), 2 * base.exponent};
        base.tidy();
    }
    const double entry = power.matrix[(k - 1) * size + k - 1];
    return std::exp(std::log(entry) + power.exponent * std::log(2.0) + std::lgamma(n + 1) -
                    n * std::log(n));
}

} // namespace

KsResult kolmogorovSmirnov(std::span<const double> first, std::span<const double> second)
{
    if (unusable(first) || unusable(second))
        return {.statistic = kNone,
                .pValue = kNone,
                .logP = kNone,
                .asymptotic = kNone,
                .location = kNone};
    KsResult result = distance(sorted(first), sorted(second));
    const auto n = static_cast<std::int64_t>(first.size());
    const auto m = static_cast<std::int64_t>(second.size());
    result.asymptotic = kolmogorovTail(result.statistic, n, m);
    result.exact = std::max(first.size(), second.size()) <= kLargestExact;
    result.logP = result.exact ? logExactP(n, m, result.statistic) : std::log(result.asymptotic);
    result.pValue = std::exp(result.logP);
    return result;
}

double logKsFloor(std::int64_t n, std::int64_t m)
{
    return std::min(0.0,
                    std::log(2.0) - logChoose(static_cast<double>(n + m), static_cast<double>(n)));
}

double kolmogorovTail(double statistic, std::int64_t n, std::int64_t m)
{
    const double x2 = statistic * statistic * static_cast<double>(n) * static_cast<double>(m) /
                      static_cast<double>(n + m);
    if (x2 < 0.03) // 1 to the last bit, and the sum converges slowly
        return 1;
    double sum = 0;
    for (int k = 1; k <= 100; ++k) {
        const double term = std::exp(-2.0 * k * k * x2);
        sum += k % 2 == 1 ? term : -term;
        if (term < 1e-17 * std::abs(sum))
            break;
    }
    return std::clamp(2 * sum, 0.0, 1.0);
}

double oneSampleKsTail(double statistic, std::int64_t count)
{
    const auto n = static_cast<double>(count);
    if (std::isnan(statistic) || count < 1)
        return kNone;
    if (statistic >= 1)
        return 0;
    if (statistic * n <= 0.5)
        return 1;
    const double twice = 2 * oneSidedTail(statistic, count);
    // From one half on the two one-sided events exclude each other.
    if (statistic >= 0.5 || twice < 1e-5)
        return std::min(1.0, twice);
    return std::clamp(1 - oneSampleDistribution(statistic, count), 0.0, 1.0);
}

double finiteAsymptoticKs(double statistic, std::int64_t n, std::int64_t m)
{
    const double effective =
        static_cast<double>(n) * static_cast<double>(m) / static_cast<double>(n + m);
    return oneSampleKsTail(statistic, static_cast<std::int64_t>(std::nearbyint(effective)));
}

} // namespace lacuna
