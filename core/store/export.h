#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/store/records.h"

#include <span>
#include <string>
#include <vector>

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

/// A run's evaluations of one phase, with their samples, at the last step where it has some.
[[nodiscard]] Result<std::vector<Evaluation>> evaluationsOfPhase(const Store& store, RunId id,
                                                                 EvaluationPhase phase);

} // namespace lacuna
