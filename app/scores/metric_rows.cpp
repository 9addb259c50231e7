#include "app/scores/metric_rows.h"

#include "core/base/set_names.h"
#include "core/metrics/evaluation_interval.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lacuna {

namespace {

std::size_t rank(const std::string& set)
{
    constexpr std::array<std::string_view, 3> kFirst = {"forget", "retain", "holdout"};
    return static_cast<std::size_t>(std::find(kFirst.begin(), kFirst.end(), set) - kFirst.begin());
}

/// Whose value an evaluation is, and of which set.
struct Place {
    std::string set;
    ModelRole role = ModelRole::Current;
};

/// What is left of \p set behind \p prefix.
std::optional<std::string> behind(const std::string& set, std::string_view prefix)
{
    return set.starts_with(prefix) ? std::optional(set.substr(prefix.size())) : std::nullopt;
}

/// Nothing for what says nothing about any of the models.
std::optional<Place> placeOf(const Evaluation& evaluation)
{
    if (const auto set = behind(evaluation.set, kReferencePrefix))
        return Place{.set = *set, .role = ModelRole::Reference};
    if (const auto set = behind(evaluation.set, kOriginalPrefix))
        return Place{.set = *set, .role = ModelRole::Original};
    if (evaluation.phase == EvaluationPhase::Before)
        return Place{.set = evaluation.set, .role = ModelRole::Original};
    if (evaluation.phase == EvaluationPhase::During && evaluation.step == 0)
        return std::nullopt; // the original on fewer samples
    return Place{.set = evaluation.set};
}

void take(MetricRow& row, const Evaluation& evaluation, ModelRole role, std::size_t position)
{
    row.sources.at(static_cast<std::size_t>(role)) = position;
    switch (role) {
    case ModelRole::Original:
        row.original = evaluation.value;
        break;
    case ModelRole::Reference:
        row.reference = evaluation.value;
        break;
    default:
        row.unlearned = evaluation.value;
        row.count = evaluation.count;
        row.during = evaluation.phase == EvaluationPhase::During ? std::optional(evaluation.step)
                                                                 : std::nullopt;
    }
}

} // namespace

double MetricRow::value(ModelRole role) const
{
    return role == ModelRole::Original    ? original
           : role == ModelRole::Reference ? reference
                                          : unlearned;
}

void addIntervals(std::vector<MetricRow>& rows, std::vector<Evaluation>& evaluations)
{
    for (MetricRow& row : rows) {
        for (const std::optional<std::size_t>& source : row.sources)
            if (source)
                evaluations[*source].interval = intervalOf(evaluations[*source]);
        const auto before = row.source(ModelRole::Original);
        const auto after = row.source(ModelRole::Current);
        if (!before || !after)
            continue;
        if (const auto change = pairedChange(evaluations[*before], evaluations[*after]))
            row.change = change->interval;
    }
}

std::vector<MetricRow> metricRows(const std::vector<Evaluation>& evaluations, Standalone standalone)
{
    std::vector<MetricRow> rows;
    for (std::size_t at = 0; at < evaluations.size(); ++at) {
        const Evaluation& evaluation = evaluations[at];
        const bool isLater = evaluation.phase == EvaluationPhase::Standalone;
        const std::optional<Place> place = placeOf(evaluation);
        if ((isLater && standalone == Standalone::LeftOut) || !place)
            continue;
        auto row = std::find_if(rows.begin(), rows.end(), [&](const MetricRow& one) {
            return one.set == place->set && one.metric == evaluation.metric &&
                   one.variant == evaluation.variant;
        });
        if (row != rows.end() && row->standalone && !isLater)
            continue;
        MetricRow fresh{.set = place->set,
                        .metric = evaluation.metric,
                        .variant = evaluation.variant,
                        .count = evaluation.count,
                        .standalone = isLater};
        if (row == rows.end())
            row = rows.insert(rows.end(), std::move(fresh));
        else if (isLater && !row->standalone)
            *row = std::move(fresh);
        take(*row, evaluation, place->role, at);
    }
    std::stable_sort(rows.begin(), rows.end(), [](const MetricRow& a, const MetricRow& b) {
        return rank(a.set) < rank(b.set);
    });
    return rows;
}

} // namespace lacuna
