#pragma once

#include "core/run/sweep.h"

#include <filesystem>

namespace lacuna {

/// Does every run of a sweep that its history has not yet: those that were interrupted are
/// continued, the others started, one after another. Ends with a table of what each came to, in
/// which those are marked that no other one beats; of a sequence of requests also with what is left
/// of every earlier target after each.
/// \return an ExitCode; a failed run does not keep the others from being done
[[nodiscard]] int runSweep(const Sweep& sweep, const std::filesystem::path& store,
                           const std::filesystem::path& runsFolder);

} // namespace lacuna
