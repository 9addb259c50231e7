#pragma once

#include <QStringList>

namespace lacuna {

class RunController;

/// How far the run is, in a few words each: the phase that goes on, the step, the time left.
/// Whoever shows a run begins with these.
[[nodiscard]] QStringList progressFacts(const RunController& run);

} // namespace lacuna
