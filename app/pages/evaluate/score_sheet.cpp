#include "app/pages/evaluate/score_sheet.h"

#include "core/base/set_names.h"
#include "core/metrics/summary.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lacuna {

namespace {

constexpr std::array<std::string_view, 3> kAlwaysTold = {"forget-quality", "model-utility",
                                                         "privleak"};

/// What the rows show of one model, in sets without a prefix.
std::vector<Evaluation> measuredOf(const ScoreSheet& sheet, ModelRole role)
{
    std::vector<Evaluation> measured;
    for (const MetricRow& row : sheet.rows)
        if (const auto source = row.source(role)) {
            measured.push_back(sheet.record.evaluations[*source]);
            measured.back().set = row.set;
        }
    return measured;
}

void addSummaries(ScoreSheet& sheet)
{
    std::array<std::vector<Evaluation>, 3> models;
    for (std::size_t role = 0; role < models.size(); ++role)
        models[role] = measuredOf(sheet, static_cast<ModelRole>(role));
    const auto& [original, unlearned, reference] = models;
    std::vector<Evaluation> added;
    const auto add = [&](const std::vector<Evaluation>& model, EvaluationPhase phase,
                         std::string_view prefix, std::span<const Evaluation> before) {
        if (model.empty())
            return;
        for (Summary& summary :
             summarize({.model = model, .reference = reference, .original = before})) {
            Evaluation& evaluation = summary.evaluation;
            const bool known = std::ranges::any_of(model, [&](const Evaluation& one) {
                return one.set == evaluation.set && one.metric == evaluation.metric;
            });
            const bool asked =
                evaluation.set.empty() ||
                std::ranges::find(model, evaluation.set, &Evaluation::set) != model.end();
            // Of those that cannot be had only the best known are worth a reason.
            const bool told = evaluation.missing.empty() ||
                              std::ranges::find(kAlwaysTold, summary.info->id) != kAlwaysTold.end();
            if (known || !asked || !told)
                continue;
            evaluation.phase = phase;
            evaluation.set.insert(0, prefix);
            added.push_back(std::move(evaluation));
        }
    };
    add(original, EvaluationPhase::Before, {}, original);
    add(unlearned, EvaluationPhase::After, {}, original);
    add(reference, EvaluationPhase::Before, kReferencePrefix, original);
    std::vector<Evaluation>& all = sheet.record.evaluations;
    all.insert(all.end(), std::make_move_iterator(added.begin()),
               std::make_move_iterator(added.end()));
}

} // namespace

ScoreSheetPtr scoreSheet(RunRecord record)
{
    auto sheet = std::make_shared<ScoreSheet>();
    sheet->record = std::move(record);
    sheet->rows = metricRows(sheet->record.evaluations, Standalone::Preferred);
    addSummaries(*sheet);
    sheet->rows = metricRows(sheet->record.evaluations, Standalone::Preferred);
    addIntervals(sheet->rows, sheet->record.evaluations);
    sheet->prior = priorKnowledge(sheet->record.evaluations);
    return sheet;
}

} // namespace lacuna
