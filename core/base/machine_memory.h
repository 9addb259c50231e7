#pragma once

#include <filesystem>

namespace lacuna {

/// Peak resident memory of this process in bytes.
[[nodiscard]] double peakMemoryBytes();
[[nodiscard]] double residentMemoryBytes();

/// Memory of this machine in bytes, as far as this process may use it.
struct MachineMemory {
    double total = 0;     ///< with swap space; of the container when that allows less
    double available = 0; ///< without pushing anything else out
};

/// \param root  of the system's files, for tests
[[nodiscard]] MachineMemory machineMemory(const std::filesystem::path& root = "/");

} // namespace lacuna
