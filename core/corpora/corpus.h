#pragma once

#include "core/base/result.h"
#include "core/corpora/problem.h"
#include "core/corpora/sample.h"

#include <cstdint>
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

/// What becomes of a corpus some of whose rows cannot be used.
enum class InvalidRows : std::uint8_t {
    Refuse,   ///< a run must not quietly train on less than it was given
    LeaveOut, ///< somebody has said that the others are enough
};

/// inspectCorpus(), refused with the first problem when there is an error and \p invalidRows does
/// not allow it. A corpus that comes back has at least one sample.
[[nodiscard]] Result<Corpus> loadCorpus(const std::filesystem::path& path,
                                        InvalidRows invalidRows = InvalidRows::Refuse);

} // namespace lacuna
