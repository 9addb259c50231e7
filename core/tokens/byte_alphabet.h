#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lacuna {

/// The alphabet in which byte-level tokenizers spell bytes: GPT-2's, a printable character for
/// each of the 256 (U+0120 "Ġ" for a space). Source: bytes_to_unicode() of GPT-2's encoder.py.
///
/// Appends the characters of \p bytes, all of them, to \p text.
void appendInByteAlphabet(std::string_view bytes, std::string& text);

/// The bytes that \p piece spells; nothing when a character of it is not in the alphabet.
[[nodiscard]] std::optional<std::string> bytesOfAlphabet(std::string_view piece);

} // namespace lacuna
