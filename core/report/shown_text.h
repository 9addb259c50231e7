#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lacuna {

/// Text of a run as it may stand in a report: malformed bytes as "‹E2›", control characters but
/// line feed and tab as their pictures ("␀"), characters that turn the direction of writing or are
/// none at all as "‹U+202E›". A carriage return goes.
[[nodiscard]] std::string shownText(std::string_view text);
/// The same on one line.
[[nodiscard]] std::string shownLine(std::string_view text);

struct Excerpt {
    std::string text;
    std::string notice; ///< what was left out, in a sentence; empty: nothing
};
/// shownText() of the first \p most characters or so; never ends inside one.
[[nodiscard]] Excerpt excerpt(std::string_view text, std::size_t most);

/// Four significant digits, as all numbers in a report are printed; "not a number".
[[nodiscard]] std::string numberText(double value);
/// With its first letter, where that is an ASCII one, in upper case.
[[nodiscard]] std::string capitalised(std::string text);
/// The part of a path behind its last slash.
[[nodiscard]] std::string fileName(std::string_view path);

} // namespace lacuna
