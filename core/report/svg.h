#pragma once

#include "core/report/chart.h"

#include <string>
#include <string_view>

namespace lacuna {

/// \p text for the inside of an element and for quoted attributes of HTML and XML alike.
[[nodiscard]] std::string escapedMarkup(std::string_view text);

/// A drawing as an element for the inside of a page: title and description are its text
/// alternative, and its colours are those of the page's style (class names of inkClass()).
/// \param id  unique in the page, for what refers to the title
[[nodiscard]] std::string svgElement(const Drawing& drawing, const std::string& id);

/// "original", "unlearned", "reference", "text", "secondary", "grid".
[[nodiscard]] std::string_view inkClass(Ink ink);

} // namespace lacuna
