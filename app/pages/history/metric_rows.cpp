#include "app/pages/history/metric_rows.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lacuna {

namespace {

/// Before the set's name where the reference model was measured.
constexpr std::string_view kReference = "reference-";

std::size_t rank(const std::string& set)
{
    constexpr std::array<std::string_view, 3> kFirst = {"forget", "retain", "holdout"};
    return static_cast<std::size_t>(std::find(kFirst.begin(), kFirst.end(), set) - kFirst.begin());
}

} // namespace

std::vector<MetricRow> metricRows(const std::vector<Evaluation>& evaluations)
{
    std::vector<MetricRow> rows;
    for (const Evaluation& evaluation : evaluations) {
        if (evaluation.phase == EvaluationPhase::Standalone)
            continue;
        const bool ofReference = evaluation.set.starts_with(kReference);
        const std::string set =
            ofReference ? evaluation.set.substr(kReference.size()) : evaluation.set;
        auto row = std::find_if(rows.begin(), rows.end(), [&](const MetricRow& one) {
            return one.set == set && one.metric == evaluation.metric &&
                   one.variant == evaluation.variant;
        });
        if (row == rows.end())
            row = rows.insert(rows.end(), MetricRow{.set = set,
                                                    .metric = evaluation.metric,
                                                    .variant = evaluation.variant,
                                                    .count = evaluation.count});
        const bool isFinal = evaluation.phase == EvaluationPhase::After;
        if (ofReference) {
            row->reference = evaluation.value;
        } else if (evaluation.phase == EvaluationPhase::Before) {
            row->original = evaluation.value;
        } else if (isFinal || evaluation.step > 0) {
            row->unlearned = evaluation.value;
            row->count = evaluation.count;
            row->during = isFinal ? std::nullopt : std::optional(evaluation.step);
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const MetricRow& a, const MetricRow& b) {
        return rank(a.set) < rank(b.set);
    });
    return rows;
}

} // namespace lacuna
