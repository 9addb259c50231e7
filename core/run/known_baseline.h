#pragma once

#include "core/store/store.h"

#include <vector>

namespace lacuna {

/// What an earlier run of \p run's group measured before its first step, with its samples, where it
/// had the same to measure: model, reference and corpora by their hashes, template, seed and
/// settings of the evaluation, machine and version of the program. Read from the manifests. Empty:
/// there is none, or the run is in no group.
[[nodiscard]] std::vector<Evaluation> knownBaseline(const Store& store, const Run& run);

} // namespace lacuna
