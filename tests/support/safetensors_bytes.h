#pragma once

#include "core/models/safetensors.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// A file by hand: the length that \p headerLength says, the header, the data.
inline std::string safetensorsBytes(const std::string& header, const std::string& data,
                                    std::uint64_t headerLength)
{
    std::string bytes;
    for (int i = 0; i < 8; ++i)
        bytes += static_cast<char>((headerLength >> (8 * i)) & 0xFF);
    return bytes + header + data;
}

inline std::string safetensorsBytes(const std::string& header, const std::string& data)
{
    return safetensorsBytes(header, data, header.size());
}

/// A tensor of zeros to write.
inline TensorToWrite zeros(std::string name, std::vector<std::int64_t> shape,
                           ElementType type = ElementType::F32)
{
    return {.name = std::move(name),
            .type = type,
            .shape = std::move(shape),
            .fill = [](std::span<std::byte> out) { std::ranges::fill(out, std::byte{0}); }};
}

/// The tensor as it stands in a file, to be written into another.
inline TensorToWrite copyOf(const TensorEntry& entry)
{
    return {
        .name = entry.name,
        .type = entry.type,
        .shape = entry.shape,
        .fill = [entry](std::span<std::byte> out) { std::ranges::copy(entry.bytes, out.begin()); }};
}

} // namespace lacuna
