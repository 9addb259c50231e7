#pragma once

#include "core/base/result.h"
#include "core/report/document.h"

#include <filesystem>

namespace lacuna {

/// Where the program was built without the window there are no fonts and no pages: Unsupported.
[[nodiscard]] Status writeReportPdf(const Report& report, const std::filesystem::path& file);

} // namespace lacuna
