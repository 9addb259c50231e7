#pragma once

namespace lacuna {

/// From now on the first Ctrl-C asks for an end, and the next one ends the process.
void watchForInterrupt();
[[nodiscard]] bool isInterrupted();

} // namespace lacuna
