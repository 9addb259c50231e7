#pragma once

#include "core/models/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The inner parts of the form that delta.h describes.
namespace lacuna {

constexpr std::string_view kDeltaMagic = "LACDELTA";
constexpr std::uint32_t kDeltaVersion = 1;
constexpr std::size_t kDeltaChunk = std::size_t{1} << 20;

/// What comes behind the description.
[[nodiscard]] std::string deltaTail(std::string_view description);
constexpr std::size_t kDeltaTail = 64 + 8 + kDeltaMagic.size();

/// Bytes [first, first + out.size()) of a tensor's elements in \p type, a whole number of them.
void tensorBytes(const TensorEntry& entry, ElementType type, std::uint64_t first,
                 std::span<std::byte> out);

/// Whether a tensor of type \p from can be taken for one of type \p to.
[[nodiscard]] bool convertible(ElementType from, ElementType to);

/// Byte 0 of every element, then byte 1, and so on; and back.
void splitPlanes(std::span<const std::byte> elements, std::size_t size, std::span<std::byte> out);
void joinPlanes(std::span<const std::byte> planes, std::size_t size, std::span<std::byte> out);

} // namespace lacuna
