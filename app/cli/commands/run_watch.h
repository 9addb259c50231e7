#pragma once

#include "core/base/json.h"
#include "core/run/event.h"
#include "core/run/run_thread.h"

namespace lacuna {

/// One event as a line of JSON: "event" names its kind.
[[nodiscard]] OrderedJson eventJson(const RunEvent& event);

/// Follows a run to its end: events on stdout, a live line on stderr. The first Ctrl-C stops and
/// keeps, the second stops where it is.
/// \return an ExitCode
[[nodiscard]] int watchRun(RunThread& run);

} // namespace lacuna
