#pragma once

#include <string_view>
#include <vector>

/// Texts in UTF-8 cut into pieces that a person would compare.
namespace lacuna {

/// Runs of letters (an apostrophe between two belongs to the word), runs of digits, runs of white
/// space, and everything else character by character, as are Chinese, Japanese and Korean
/// ideographs and syllables. Joined, they are \p text, malformed UTF-8 included.
[[nodiscard]] std::vector<std::string_view> splitWords(std::string_view text);
/// Characters with the combining marks behind them. Joined, they are \p text.
[[nodiscard]] std::vector<std::string_view> splitCharacters(std::string_view text);
/// Whether a piece of splitWords() is white space.
[[nodiscard]] bool isSpacePiece(std::string_view piece);

} // namespace lacuna
