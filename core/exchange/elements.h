#pragma once

#include "core/models/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <span>

/// Numbers of other types, to float32 and back, as bytes in the order of the files (little-endian).
namespace lacuna {

/// Nearest, ties to even; too large becomes infinite. A NaN stays one.
[[nodiscard]] std::uint16_t halfOf(float value);
[[nodiscard]] float floatOfHalf(std::uint16_t bits);
[[nodiscard]] std::uint16_t bfloat16Of(float value);
[[nodiscard]] float floatOfBfloat16(std::uint16_t bits);

/// F64, F32, F16 and BF16 are; integers and truth values are not.
[[nodiscard]] bool isFloating(ElementType type);

/// \param bytes  elements of \p type, a floating one, at least out.size() of them
void readFloats(ElementType type, std::span<const std::byte> bytes, std::span<float> out);
/// \param out  room for values.size() elements of \p type, a floating one
void writeFloats(ElementType type, std::span<const float> values, std::span<std::byte> out);

constexpr std::size_t kQ8Block = 32;      ///< numbers that share a scale
constexpr std::size_t kQ8BlockBytes = 34; ///< the scale in half precision, then one byte a number

/// ggml's Q8_0: per block a scale d = max|x| / 127 in half precision, and round(x / d), halves away
/// from zero. As quantize_row_q8_0_ref in ggml-quants.c computes it, to the bit.
/// \param values  a whole number of blocks, finite
void encodeQ8(std::span<const float> values, std::span<std::byte> out);
/// \param bytes  the blocks of out.size() numbers
void decodeQ8(std::span<const std::byte> bytes, std::span<float> out);

} // namespace lacuna
