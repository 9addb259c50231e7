#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// An error makes its corpus unusable; a warning is only shown.
enum class Severity : std::uint8_t { Error, Warning };

/// One thing wrong with a corpus, and where.
struct Problem {
    Severity severity = Severity::Error;
    ErrorCode code = ErrorCode::Corrupt;
    std::string file = {};
    std::int64_t row = 0;   ///< line, or item of a JSON array, from 1; 0: the file as a whole
    std::string field = {}; ///< empty: the row as a whole
    std::string message;    ///< one sentence without a full stop
    std::string remedy = {};

    /// "file:row, field "answer"", as far as known.
    [[nodiscard]] std::string place() const;
    /// "place: message; remedy".
    [[nodiscard]] std::string text() const;
};

/// The problems of one corpus: the first hundred errors and the first hundred warnings are kept,
/// all are counted.
class ProblemList {
public:
    static constexpr std::size_t kKept = 100;

    [[nodiscard]] const std::vector<Problem>& errors() const { return m_errors; }
    [[nodiscard]] const std::vector<Problem>& warnings() const { return m_warnings; }
    [[nodiscard]] std::int64_t errorCount() const { return m_errorCount; }
    [[nodiscard]] std::int64_t warningCount() const { return m_warningCount; }
    /// The first error, with "and N more" when there are others; success when there is none.
    [[nodiscard]] Status status() const;

    void add(Problem problem);

private:
    std::vector<Problem> m_errors;
    std::vector<Problem> m_warnings;
    std::int64_t m_errorCount = 0;
    std::int64_t m_warningCount = 0;
};

} // namespace lacuna
