#include "core/metrics/memorization.h"

#include <algorithm>

namespace lacuna {

double exactMemorization(const std::vector<bool>& matches)
{
    if (matches.empty())
        return 0;
    return static_cast<double>(std::count(matches.begin(), matches.end(), true)) /
           static_cast<double>(matches.size());
}

double extractionStrength(const std::vector<bool>& matches, ExtractionFloor floor)
{
    if (matches.empty())
        return 0;
    const auto lastMiss = std::find(matches.rbegin(), matches.rend(), false);
    auto suffix = std::distance(matches.rbegin(), lastMiss);
    if (suffix == 0 && floor == ExtractionFloor::OneOverCount)
        suffix = 1;
    // 1 - k/n rather than suffix/n: the same bits as the published numbers.
    const auto count = static_cast<double>(matches.size());
    return 1 - (count - static_cast<double>(suffix)) / count;
}

} // namespace lacuna
