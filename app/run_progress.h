#pragma once

#include <QStringList>

namespace lacuna {

class RunController;
struct GroupPlace;

/// How far the run is, in a few words each: the phase that goes on, the step, the time left.
/// Whoever shows a run begins with these.
[[nodiscard]] QStringList progressFacts(const RunController& run);

/// "run 3 of 12"; empty for a run that stands alone.
[[nodiscard]] QString placeText(const GroupPlace& place);

} // namespace lacuna
