#include "core/metrics/prior_knowledge.h"

#include "core/metrics/evaluation_interval.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {
namespace {

/// Extraction strength of an answer of which a model can say nothing but a last word or two.
constexpr double kExtractionFloor = 0.1;

const Evaluation* find(std::span<const Evaluation> evaluations, std::string_view set,
                       std::string_view metric)
{
    const auto found = std::find_if(evaluations.begin(), evaluations.end(), [&](const auto& one) {
        return one.phase == EvaluationPhase::Before && one.set == set && one.metric == metric &&
               std::isfinite(one.value);
    });
    return found == evaluations.end() ? nullptr : &*found;
}

/// Whether \p high lies above \p low, each with what is known of its place.
bool isAbove(const Evaluation& high, const Evaluation& low)
{
    const Interval highest = intervalOf(high).value_or(Interval{high.value, high.value});
    const Interval lowest = intervalOf(low).value_or(Interval{low.value, low.value});
    return highest.low > lowest.high;
}

std::optional<PriorKnowledge> compared(std::span<const Evaluation> evaluations,
                                       std::string_view metric)
{
    const Evaluation* forget = find(evaluations, "forget", metric);
    if (!forget)
        return std::nullopt;
    PriorKnowledge found{.metric = std::string(metric), .forget = forget->value};
    if (const Evaluation* holdout = find(evaluations, "holdout", metric)) {
        found.compared = holdout->value;
        found.known = isAbove(*forget, *holdout);
        return found;
    }
    if (const Evaluation* reference = find(evaluations, "reference-forget", metric)) {
        found.yardstick = Yardstick::Reference;
        found.compared = reference->value;
        found.known = isAbove(*forget, *reference);
        return found;
    }
    if (metric != "extraction-strength")
        return std::nullopt;
    found.yardstick = Yardstick::Floor;
    found.compared = kExtractionFloor;
    found.known = forget->value > kExtractionFloor;
    return found;
}

} // namespace

std::optional<PriorKnowledge> priorKnowledge(std::span<const Evaluation> evaluations)
{
    std::optional<PriorKnowledge> first;
    for (const std::string_view metric :
         std::to_array<std::string_view>({"extraction-strength", "probability"})) {
        std::optional<PriorKnowledge> found = compared(evaluations, metric);
        if (found && found->known)
            return found;
        if (!first)
            first = found;
    }
    return first;
}

} // namespace lacuna
