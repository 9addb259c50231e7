#include "core/tokens/byte_alphabet.h"

#include <array>
#include <cstdint>

namespace lacuna {
namespace {

constexpr std::size_t kCharacters = 0x144; ///< the alphabet ends below

constexpr bool standsForItself(unsigned byte)
{
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<std::uint16_t, 256> characters{};
    std::array<std::int16_t, kCharacters> bytes{}; ///< -1: not in the alphabet

    constexpr Alphabet()
    {
        bytes.fill(-1);
        std::uint16_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            characters[byte] = standsForItself(byte) ? static_cast<std::uint16_t>(byte) : next++;
            bytes[characters[byte]] = static_cast<std::int16_t>(byte);
        }
    }
};

constexpr Alphabet kAlphabet;

} // namespace

void appendInByteAlphabet(std::string_view bytes, std::string& text)
{
    for (const char byte : bytes) {
        const std::uint16_t c = kAlphabet.characters[static_cast<unsigned char>(byte)];
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else {
            text += static_cast<char>(0xC0 | (c >> 6));
            text += static_cast<char>(0x80 | (c & 0x3F));
        }
    }
}

std::optional<std::string> bytesOfAlphabet(std::string_view piece)
{
    std::string bytes;
    for (std::size_t at = 0; at < piece.size(); ++at) {
        std::size_t c = static_cast<unsigned char>(piece[at]);
        if (c >= 0x80) {
            if (c >= 0xE0 || at + 1 >= piece.size())
                return std::nullopt;
            c = (c & 0x1F) << 6 | (static_cast<unsigned char>(piece[++at]) & 0x3F);
        }
        if (c >= kCharacters || kAlphabet.bytes[c] < 0)
            return std::nullopt;
        bytes += static_cast<char>(kAlphabet.bytes[c]);
    }
    return bytes;
}

} // namespace lacuna
