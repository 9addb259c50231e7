#include "core/report/shown_text.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace lacuna {
namespace {

constexpr std::uint32_t kFirstControlPicture = 0x2400;
constexpr std::uint32_t kDeletePicture = 0x2421;

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
};

/// The character at \p at of well-formed UTF-8.
Character characterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
    };
    const std::uint32_t first = byte(0);
    const std::size_t count = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t code = count == 1 ? first : first & (0xffU >> (count + 1));
    for (std::size_t i = 1; i < count; ++i)
        code = code << 6U | (byte(i) & 0x3fU);
    return {code, count};
}

/// Whether a page that holds the character could be misread, or be no valid page.
bool isDangerous(std::uint32_t code)
{
    const bool control = code >= 0x80 && code < 0xa0;
    const bool turnsDirection = code == 0x061c || code == 0x200e || code == 0x200f ||
                                (code >= 0x202a && code <= 0x202e) ||
                                (code >= 0x2066 && code <= 0x2069);
    const bool separator = code == 0x2028 || code == 0x2029;
    const bool none = (code & 0xfffeU) == 0xfffeU || (code >= 0xfdd0 && code <= 0xfdef);
    return control || turnsDirection || separator || none;
}

void appendPicture(std::string& out, std::uint32_t code)
{
    const std::uint32_t picture = code == 0x7f ? kDeletePicture : kFirstControlPicture + code;
    out += static_cast<char>(0xe0U | picture >> 12U);
    out += static_cast<char>(0x80U | (picture >> 6U & 0x3fU));
    out += static_cast<char>(0x80U | (picture & 0x3fU));
}

std::size_t characterCount(std::string_view wellFormed)
{
    std::size_t count = 0;
    for (const char c : wellFormed)
        count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    return count;
}

} // namespace

std::string shownText(std::string_view text)
{
    const std::string wellFormed = visibleBytes(text);
    std::string out;
    out.reserve(wellFormed.size());
    for (std::size_t at = 0; at < wellFormed.size();) {
        const Character character = characterAt(wellFormed, at);
        const std::uint32_t code = character.code;
        if (code == '\n' || code == '\t')
            out += static_cast<char>(code);
        else if (code < 0x20 || code == 0x7f) {
            if (code != '\r')
                appendPicture(out, code);
        } else if (isDangerous(code))
            out += fmt::format("‹U+{:04X}›", code);
        else
            out.append(wellFormed, at, character.bytes);
        at += character.bytes;
    }
    return out;
}

std::string shownLine(std::string_view text)
{
    std::string line = shownText(text);
    for (char& c : line)
        if (c == '\n' || c == '\t')
            c = ' ';
    return std::string(trimmed(line));
}

Excerpt excerpt(std::string_view text, std::size_t most)
{
    const std::string all = shownText(text);
    const std::size_t count = characterCount(all);
    if (count <= most)
        return {all, {}};
    std::size_t at = 0;
    for (std::size_t i = 0; i < most; ++i)
        at += characterAt(all, at).bytes;
    return {all.substr(0, at) + "…",
            fmt::format("Cut here: the first {} of {} characters. The whole text is in the "
                        "experiment history.",
                        most, count)};
}

std::string numberText(double value)
{
    return std::isnan(value) ? "not a number" : fmt::format("{:.4g}", value);
}

std::string capitalised(std::string text)
{
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string fileName(std::string_view path)
{
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    return shownLine(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

} // namespace lacuna
