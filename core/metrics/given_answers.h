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
    std::string source; ///< the file, and the set of it that was taken
    std::string sha256; ///< of the file's bytes
    std::vector<GivenAnswer> items;
};

/// Reads answers from
/// - JSON lines of {prompt, answer}; question, input or instruction is a prompt too, and
/// generation,
///   generated, response or output an answer; or
/// - an evaluation log (readEvaluationLog()) whose samples have their generated texts.
///
/// \param set  of the log: "forget"; empty: that one where the log has it, or else the only one
/// \return Corrupt, with file and row, for another shape; NotFound, with the known ones, when the
///         log has no such set, or several and none of them to forget
[[nodiscard]] Result<GivenAnswers> readGivenAnswers(const std::filesystem::path& path,
                                                    const std::string& set = {});

} // namespace lacuna
