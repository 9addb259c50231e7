#pragma once

#include "core/tokens/jinja/context.h"

#include <string_view>

namespace lacuna::jinja {

using Method = Value (*)(Context&, const Value& self, ArgumentReader& arguments);

/// The method of this name that values of \p self's kind have; null when there is none. Methods
/// that would change a list or dict are there, and end the evaluation: Hugging Face forbids them.
[[nodiscard]] Method findMethod(const Value& self, std::string_view name);

} // namespace lacuna::jinja
