#pragma once

#include "core/corpora/corpus.h"
#include "core/corpora/tokenise.h"
#include "core/run/suite.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// A corpus as a run uses it.
struct LoadedCorpus {
    Corpus raw;
    TokenisedCorpus tokens;
};

/// A set of a suite as a session holds it.
struct SuiteCorpus {
    SuiteSet set;
    LoadedCorpus corpus;
    std::string missing; ///< why there are no samples; empty: there are some
};

/// Reads and tokenises the sets of the recipe's suite; none for kDefaultSuite. Knowledge sets get
/// their examples in front of each question.
[[nodiscard]] Result<std::vector<SuiteCorpus>> openSuite(const Recipe& recipe,
                                                         const Tokenizer& tokenizer,
                                                         const TokeniseOptions& options,
                                                         std::int64_t context);

} // namespace lacuna
