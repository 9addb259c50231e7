#pragma once

#include "core/tokens/jinja/tree.h"

#include <string_view>

namespace lacuna::jinja {

/// Parses a whole template.
/// \param source  well-formed UTF-8
/// \param line    set on the way, for the message of an exception
/// \throws ErrorException what is wrong in the line that \p line then holds
[[nodiscard]] Block parsed(std::string_view source, int& line);

} // namespace lacuna::jinja
