#pragma once

#include "core/corpora/problem.h"
#include "core/corpora/sample.h"

#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// The content of a corpus file, as a reader sees it.
struct CorpusText {
    std::string_view text; ///< without byte order mark; holds more than white space
    std::string file;      ///< for messages
    std::string extension; ///< lower-case, with its dot; a hint where the content is ambiguous
};

/// What a reader hands over: the usable samples, and what was wrong with the others.
struct ReadSamples {
    std::vector<RawSample> samples;
    ProblemList problems;
};

/// One kind of corpus file.
struct CorpusFormat {
    std::string id;
    std::string title;
    std::string description; ///< how it is recognised and what it may hold
    bool (*recognises)(const CorpusText& input);
    ReadSamples (*read)(const CorpusText& input);
};

} // namespace lacuna
