#pragma once

#include "core/corpora/corpus.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// Two passages that say the same, with their rows in their files.
struct TextPair {
    std::int64_t firstRow = 0;
    std::int64_t secondRow = 0;
    double similarity = 1; ///< Jaccard index, 1 for the same words
    std::string excerpt;   ///< the beginning of the first passage
};

/// Passages of one corpus that come again, in the same or in another one. Of text samples the
/// passages are the paragraphs, or the lines of paragraphs that run over 200 words; those of fewer
/// than five words are left out, as headings and page marks. Other samples are one passage each.
struct OverlapReport {
    std::int64_t passages = 0;   ///< of the first corpus
    std::int64_t exact = 0;      ///< of them with an identical passage in the other
    std::int64_t near = 0;       ///< of them with no identical but a nearly identical one
    std::vector<TextPair> pairs; ///< the first kShownPairs, exact ones and near ones

    static constexpr std::size_t kShownPairs = 20;
};

/// Passages that repeat an earlier one of the same corpus word for word.
[[nodiscard]] OverlapReport duplicatesWithin(const Corpus& corpus);

/// Which passages of \p first (the forget set) are also in \p second (retain or holdout).
///
/// Near means a Jaccard index of at least 0.8 of the sets of word 5-grams, of words where a passage
/// has fewer than ten; words are lower-case runs of letters and digits.
[[nodiscard]] OverlapReport overlapBetween(const Corpus& first, const Corpus& second);

} // namespace lacuna
