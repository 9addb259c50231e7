#pragma once

#include "app/cli/arguments.h"
#include "core/store/store.h"

namespace lacuna {

/// --store, as every command of the history declares it.
[[nodiscard]] Option storeOption();
/// The history that --store names, or the user's own.
[[nodiscard]] Result<Store> openHistory(const Arguments& arguments, OpenMode mode);

struct OpenRun {
    Store store;
    Run run;
};
/// The history with the run that the positional RUN names.
[[nodiscard]] Result<OpenRun> openRun(const Arguments& arguments, OpenMode mode);

} // namespace lacuna
