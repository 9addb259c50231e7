#pragma once

#include <filesystem>
#include <string>

namespace lacuna {

/// \p path as a recipe means it that lies in \p folder; an empty one stays empty.
[[nodiscard]] std::string absolutePath(const std::string& path,
                                       const std::filesystem::path& folder);

} // namespace lacuna
