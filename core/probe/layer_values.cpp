#include "core/probe/layer_values.h"

#include <cmath>

namespace lacuna {

Interval wilsonInterval(std::int64_t hits, std::int64_t count)
{
    constexpr double kNormalQuantile = 1.959963984540054; // of 0.975
    constexpr double kSquare = kNormalQuantile * kNormalQuantile;
    const auto n = static_cast<double>(count);
    const double share = static_cast<double>(hits) / n;
    const double middle = (share + kSquare / (2 * n)) / (1 + kSquare / n);
    const double half = kNormalQuantile / (1 + kSquare / n) *
                        std::sqrt(share * (1 - share) / n + kSquare / (4 * n * n));
    return {.low = middle - half, .high = middle + half};
}

} // namespace lacuna
