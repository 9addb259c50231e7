#include "core/metrics/evaluation_log_parts.h"
#include "core/metrics/recorded_quantity.h"
#include "core/metrics/roc.h"
#include "core/metrics/summary.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace lacuna {
namespace {

/// open-unlearning averages the scores of attacks in float32.
constexpr NumberTolerance kFloat32Mean{.relative = 1e-6, .absolute = 1e-9};

/// Lacuna's own logs hold aggregates over tokens, which samples do not give again.
bool isForeignLog(const Json& document)
{
    bool found = false;
    if (document.is_object())
        for (const Json& entry : document) {
            if (hasKeys(entry, {"lacuna"}))
                return false;
            found = found || hasKeys(entry, {"agg_value", "value_by_index"}) ||
                    hasKeys(entry, {"forget", "holdout", "auc"});
        }
    return found;
}

/// The mean, aggregate or area that an entry records, from its samples.
void verifyEvaluation(const Evaluation& computed, std::span<const Evaluation> all,
                      const Json& entry, RecordedQuantities& quantities)
{
    const LogPlace place = logPlaceOf(computed);
    if (place.part == "auc") {
        const std::string scores = metricsOfEntry(place.entry).front().metric;
        const Evaluation* forget = findEvaluation(all, "forget", scores);
        const Evaluation* holdout = findEvaluation(all, "holdout", scores);
        if (!forget || !holdout || !entry.contains("auc"))
            return;
        const std::vector<double> low = sampleNumbers(*forget);
        const std::vector<double> high = sampleNumbers(*holdout);
        quantities.number(place.entry + " auc", aucOf({.forget = low, .holdout = high}),
                          entry.at("auc"));
    } else if (!computed.samples.empty() && place.leads) {
        const bool isWhole = place.part.empty();
        const Json& part = isWhole ? entry : entry.at(place.part);
        if (part.contains("agg_value"))
            quantities.number(
                (isWhole ? place.entry : place.entry + "." + place.part) + " agg_value",
                computed.value, part.at("agg_value"), isWhole ? NumberTolerance{} : kFloat32Mean);
    }
}

void verifyLog(const Json& document, RecordedQuantities& quantities)
{
    const Result<EvaluationLog> log = parseEvaluationLog(document, "log");
    if (!log)
        throw Json::other_error::create(500, log.error().message, &document);
    for (const Evaluation& evaluation : log->evaluations) {
        const auto entry = document.find(logPlaceOf(evaluation).entry);
        if (entry != document.end()) // else it was derived here
            verifyEvaluation(evaluation, log->evaluations, *entry, quantities);
    }
    const Evaluation* utility = findEvaluation(log->evaluations, "", "model-utility");
    if (!utility || !std::isfinite(utility->value))
        return;
    const SummaryInput input{.model = log->evaluations, .resamples = 1};
    const SummaryInfo& info = **summaries().find("model-utility");
    quantities.number("model_utility", info.compute(input).value, utility->value);
}

} // namespace

RecordedKind recordedEvaluationLog()
{
    return {.what = "an open-unlearning evaluation log",
            .recognises = &isForeignLog,
            .verify = &verifyLog};
}

} // namespace lacuna
