#pragma once

namespace lacuna {

/// Key of the setting that holds the uid of the run that was opened last, on whichever page.
inline constexpr auto kLastRunKey = "runs/last-opened";

} // namespace lacuna
