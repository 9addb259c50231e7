#pragma once

#include "core/base/result.h"
#include "core/report/document.h"

#include <QByteArray>

#include <filesystem>

namespace lacuna {

/// \p report on A4 pages: fonts embedded, charts as lines, no row of a table and no heading torn
/// from what it belongs to where they fit on a page. Needs a QGuiApplication; any thread.
[[nodiscard]] QByteArray pdfReport(const Report& report);

/// The file is there whole or not at all.
[[nodiscard]] Status writePdfReport(const Report& report, const std::filesystem::path& file);

} // namespace lacuna
