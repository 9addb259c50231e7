#pragma once

#include "core/tokens/jinja/context.h"

#include <string>
#include <string_view>

namespace lacuna::jinja {

using FilterFunction = Value (*)(Context&, const Value& input, ArgumentReader& arguments);

/// input | name(arguments). Ends the evaluation for a filter that is not known.
[[nodiscard]] Value applyFilter(Context& context, std::string_view name, const Value& input,
                                const Arguments& arguments);

/// The filters of single values, and those of lists; null for one that is not among them.
[[nodiscard]] FilterFunction findValueFilter(std::string_view name);
[[nodiscard]] FilterFunction findListFilter(std::string_view name);

} // namespace lacuna::jinja
