#include "core/base/machine_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace lacuna {
namespace {

/// The number of a file that holds just one; nothing when there is none, or when it is "max".
std::optional<double> numberIn(const std::filesystem::path& file)
{
    std::ifstream in(file);
    double number = 0;
    return in >> number ? std::optional(number) : std::nullopt;
}

/// The number after \p name in a file of such pairs; 0 when it is not there.
double field(const std::filesystem::path& file, const std::string& name)
{
    std::ifstream in(file);
    double number = 0;
    for (std::string key; in >> key >> number;)
        if (key == name)
            return number;
    return 0;
}

} // namespace

double peakMemoryBytes()
{
    struct rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

double residentMemoryBytes()
{
    std::ifstream in("/proc/self/statm");
    double total = 0;
    double resident = 0;
    in >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

MachineMemory machineMemory(const std::filesystem::path& root)
{
    MachineMemory memory;
    std::ifstream in(root / "proc/meminfo");
    std::string name;
    double kibibytes = 0;
    for (std::string rest; in >> name >> kibibytes && std::getline(in, rest);) {
        if (name == "MemTotal:" || name == "SwapTotal:")
            memory.total += kibibytes * 1024;
        if (name == "MemAvailable:" || name == "SwapFree:")
            memory.available += kibibytes * 1024;
    }
    const auto group = root / "sys/fs/cgroup";
    if (const auto limit = numberIn(group / "memory.max")) {
        memory.total = std::min(memory.total, *limit);
        const double used = numberIn(group / "memory.current").value_or(0);
        memory.available = std::min(memory.available,
                                    *limit - used + field(group / "memory.stat", "inactive_file"));
    }
    return memory;
}

} // namespace lacuna
