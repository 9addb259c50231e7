#include "app/pages/evaluate/score_sheet.h"

#include <utility>

namespace lacuna {

ScoreSheetPtr scoreSheet(RunRecord record)
{
    auto sheet = std::make_shared<ScoreSheet>();
    sheet->record = std::move(record);
    sheet->rows = metricRows(sheet->record.evaluations, Standalone::Preferred);
    addIntervals(sheet->rows, sheet->record.evaluations);
    sheet->prior = priorKnowledge(sheet->record.evaluations);
    return sheet;
}

} // namespace lacuna
