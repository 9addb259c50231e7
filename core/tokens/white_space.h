#pragma once

#include <cstddef>
#include <string_view>

namespace lacuna {

/// Bytes of the white space character that \p text starts with, 0 when it starts with none.
/// White space is what Unicode calls so, and the four separators U+001C to U+001F: the set that
/// Python's str.strip() takes away.
[[nodiscard]] std::size_t spaceAtStart(std::string_view text);

[[nodiscard]] std::string_view withoutLeadingSpace(std::string_view text);
[[nodiscard]] std::string_view withoutTrailingSpace(std::string_view text);

} // namespace lacuna
