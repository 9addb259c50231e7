#pragma once

#include "core/tokens/jinja/context.h"

#include <string>
#include <string_view>

namespace lacuna::jinja {

/// The functions that every template may call: range, dict, namespace, raise_exception and
/// strftime_now. Undefined for another name.
[[nodiscard]] Value globalFunction(Context& context, const std::string& name);

/// Python's strftime() at midnight, in English whatever the system speaks.
[[nodiscard]] std::string formattedDate(const Date& date, std::string_view form);

} // namespace lacuna::jinja
