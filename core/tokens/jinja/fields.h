#pragma once

#include "core/tokens/jinja/context.h"

#include <string>

/// What a dot or square brackets behind a value give.
namespace lacuna::jinja {

/// value.name: a method, else a field of a dict, namespace or loop; undefined where there is none.
[[nodiscard]] Value fieldOf(Context& context, const Value& value, const std::string& name);
/// value[index]: an item or field, else a method of that name.
[[nodiscard]] Value itemOf(Context& context, const Value& value, const Value& index);
/// "user.name.0": fields of fields, as filters take them; or one index.
[[nodiscard]] Value fieldAtPath(Context& context, const Value& value, const Value& path);

} // namespace lacuna::jinja
