#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lacuna {

enum class NormalForm : std::uint8_t { Nfc, Nfd, Nfkc, Nfkd };

/// \p text in a Unicode normalisation form. \param text  well-formed UTF-8
[[nodiscard]] std::string normalised(std::string_view text, NormalForm form);
/// Each character in lower case by itself, without regard to its neighbours.
[[nodiscard]] std::string lowerCase(std::string_view text);

/// Whether \p text begins, or ends, with a character of a word: a letter, a mark, a decimal digit
/// or a connector (Unicode Technical Standard 18, annex C).
[[nodiscard]] bool startsWithWord(std::string_view text);
[[nodiscard]] bool endsWithWord(std::string_view text);

/// Bytes of the first character of \p text, which is well-formed UTF-8 and not empty.
[[nodiscard]] inline std::size_t characterSize(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

} // namespace lacuna
