#pragma once

#include "core/tokens/jinja/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Python's methods of texts, which filters share.
namespace lacuna::jinja {

enum class Side : std::uint8_t { Both, Left, Right };

/// Without the characters of \p set at its ends; an empty set stands for white space.
[[nodiscard]] std::string_view stripped(std::string_view text, std::string_view set,
                                        Side side = Side::Both);
[[nodiscard]] std::string replaced(Budget& budget, std::string_view text, std::string_view old,
                                   std::string_view by, std::int64_t most = -1);
/// At \p separator, at most \p most times when that is not negative.
[[nodiscard]] Values splitAt(Budget& budget, std::string_view text, std::string_view separator,
                             std::int64_t most, bool fromRight = false);
/// At white space, of which none is in the parts but in a last one that \p most leaves whole.
[[nodiscard]] Values splitAtSpace(Budget& budget, std::string_view text, std::int64_t most);
/// At every line end that Python knows.
[[nodiscard]] std::vector<std::string_view> linesOf(std::string_view text, bool keepEnds = false);
[[nodiscard]] std::string capitalized(std::string_view text);
/// As str.title() does it: letters behind anything but letters.
[[nodiscard]] std::string titled(std::string_view text);

} // namespace lacuna::jinja
