#pragma once

#include "core/base/result.h"
#include "core/corpora/problem.h"
#include "core/corpora/sample.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

/// One corpus file, read.
struct Corpus {
    std::filesystem::path path = {};
    std::string sha256 = {}; ///< of the file's bytes
    std::string format = {}; ///< id in corpusFormats(); empty when the file is no text at all
    std::vector<RawSample> samples = {};
    ProblemList problems = {};
};

/// Reads \p path once, recognises its format by content, and keeps whatever is usable beside every
/// problem found. An Error only when the file cannot be read. For `data check`.
[[nodiscard]] Result<Corpus> inspectCorpus(const std::filesystem::path& path);

/// inspectCorpus(), refused with the first problem when there is any error: a run must not quietly
/// train on less than it was given. A corpus that comes back has at least one sample.
[[nodiscard]] Result<Corpus> loadCorpus(const std::filesystem::path& path);

} // namespace lacuna
