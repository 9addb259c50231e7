#pragma once

#include "app/pages/evaluate/score_sheet.h"
#include "core/metrics/roc.h"
#include "widgets/chart/figure_chart.h"

#include <string>
#include <vector>

/// What single samples say, drawn.
namespace lacuna {

/// Of each model how its samples' values are spread, laid over each other. A content without lines
/// where no values of samples were kept.
[[nodiscard]] FigureChart::Content histogramFigure(const ScoreSheet& sheet, const MetricRow& row);

/// How well one model's scores tell the forget set from text that was never trained on.
struct RocResult {
    ModelRole role = ModelRole::Current;
    std::vector<RocPoint> curve;
    double auc = 0;
    Interval interval;        ///< of the area, 95 %
    double atOnePercent = 0;  ///< true positive rate at a false positive rate of 1 %
    double atFivePercent = 0; ///< the same of 5 %
};

/// The score behind \p metric, when that is one of membership: "mia-zlib" is made of "zlib", and
/// the negative log-likelihood is the score of the attack LOSS. Empty: it is another metric.
[[nodiscard]] std::string membershipScore(const std::string& metric);

/// Of each model whose score was kept on both sets; empty where there is none.
[[nodiscard]] std::vector<RocResult> rocResults(const ScoreSheet& sheet, const MetricRow& row);
[[nodiscard]] FigureChart::Content rocFigure(const std::vector<RocResult>& results,
                                             const std::string& metric);

} // namespace lacuna
