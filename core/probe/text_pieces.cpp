#include "core/probe/text_pieces.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lacuna {
namespace {

struct Character {
    char32_t code = 0; ///< 0xFFFD where the bytes are malformed
    std::size_t length = 1;
};

Character characterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(at);
    if (lead < 0x80)
        return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + length > text.size())
        return {0xFFFD, 1};
    auto code = static_cast<char32_t>(lead & (0xFF >> (length + 1)));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80)
            return {0xFFFD, 1};
        code = (code << 6) | (byte(at + i) & 0x3F);
    }
    return {code, length};
}

struct Range {
    char32_t low;
    char32_t high;
};

template <std::size_t N> bool within(const std::array<Range, N>& ranges, char32_t code)
{
    return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
        return code >= range.low && code <= range.high;
    });
}

bool isSpace(char32_t code)
{
    constexpr std::array<Range, 10> kSpaces = {{{0x09, 0x0D},
                                                {0x20, 0x20},
                                                {0x85, 0x85},
                                                {0xA0, 0xA0},
                                                {0x1680, 0x1680},
                                                {0x2000, 0x200A},
                                                {0x2028, 0x2029},
                                                {0x202F, 0x202F},
                                                {0x205F, 0x205F},
                                                {0x3000, 0x3000}}};
    return within(kSpaces, code);
}

bool isDigit(char32_t code)
{
    constexpr std::array<Range, 5> kDigits = {
        {{'0', '9'}, {0x660, 0x669}, {0x6F0, 0x6F9}, {0x966, 0x96F}, {0xFF10, 0xFF19}}};
    return within(kDigits, code);
}

/// Marks that belong to the character before them, joiners and variation selectors included.
bool isCombining(char32_t code)
{
    constexpr std::array<Range, 8> kMarks = {{{0x300, 0x36F},
                                              {0x1AB0, 0x1AFF},
                                              {0x1DC0, 0x1DFF},
                                              {0x200D, 0x200D},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F},
                                              {0xFE20, 0xFE2F},
                                              {0x1F3FB, 0x1F3FF}}};
    return within(kMarks, code);
}

/// Written without spaces between words.
bool isIdeograph(char32_t code)
{
    constexpr std::array<Range, 6> kIdeographs = {{{0x2E80, 0x2FDF},
                                                   {0x3040, 0x31FF},
                                                   {0x3400, 0x9FFF},
                                                   {0xAC00, 0xD7A3},
                                                   {0xF900, 0xFAFF},
                                                   {0x20000, 0x3FFFF}}};
    return within(kIdeographs, code);
}

bool isLetter(char32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    // Punctuation and symbols; what is left of Unicode is taken for letters.
    constexpr std::array<Range, 10> kOthers = {{{0x80, 0xA9},
                                                {0xAB, 0xB4},
                                                {0xB6, 0xB9},
                                                {0xBB, 0xBF},
                                                {0xD7, 0xD7},
                                                {0xF7, 0xF7},
                                                {0x2000, 0x2BFF},
                                                {0x3001, 0x303F},
                                                {0xFE10, 0xFF0F},
                                                {0x1F000, 0x1FAFF}}};
    constexpr std::array<Range, 3> kMoreOthers = {
        {{0xFF1A, 0xFF20}, {0xFFE0, 0xFFFF}, {0x2E00, 0x2E7F}}};
    return !within(kOthers, code) && !within(kMoreOthers, code) && !isIdeograph(code) &&
           !isDigit(code) && !isSpace(code);
}

enum class Sort : std::uint8_t { Letter, Digit, Space, Other };

Sort sortOf(char32_t code)
{
    if (isSpace(code))
        return Sort::Space;
    if (isDigit(code))
        return Sort::Digit;
    return isLetter(code) ? Sort::Letter : Sort::Other;
}

bool isApostrophe(char32_t code)
{
    return code == '\'' || code == 0x2019;
}

/// Where the word that begins at \p at ends.
std::size_t wordEnd(std::string_view text, std::size_t at)
{
    const Character start = characterAt(text, at);
    const Sort sort = sortOf(start.code);
    std::size_t end = at + start.length;
    while (end < text.size()) {
        const Character next = characterAt(text, end);
        const std::size_t behind = end + next.length;
        const bool joins = sort == Sort::Letter && isApostrophe(next.code) &&
                           behind < text.size() && isLetter(characterAt(text, behind).code);
        const bool continues = sort != Sort::Other && sortOf(next.code) == sort;
        if (!joins && !continues && !(isCombining(next.code) && sort != Sort::Space))
            break;
        end = behind;
    }
    return end;
}

} // namespace

std::vector<std::string_view> splitWords(std::string_view text)
{
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = wordEnd(text, at);
        pieces.push_back(text.substr(at, end - at));
        at = end;
    }
    return pieces;
}

std::vector<std::string_view> splitCharacters(std::string_view text)
{
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + characterAt(text, at).length;
        while (end < text.size() && isCombining(characterAt(text, end).code))
            end += characterAt(text, end).length;
        pieces.push_back(text.substr(at, end - at));
        at = end;
    }
    return pieces;
}

bool isSpacePiece(std::string_view piece)
{
    return !piece.empty() && isSpace(characterAt(piece, 0).code);
}

} // namespace lacuna
