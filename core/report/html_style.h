#pragma once

#include <string>

namespace lacuna {

/// The style of the page: colours of the interface reference 6.1, light and dark, and for paper.
[[nodiscard]] std::string htmlReportStyle();

} // namespace lacuna
