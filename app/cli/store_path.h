#pragma once

#include <filesystem>

namespace lacuna {

/// Where the program keeps what it makes: $XDG_DATA_HOME/lacuna, else ~/.local/share/lacuna.
[[nodiscard]] std::filesystem::path dataFolder();
/// The experiment history where a command names none: history.sqlite in dataFolder().
[[nodiscard]] std::filesystem::path defaultStorePath();

} // namespace lacuna
