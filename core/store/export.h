#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/store/records.h"

#include <span>
#include <string>

namespace lacuna {

class Store;

/// Everything the history knows about a run: {"lacuna_run": 1, "run": {...}, "series": {key:
/// {"steps", "values"}}, "evaluations": [...], "answers": [...], "interruptions": [...],
/// "artefacts": [...]}. A number that was not finite is null.
[[nodiscard]] Result<OrderedJson> runToJson(const Store& store, RunId id);

/// The curves as a table: `step`, then a column a key, sorted. A cell is empty where a key has no
/// point at a step and "nan" where the point was not finite.
[[nodiscard]] Result<std::string> seriesToCsv(const Store& store, RunId id);

/// One line of a CSV file, quoted where that is needed, with its line break (RFC 4180).
[[nodiscard]] std::string csvLine(std::span<const std::string> fields);

/// The shape of open-unlearning's evaluation logs: {name: {"agg_value": v, "value_by_index":
/// {"0": {"value": v, ...}}}}. A name is set, metric and variant joined by "_", empty ones left
/// out. The keys of a sample's `extra` stand beside its value. Of two evaluations with one name
/// the later one is kept.
[[nodiscard]] OrderedJson evaluationsToLog(std::span<const Evaluation> evaluations);
/// The same of a run's evaluations of one phase, at the last step where it has some.
[[nodiscard]] Result<OrderedJson> evaluationsToLog(const Store& store, RunId id,
                                                   EvaluationPhase phase);

} // namespace lacuna
