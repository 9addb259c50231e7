#include "app/cli/store_path.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace lacuna {
namespace {

/// What a variable names, if it is an absolute path: the base directory specification ignores
/// others.
std::filesystem::path pathFrom(const char* variable)
{
    const char* value = std::getenv(variable);
    const std::filesystem::path path = value ? value : "";
    return path.is_absolute() ? path : std::filesystem::path();
}

std::filesystem::path homeFolder()
{
    std::filesystem::path home = pathFrom("HOME");
    if (!home.empty())
        return home;
    const passwd* user = ::getpwuid(::getuid());
    return user && user->pw_dir ? user->pw_dir : std::filesystem::current_path();
}

} // namespace

std::filesystem::path dataFolder()
{
    const std::filesystem::path data = pathFrom("XDG_DATA_HOME");
    return (data.empty() ? homeFolder() / ".local" / "share" : data) / "lacuna";
}

std::filesystem::path defaultStorePath()
{
    return dataFolder() / "history.sqlite";
}

} // namespace lacuna
