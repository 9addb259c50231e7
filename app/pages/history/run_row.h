#pragma once

#include "app/history.h"
#include "widgets/table/run_table_model.h"

namespace lacuna {

/// The state as it is: a run that says it goes on, while the process that worked on it is gone, is
/// an interrupted one.
[[nodiscard]] RunState currentState(const Run& run);
/// Whether it can be continued from its last checkpoint.
[[nodiscard]] bool canContinue(const Run& run);
/// The method's title, or its id where this program does not know it.
[[nodiscard]] QString methodTitle(const std::string& id);
[[nodiscard]] RunRow runRow(const RunOverview& overview);

} // namespace lacuna
