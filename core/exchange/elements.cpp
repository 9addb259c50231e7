#include "core/exchange/elements.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace lacuna {
namespace {

template <class Number> Number numberAt(std::span<const std::byte> bytes, std::size_t index)
{
    Number value;
    std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
    return value;
}

template <class Number> void put(Number value, std::span<std::byte> out, std::size_t index)
{
    std::memcpy(out.data() + index * sizeof value, &value, sizeof value);
}

/// std::round() for |value| up to 127.5, without the call that it is where the processor's own
/// instruction may not be used.
std::int8_t roundAway(float value)
{
    const int whole = static_cast<int>(value);
    const float rest = value - static_cast<float>(whole); // exact
    return static_cast<std::int8_t>(whole + (rest >= 0.5F ? 1 : 0) - (rest <= -0.5F ? 1 : 0));
}

[[noreturn]] void refuse(ElementType type)
{
    throw std::logic_error(std::string(elementTypeName(type)) + " is no floating type");
}

} // namespace

std::uint16_t halfOf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
    const std::uint32_t magnitude = bits & 0x7FFFFFFF;
    const auto signedHalf = [&](std::uint32_t half) {
        return static_cast<std::uint16_t>(sign | half);
    };
    if (magnitude > 0x7F800000)
        return signedHalf(0x7E00 | (magnitude >> 13 & 0x3FF));
    if (magnitude >= 0x47800000) // 65536
        return signedHalf(0x7C00);
    // The bits that do not fit decide the rounding; of a carry the exponent makes what is right.
    const auto rounded = [](std::uint32_t mantissa, std::uint32_t shift) {
        const std::uint32_t half = 1U << (shift - 1);
        const std::uint32_t rest = mantissa & ((1U << shift) - 1);
        const std::uint32_t kept = mantissa >> shift;
        return kept + (rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0);
    };
    if (magnitude >= 0x38800000) // 2^-14, the smallest normal half
        return signedHalf(rounded(magnitude - 0x38000000, 13));
    if (magnitude < 0x33000000) // below half of the smallest subnormal half
        return sign;
    const std::uint32_t shift = 126 - (magnitude >> 23);
    return signedHalf(rounded((magnitude & 0x7FFFFF) | 0x800000, shift));
}

float floatOfHalf(std::uint16_t bits)
{
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const std::uint32_t magnitude = bits & 0x7FFF;
    if (magnitude >= 0x7C00)
        return std::bit_cast<float>(sign | 0x7F800000 | (magnitude & 0x3FF) << 13);
    if (magnitude >= 0x400)
        return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000));
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    return sign != 0 ? -value : value;
}

std::uint16_t bfloat16Of(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFF) > 0x7F800000)
        return static_cast<std::uint16_t>(bits >> 16 | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float floatOfBfloat16(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

bool isFloating(ElementType type)
{
    return type == ElementType::F64 || type == ElementType::F32 || type == ElementType::F16 ||
           type == ElementType::BF16;
}

void readFloats(ElementType type, std::span<const std::byte> bytes, std::span<float> out)
{
    switch (type) {
    case ElementType::F32:
        std::ranges::copy(bytes.first(out.size_bytes()), std::as_writable_bytes(out).begin());
        return;
    case ElementType::F64:
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<float>(numberAt<double>(bytes, i));
        return;
    case ElementType::F16:
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = floatOfHalf(numberAt<std::uint16_t>(bytes, i));
        return;
    case ElementType::BF16:
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = floatOfBfloat16(numberAt<std::uint16_t>(bytes, i));
        return;
    default:
        refuse(type);
    }
}

void writeFloats(ElementType type, std::span<const float> values, std::span<std::byte> out)
{
    switch (type) {
    case ElementType::F32:
        std::ranges::copy(std::as_bytes(values), out.begin());
        return;
    case ElementType::F64:
        for (std::size_t i = 0; i < values.size(); ++i)
            put(static_cast<double>(values[i]), out, i);
        return;
    case ElementType::F16:
        for (std::size_t i = 0; i < values.size(); ++i)
            put(halfOf(values[i]), out, i);
        return;
    case ElementType::BF16:
        for (std::size_t i = 0; i < values.size(); ++i)
            put(bfloat16Of(values[i]), out, i);
        return;
    default:
        refuse(type);
    }
}

void encodeQ8(std::span<const float> values, std::span<std::byte> out)
{
    for (std::size_t block = 0; block < values.size() / kQ8Block; ++block) {
        const std::span<const float> x = values.subspan(block * kQ8Block, kQ8Block);
        const std::span<std::byte> bytes = out.subspan(block * kQ8BlockBytes, kQ8BlockBytes);
        float largest = 0;
        for (const float value : x)
            largest = std::max(largest, std::fabs(value));
        const float scale = largest / 127.0F;
        // Of a smaller scale the inverse overflows; the scale itself is 0 in half precision.
        const float inverse = scale > 0x1p-128F ? 1.0F / scale : 0.0F;
        put(halfOf(scale), bytes, 0);
        for (std::size_t i = 0; i < kQ8Block; ++i)
            bytes[2 + i] = static_cast<std::byte>(roundAway(x[i] * inverse));
    }
}

void decodeQ8(std::span<const std::byte> bytes, std::span<float> out)
{
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::span<const std::byte> block =
            bytes.subspan(i / kQ8Block * kQ8BlockBytes, kQ8BlockBytes);
        const float scale = floatOfHalf(numberAt<std::uint16_t>(block, 0));
        out[i] = scale * static_cast<float>(static_cast<std::int8_t>(block[2 + i % kQ8Block]));
    }
}

} // namespace lacuna
