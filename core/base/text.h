#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// The candidate with the smallest edit distance to \p name, when it is close enough to be a
/// plausible misspelling (at most a third of the length, at least 2); otherwise nothing.
[[nodiscard]] std::optional<std::string> nearestName(std::string_view name,
                                                     const std::vector<std::string>& candidates);

[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
/// \p text with each \p from, which is not empty, replaced by \p to.
[[nodiscard]] std::string replaceAll(std::string_view text, std::string_view from,
                                     std::string_view to);
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Offset of the first byte that is not well-formed UTF-8 (overlong forms and surrogates refused).
[[nodiscard]] std::optional<std::size_t> firstInvalidUtf8(std::string_view text);
/// Replaces every malformed sequence by U+FFFD.
[[nodiscard]] std::string validUtf8(std::string_view text);
/// Replaces every byte that belongs to no well-formed character by its value, as "‹E2›", so that a
/// person sees which bytes there are.
[[nodiscard]] std::string visibleBytes(std::string_view text);
/// Replaces white space by marks that show: · for a space, → for a tab, ⏎ for a line break.
[[nodiscard]] std::string visibleSpace(std::string_view text);
/// Length of the longest prefix that does not end inside a multi-byte character. For streaming.
[[nodiscard]] std::size_t completeUtf8Prefix(std::string_view text);

/// "1.5 GiB", "12.0 KiB", "900 B".
[[nodiscard]] std::string bytesText(double bytes);

} // namespace lacuna
