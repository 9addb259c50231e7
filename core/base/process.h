#pragma once

#include <cstdint>

namespace lacuna {

/// Whether there is a process of that number that can still do something. One that has ended and
/// that nobody has waited for (a zombie, as containers without an init keep them) cannot.
[[nodiscard]] bool processLives(std::int64_t pid);

} // namespace lacuna
