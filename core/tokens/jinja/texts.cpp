#include "core/tokens/jinja/texts.h"

#include "core/tokens/jinja/characters.h"
#include "core/tokens/white_space.h"

#include <algorithm>
#include <array>

namespace lacuna::jinja {
namespace {

/// Bytes of the line end that \p text starts with.
std::size_t lineEndAtStart(std::string_view text)
{
    constexpr std::array<std::string_view, 11> kEnds = {
        "\r\n", "\n",   "\r",       "\v",           "\f",          "\x1c",
        "\x1d", "\x1e", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    const auto* found = std::find_if(kEnds.begin(), kEnds.end(),
                                     [&](std::string_view end) { return text.starts_with(end); });
    return found == kEnds.end() ? 0 : found->size();
}

std::size_t lastFound(std::string_view text, std::string_view separator)
{
    for (std::size_t at = text.size(); at + 1 > separator.size();) {
        at = text.rfind(separator.back(), at - 1);
        if (at == std::string_view::npos || at + 1 < separator.size())
            break;
        if (text.substr(at + 1 - separator.size(), separator.size()) == separator)
            return at + 1 - separator.size();
    }
    return std::string_view::npos;
}

} // namespace

std::string_view stripped(std::string_view text, std::string_view set, Side side)
{
    if (set.empty()) {
        if (side != Side::Right)
            text = withoutLeadingSpace(text);
        return side == Side::Left ? text : withoutTrailingSpace(text);
    }
    const std::vector<std::string_view> members = characters(set);
    const auto inSet = [&](std::string_view character) {
        return std::find(members.begin(), members.end(), character) != members.end();
    };
    while (side != Side::Right && !text.empty() && inSet(text.substr(0, characterLength(text))))
        text.remove_prefix(characterLength(text));
    while (side != Side::Left && !text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
            --start;
        if (!inSet(text.substr(start)))
            break;
        text = text.substr(0, start);
    }
    return text;
}

std::string replaced(Budget& budget, std::string_view text, std::string_view old,
                     std::string_view by, std::int64_t most)
{
    budget.read(text.size());
    std::string out;
    std::size_t at = 0;
    const auto put = [&](std::string_view part) {
        budget.allocate(part.size());
        out += part;
    };
    while (most != 0) {
        budget.step();
        const std::size_t found = findText(text, old, at);
        if (found == std::string_view::npos)
            break;
        put(text.substr(at, found - at));
        put(by);
        at = found + old.size();
        --most;
        if (!old.empty())
            continue;
        // An empty text is found before every character, and at the end.
        if (at == text.size())
            return out;
        const std::size_t size = characterLength(text.substr(at));
        put(text.substr(at, size));
        at += size;
    }
    put(text.substr(at));
    return out;
}

Values splitAt(Budget& budget, std::string_view text, std::string_view separator, std::int64_t most,
               bool fromRight)
{
    if (separator.empty())
        fail("a text cannot be split at nothing");
    budget.read(text.size() * (fromRight ? separator.size() : 1));
    Values parts;
    while (most != 0) {
        budget.step();
        const std::size_t at = fromRight ? lastFound(text, separator) : findText(text, separator);
        if (at == std::string_view::npos)
            break;
        const std::string_view before = text.substr(0, at);
        const std::string_view behind = text.substr(at + separator.size());
        parts.push_back(Value::text(budget, std::string(fromRight ? behind : before)));
        text = fromRight ? before : behind;
        --most;
    }
    parts.push_back(Value::text(budget, std::string(text)));
    if (fromRight)
        std::reverse(parts.begin(), parts.end());
    return parts;
}

Values splitAtSpace(Budget& budget, std::string_view text, std::int64_t most)
{
    budget.read(text.size());
    Values parts;
    text = withoutLeadingSpace(text);
    while (!text.empty()) {
        budget.step();
        std::size_t end = 0;
        while (end < text.size() && spaceAtStart(text.substr(end)) == 0)
            end += characterLength(text.substr(end));
        if (most == 0)
            end = text.size();
        --most;
        parts.push_back(Value::text(budget, std::string(text.substr(0, end))));
        text = withoutLeadingSpace(text.substr(end));
    }
    return parts;
}

std::vector<std::string_view> linesOf(std::string_view text, bool keepEnds)
{
    std::vector<std::string_view> lines;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = lineEndAtStart(text.substr(at));
        if (size == 0) {
            ++at;
            continue;
        }
        lines.push_back(text.substr(begin, at - begin + (keepEnds ? size : 0)));
        at += size;
        begin = at;
    }
    if (begin < text.size())
        lines.push_back(text.substr(begin));
    return lines;
}

std::string capitalized(std::string_view text)
{
    if (text.empty())
        return {};
    const std::size_t first = characterLength(text);
    return upperCase(text.substr(0, first)) + lowerCase(text.substr(first));
}

std::string titled(std::string_view text)
{
    std::string out;
    bool afterLetter = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view character = text.substr(at, characterLength(text.substr(at)));
        out += afterLetter ? lowerCase(character) : upperCase(character);
        afterLetter = isLetter(character);
        at += character.size();
    }
    return out;
}

} // namespace lacuna::jinja
