#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Characters (code points) of well-formed UTF-8, which is what Python counts and cuts texts by.
namespace lacuna::jinja {

[[nodiscard]] std::int64_t characterCount(std::string_view text);
[[nodiscard]] std::vector<std::string_view> characters(std::string_view text);
/// Bytes of the character that starts at the front of \p text, which is not empty.
[[nodiscard]] std::size_t characterLength(std::string_view text);
[[nodiscard]] char32_t codePoint(std::string_view character);
void appendCharacter(std::string& text, char32_t code);

/// Upper and lower case of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters; others
/// stay as they are.
[[nodiscard]] std::string upperCase(std::string_view text);
[[nodiscard]] std::string lowerCase(std::string_view text);
[[nodiscard]] bool isLetter(std::string_view character);

/// Where \p needle starts in \p text at or after \p from, or npos. Takes time in proportion to
/// their lengths, whatever they hold.
[[nodiscard]] std::size_t findText(std::string_view text, std::string_view needle,
                                   std::size_t from = 0);

} // namespace lacuna::jinja
