#include "app/cli/measured.h"

#include <fmt/format.h>

#include <cmath>

namespace lacuna {

std::string measuredText(double value)
{
    return value != 0 && std::abs(value) < 1e-3 ? fmt::format("{:.3e}", value)
                                                : fmt::format("{:.4f}", value);
}

std::string intervalText(const std::optional<Interval>& interval)
{
    if (!interval || !std::isfinite(interval->low) || !std::isfinite(interval->high))
        return {};
    return fmt::format("{} to {}", measuredText(interval->low), measuredText(interval->high));
}

} // namespace lacuna
