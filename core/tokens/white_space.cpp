#include "core/tokens/white_space.h"

#include <array>

namespace lacuna {

std::size_t spaceAtStart(std::string_view text)
{
    static constexpr std::array<std::string_view, 19> kWide = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
        "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    if (text.empty())
        return 0;
    const unsigned char first = static_cast<unsigned char>(text[0]);
    if (first == ' ' || (first >= 0x09 && first <= 0x0D) || (first >= 0x1C && first <= 0x1F))
        return 1;
    for (const std::string_view space : kWide)
        if (text.starts_with(space))
            return space.size();
    return 0;
}

std::string_view withoutLeadingSpace(std::string_view text)
{
    while (const std::size_t size = spaceAtStart(text))
        text.remove_prefix(size);
    return text;
}

std::string_view withoutTrailingSpace(std::string_view text)
{
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80)
            --start;
        if (spaceAtStart(text.substr(start)) != text.size() - start)
            break;
        text = text.substr(0, start);
    }
    return text;
}

} // namespace lacuna
