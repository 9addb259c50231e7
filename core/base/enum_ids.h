#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace lacuna {

/// The ids by which enumerators stand in files and on the command line, in their order: specialised
/// beside each enum with a kIds.
template <class E> struct EnumIds;

template <class E> [[nodiscard]] constexpr std::string_view idOf(E value)
{
    return EnumIds<E>::kIds[static_cast<std::size_t>(value)];
}

template <class E> [[nodiscard]] constexpr std::optional<E> fromId(std::string_view id)
{
    for (std::size_t i = 0; i < EnumIds<E>::kIds.size(); ++i)
        if (EnumIds<E>::kIds[i] == id)
            return static_cast<E>(i);
    return std::nullopt;
}

} // namespace lacuna
