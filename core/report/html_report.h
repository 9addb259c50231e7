#pragma once

#include "core/report/document.h"

#include <string>

namespace lacuna {

/// \p report as one HTML 5 page that is also well-formed XML: no script, nothing fetched from
/// elsewhere, charts inside. A rounded number is a <data> element with the whole one as its value.
[[nodiscard]] std::string htmlReport(const Report& report);

} // namespace lacuna
