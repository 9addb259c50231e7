#pragma once

#include <QString>

namespace lacuna {

/// Renders every page with the bundled experiment, light and dark, as PNG files named after page
/// and theme: "run-dark.png". The history shows a copy of \p history, or of the bundled experiment
/// when it is empty. \return 0, or 4 with a message on stderr when a file cannot be
/// written
[[nodiscard]] int renderScreenshots(const QString& folder, const QString& history);

} // namespace lacuna
