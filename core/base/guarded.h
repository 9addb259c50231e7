#pragma once

#include "core/base/result.h"

#include <functional>

namespace lacuna {

/// Runs \p body and turns whatever it throws into an Error. For the engine's doors only: a thread's
/// outermost function and the commands of a program. Nothing else catches.
[[nodiscard]] Status guarded(const std::function<Status()>& body);

} // namespace lacuna
