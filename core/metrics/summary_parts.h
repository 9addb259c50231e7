#pragma once

#include "core/base/rng.h"
#include "core/metrics/evaluation_log.h"
#include "core/metrics/summary.h"
#include "core/metrics/truth_ratio.h"

#include <string>
#include <string_view>
#include <vector>

// What the files of the summary catalogue share; nobody else includes it.
namespace lacuna {

SummaryInfo modelUtility();
SummaryInfo modelUtilityArithmetic();
SummaryInfo forgetQuality();
SummaryInfo forgetQualityArithmetic();
SummaryInfo forgetTruthRatio();
SummaryInfo retainTruthRatio();
SummaryInfo authorsTruthRatio();
SummaryInfo factsTruthRatio();
SummaryInfo lossArea();
SummaryInfo zlibArea();
SummaryInfo minKArea();
SummaryInfo minKPlusPlusArea();
SummaryInfo referenceArea();
SummaryInfo gradNormArea();
SummaryInfo privacyLeakage();
SummaryInfo privacyLeakageMuse();
SummaryInfo approximateLossGap();
SummaryInfo approximateAccuracyGap();
SummaryInfo memorizationScore();
SummaryInfo privacyScore();
SummaryInfo utilityScore();
SummaryInfo overallScore();

[[nodiscard]] SummaryValue missingValue(std::string reason);
[[nodiscard]] Random randomOf(const SummaryInput& input, const std::string& purpose);

[[nodiscard]] TruthAggregate truthAggregateOf(std::string_view set);
/// What the evaluation's value is the mean of, sample by sample.
[[nodiscard]] std::vector<double> averaged(const Evaluation& evaluation);

/// The scores of an attack, or why there are none.
struct AttackScores {
    std::vector<double> forget;
    std::vector<double> holdout;
    std::string missing;
};
[[nodiscard]] AttackScores attackScores(std::span<const Evaluation> evaluations,
                                        std::string_view metric);

/// The harmonic mean of parts that are values already; missing with all their reasons if one is.
struct NamedValue {
    std::string id;
    SummaryValue value;
};
[[nodiscard]] SummaryValue harmonicOf(const std::vector<NamedValue>& parts);

} // namespace lacuna
