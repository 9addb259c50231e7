#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

struct GivenAnswer {
    std::string prompt;
    std::string answer;
};

/// What a model answered, as a file has it.
struct GivenAnswers {
    std::string source; ///< the file, and the part of it that was taken
    std::string sha256; ///< of the file's bytes
    std::vector<GivenAnswer> items;
};

/// Reads answers from
/// - JSON lines of {prompt, answer} (or question, response, generation, output under these names),
/// - an evaluation log in open-unlearning's shape: the metric whose samples have a "generation", or
/// - one in TOFU's: the file whose samples have "generated_text".
///
/// \param part  the metric, or the file, of the log to take; empty: the one whose name begins with
///              "forget", or ends with "forget" or "forget.json", or else the only one
/// \return Corrupt, with file and row, for another shape; NotFound, with the known ones, when the
///         log has no such part, or several
[[nodiscard]] Result<GivenAnswers> readGivenAnswers(const std::filesystem::path& path,
                                                    const std::string& part = {});

} // namespace lacuna
