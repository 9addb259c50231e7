#pragma once

#include "core/base/result.h"

#include <QString>

namespace lacuna {

/// What a person reads of \p error: what happened, where, and what to try; one or two sentences.
[[nodiscard]] QString errorText(const Error& error);
/// All of it, a line a part, for "Copy details". Not translated: it is meant for reports.
[[nodiscard]] QString errorDetails(const Error& error);

} // namespace lacuna
