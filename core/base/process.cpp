#include "core/base/process.h"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>

namespace lacuna {

bool processLives(std::int64_t pid)
{
    if (pid <= 0 || (::kill(static_cast<pid_t>(pid), 0) != 0 && errno != EPERM))
        return false;
    // "PID (NAME) STATE ...", where a name may hold brackets of its own. Elsewhere than on Linux
    // there is no such file.
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t behind = line.rfind(") ");
    return behind == std::string::npos || behind + 2 >= line.size() ||
           (line[behind + 2] != 'Z' && line[behind + 2] != 'X');
}

} // namespace lacuna
