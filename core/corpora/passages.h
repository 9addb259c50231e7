#pragma once

#include "core/base/result.h"
#include "core/corpora/corpus.h"

#include <cstdint>

namespace lacuna {

/// Texts cut into passages of two parts: what is given, and how it goes on.
struct PassageLengths {
    std::int64_t promptWords = 0; ///< 0 in both: texts stay whole
    std::int64_t answerWords = 0;

    [[nodiscard]] bool cuts() const { return promptWords > 0 && answerWords > 0; }
    bool operator==(const PassageLengths&) const = default;
};

/// Replaces each text of \p corpus by the passages it is made of, one after another, with all white
/// space where it stood; other samples stay (books in SSU: Dou et al. 2024, arXiv:2406.10952,
/// section 4). A word is what stands between white space. Of a last passage there must be half of
/// the continuation at least. In a plain text file, the row of a passage is the line that it
/// begins in.
/// \return InvalidArgument when no text is long enough
[[nodiscard]] Status cutPassages(Corpus& corpus, const PassageLengths& lengths);

} // namespace lacuna
