#pragma once

namespace lacuna {

class RunView;
class Settings;
struct Services;

/// Smoothing and axis as they were looked at last, on whichever page.
void restoreDisplay(RunView& view, const Settings& settings);

/// Keeps what somebody changes of \p view in the settings: smoothing, axis, and of each run the
/// steps that were zoomed to, which come back with that run. Saves charts where asked to.
void keepDisplay(RunView& view, Services& services);

} // namespace lacuna
