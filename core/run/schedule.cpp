#include "core/run/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lacuna {

double scheduleFactor(const std::string& schedule, std::int64_t step, std::int64_t warmup,
                      std::int64_t total)
{
    if (step < warmup)
        return static_cast<double>(step + 1) / static_cast<double>(warmup);
    const double span = static_cast<double>(std::max<std::int64_t>(1, total - warmup));
    const double done = static_cast<double>(step - warmup) / span;
    if (schedule == "linear")
        return std::max(0.0, 1.0 - done);
    if (schedule == "cosine")
        return 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, done)));
    return 1.0;
}

} // namespace lacuna
