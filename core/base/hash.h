#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace lacuna {

/// SHA-256 as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);
/// The same of a file's content, read in blocks.
[[nodiscard]] Result<std::string> sha256File(const std::filesystem::path& path);

} // namespace lacuna
