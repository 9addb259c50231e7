#include "core/tokens/jinja/characters.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace lacuna::jinja {
namespace {

unsigned char byteAt(std::string_view text, std::size_t i)
{
    return static_cast<unsigned char>(text[i]);
}

/// Latin Extended-A comes in pairs of capital and small letter; in two stretches the capital has
/// the odd number.
bool capitalIsOdd(char32_t code)
{
    return (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);
}

bool isPaired(char32_t code)
{
    return code >= 0x100 && code <= 0x17E && code != 0x130 && code != 0x131 && code != 0x138 &&
           code != 0x149 && code != 0x178;
}

bool isPairedCapital(char32_t code)
{
    return isPaired(code) && (code % 2 == 1) == capitalIsOdd(code);
}

bool isPairedSmall(char32_t code)
{
    return isPaired(code) && !isPairedCapital(code);
}

/// A capital letter, how far behind it its small one is, and how many such follow.
struct CaseRange {
    char32_t first;
    char32_t distance;
    char32_t count;
};

constexpr std::array<CaseRange, 11> kRanges = {{{'A', 32, 26},
                                                {0xC0, 32, 23},
                                                {0xD8, 32, 7},
                                                {0x386, 38, 1},
                                                {0x388, 37, 3},
                                                {0x38C, 64, 1},
                                                {0x38E, 63, 2},
                                                {0x391, 32, 17},
                                                {0x3A3, 32, 9},
                                                {0x400, 80, 16},
                                                {0x410, 32, 32}}};

char32_t smallLetter(char32_t code)
{
    for (const CaseRange& range : kRanges)
        if (code >= range.first && code < range.first + range.count)
            return code + range.distance;
    return isPairedCapital(code) ? code + 1 : code;
}

char32_t capitalLetter(char32_t code)
{
    for (const CaseRange& range : kRanges)
        if (code >= range.first + range.distance &&
            code < range.first + range.distance + range.count)
            return code - range.distance;
    if (code == 0x3C2) // the sigma that ends a word
        return 0x3A3;
    return isPairedSmall(code) ? code - 1 : code;
}

template <class Map> std::string mapped(std::string_view text, Map map)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at, characterLength(text.substr(at)));
        appendCharacter(out, map(codePoint(rest)));
        at += rest.size();
    }
    return out;
}

} // namespace

std::size_t characterLength(std::string_view text)
{
    const unsigned char first = byteAt(text, 0);
    const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(length, text.size());
}

std::int64_t characterCount(std::string_view text)
{
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::vector<std::string_view> characters(std::string_view text)
{
    std::vector<std::string_view> out;
    while (!text.empty()) {
        out.push_back(text.substr(0, characterLength(text)));
        text.remove_prefix(out.back().size());
    }
    return out;
}

char32_t codePoint(std::string_view character)
{
    const unsigned char first = byteAt(character, 0);
    if (character.size() == 1)
        return first;
    char32_t code = first & (0xFFU >> (character.size() + 1));
    for (std::size_t i = 1; i < character.size(); ++i)
        code = (code << 6U) | (byteAt(character, i) & 0x3FU);
    return code;
}

void appendCharacter(std::string& text, char32_t code)
{
    const auto tail = [&](int shift) {
        text += static_cast<char>(0x80U | ((code >> static_cast<unsigned>(shift)) & 0x3FU));
    };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | (code >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string upperCase(std::string_view text)
{
    std::string upper = mapped(text, capitalLetter);
    constexpr std::string_view kSharpS = "\xC3\x9F"; // the one small letter that becomes two
    for (std::size_t at = upper.find(kSharpS); at != std::string::npos;
         at = upper.find(kSharpS, at))
        upper.replace(at, kSharpS.size(), "SS");
    return upper;
}

std::string lowerCase(std::string_view text)
{
    return mapped(text, smallLetter);
}

bool isLetter(std::string_view character)
{
    const char32_t code = codePoint(character);
    return smallLetter(code) != code || capitalLetter(code) != code;
}

std::size_t findText(std::string_view text, std::string_view needle, std::size_t from)
{
    if (from > text.size())
        return std::string_view::npos;
    if (needle.empty())
        return from;
    // Not string_view::find, which takes the product of the lengths on text made for that.
    const void* found =
        ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data())
                 : std::string_view::npos;
}

} // namespace lacuna::jinja
