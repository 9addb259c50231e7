#pragma once

#include "core/tokens/jinja/context.h"

#include <string_view>

namespace lacuna::jinja {

/// `value is name(arguments)`. Ends the evaluation for a test that is not known.
[[nodiscard]] bool applyTest(Context& context, std::string_view name, const Value& value,
                             const Arguments& arguments);

} // namespace lacuna::jinja
