#pragma once

#include "app/pages/evaluate/score_sheet.h"

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace lacuna {

/// What a corpus file says of the samples that were measured, as far as that can be told.
struct CorpusTexts {
    enum class State : std::uint8_t {
        Read,
        Unknown,     ///< the run does not say which file the set came from, or what it held
        Gone,        ///< the file cannot be read any more
        Changed,     ///< it is not the one that the run read
        NoTokenizer, ///< texts were cut into windows by a tokenizer that is gone
    };
    struct Sample {
        std::string question;
        std::string answer;
    };
    State state = State::Unknown;
    std::string path;
    std::map<std::int64_t, Sample> samples;
};

/// Reads the file of \p set anew, provided that it still has the hash that the run recorded.
[[nodiscard]] CorpusTexts corpusTexts(const RunRecord& record, const std::string& set);

/// One sample behind a number.
struct SampleRow {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::int64_t sample = 0;
    std::string question;                    ///< empty: unknown
    std::string truth;                       ///< the true answer; empty: unknown
    std::array<std::string, 3> answers = {}; ///< by ModelRole
    std::array<double, 3> values = {kUnknown, kUnknown, kUnknown}; ///< by ModelRole
};

/// The samples behind \p row of \p sheet, in the order of the corpus. Answers are taken from what
/// was generated when this set was measured, for whichever metric; the true answer from there too,
/// else from \p texts. A question that belongs to another true answer is left out.
[[nodiscard]] std::vector<SampleRow> sampleRows(const ScoreSheet& sheet, const MetricRow& row,
                                                const CorpusTexts& texts);

} // namespace lacuna
