#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lacuna {

/// \p bytes as a zlib stream (RFC 1950). For blocks of some megabytes.
[[nodiscard]] std::vector<std::byte> deflated(std::span<const std::byte> bytes);

/// Expands a whole stream into \p out. False unless it is undamaged and gives exactly as many
/// bytes; never writes more.
[[nodiscard]] bool inflateInto(std::span<const std::byte> stream, std::span<std::byte> out);

} // namespace lacuna
