#include "core/metrics/direction.h"

#include "core/metrics/summary.h"

namespace lacuna {
namespace {

std::optional<Direction> goodSummary(const std::string& metric)
{
    for (const SummaryInfo& info : summaries().entries())
        if (info.set.empty() && (info.metric.empty() ? info.id : info.metric) == metric) {
            if (info.goal == SummaryGoal::Higher)
                return Direction::Higher;
            if (info.goal == SummaryGoal::Lower)
                return Direction::Lower;
        }
    return std::nullopt;
}

} // namespace

std::optional<Direction> goodDirection(const std::string& set, const std::string& metric)
{
    if (set.empty())
        return goodSummary(metric);
    if (set == "utility")
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
