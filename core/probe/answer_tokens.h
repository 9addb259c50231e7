#pragma once

#include "core/base/result.h"
#include "core/probe/answer.h"

#include <string_view>
#include <vector>

namespace lacuna {

/// Reads back what ProbeAnswer::tokensJson() wrote. A log-probability that was not finite comes
/// back as NaN; an empty text means no tokens.
[[nodiscard]] Result<std::vector<ProbeAnswer::Token>> readAnswerTokens(std::string_view json);

} // namespace lacuna
