#include "core/metrics/direction.h"

namespace lacuna {

std::optional<Direction> goodDirection(const std::string& set, const std::string& metric)
{
    if (metric == "model-utility" || metric == "forget-quality" || set == "utility")
        return Direction::Higher;
    const Result<const MetricInfo*> info = metrics().find(metric);
    const bool known = set == "forget" || set == "retain" || set.starts_with("utility-");
    if (!info || !known)
        return std::nullopt;
    const Direction onForget = (*info)->better;
    if (set == "forget" || (*info)->ofWriting)
        return onForget;
    return onForget == Direction::Lower ? Direction::Higher : Direction::Lower;
}

} // namespace lacuna
