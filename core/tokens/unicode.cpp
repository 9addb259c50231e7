#include "core/tokens/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace lacuna {
namespace {

const icu::Normalizer2& normalizer(NormalForm form)
{
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = nullptr;
    switch (form) {
    case NormalForm::Nfc:
        found = icu::Normalizer2::getNFCInstance(status);
        break;
    case NormalForm::Nfd:
        found = icu::Normalizer2::getNFDInstance(status);
        break;
    case NormalForm::Nfkc:
        found = icu::Normalizer2::getNFKCInstance(status);
        break;
    case NormalForm::Nfkd:
        found = icu::Normalizer2::getNFKDInstance(status);
        break;
    }
    if (U_FAILURE(status) || !found)
        throw std::runtime_error("the Unicode tables cannot be loaded");
    return *found;
}

bool isAscii(std::string_view text)
{
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool isWordCharacter(UChar32 c)
{
    constexpr std::uint32_t kMask = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
    return u_isUAlphabetic(c) || (U_GET_GC_MASK(c) & kMask) != 0 ||
           u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

} // namespace

std::string normalised(std::string_view text, NormalForm form)
{
    if (isAscii(text))
        return std::string(text);
    std::string result;
    icu::StringByteSink<std::string> sink(&result, static_cast<std::int32_t>(text.size()));
    UErrorCode status = U_ZERO_ERROR;
    normalizer(form).normalizeUTF8(
        0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr,
        status);
    if (U_FAILURE(status))
        throw std::runtime_error("the text cannot be normalised");
    return result;
}

std::string lowerCase(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), at, size, c);
        std::array<char, U8_MAX_LENGTH> bytes{};
        std::size_t length = 0;
        U8_APPEND_UNSAFE(bytes, length, u_tolower(c));
        result.append(bytes.data(), length);
        if (c == 0x130) // the only one whose lower case is two characters: i and a dot above
            result += "\xCC\x87";
    }
    return result;
}

bool startsWithWord(std::string_view text)
{
    std::int32_t at = 0;
    UChar32 c = -1;
    if (!text.empty())
        U8_NEXT(text.data(), at, static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 4)),
                c);
    return c >= 0 && isWordCharacter(c);
}

bool endsWithWord(std::string_view text)
{
    text = text.substr(text.size() - std::min<std::size_t>(text.size(), 4));
    auto at = static_cast<std::int32_t>(text.size());
    UChar32 c = -1;
    if (!text.empty())
        U8_PREV(text.data(), 0, at, c);
    return c >= 0 && isWordCharacter(c);
}

} // namespace lacuna
