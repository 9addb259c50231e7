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

SetPurpose purposeOf(std::string_view set)
{
    return set.starts_with("forget") || set.starts_with("earlier") ? SetPurpose::Forget
                                                                   : SetPurpose::Keep;
}

std::optional<Direction> goodDirection(const std::string& set, const std::string& metric)
{
    if (set.empty())
        return goodSummary(metric);
    if (set == "utility")
        return Direction::Higher;
    const Result<const MetricInfo*> info = metrics().find(metric);
    if (!info || set.starts_with("holdout"))
        return std::nullopt;
    const Direction onForget = (*info)->better;
    if (purposeOf(set) == SetPurpose::Forget || (*info)->ofWriting)
        return onForget;
    return onForget == Direction::Lower ? Direction::Higher : Direction::Lower;
}

} // namespace lacuna
