#pragma once

#include <string>
#include <vector>

namespace lacuna {

struct Corpus;

/// Whom and what \p corpus says that it is about, in the order in which they come up, each once.
[[nodiscard]] std::vector<std::string> subjectsOf(const Corpus& corpus);

} // namespace lacuna
