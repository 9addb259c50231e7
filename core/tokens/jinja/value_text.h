#pragma once

#include "core/tokens/jinja/value.h"

#include <optional>
#include <string>

namespace lacuna::jinja {

/// Python's str(): what a template prints. Nothing for an undefined value.
[[nodiscard]] std::string textOf(Budget& budget, const Value& value);

struct JsonForm {
    std::optional<std::string> indent; ///< of one level; none: all on one line
    bool sortKeys = false;
    bool asciiOnly = false;
    std::string itemSeparator = ", ";
    std::string keySeparator = ": ";
};

/// Python's json.dumps(), as Hugging Face's tojson calls it: not escaped for HTML, letters of
/// every script as they are.
[[nodiscard]] std::string jsonOf(Budget& budget, const Value& value, const JsonForm& form = {});

} // namespace lacuna::jinja
