#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lacuna {

/// Signs of collapsed generation that need no second model.
///
/// A word here is a run of letters, digits and characters outside ASCII; every other visible
/// character is a word by itself, so that "!!!!" is four. Case counts.
struct Fluency {
    bool empty = true; ///< nothing but white space
    std::size_t words = 0;
    /// repetition[n - 1] = 1 - different n-grams / n-grams, in [0, 1); 0 below n words.
    /// Source: Welleck et al. 2019, arXiv:1908.04319 ("seq-rep-n")
    std::array<double, 4> repetition = {};
    std::size_t longestRun = 0; ///< the most times one word stands in a row; 1 without repetition
    /// Different pairs of neighbours / words, in [0, 1).
    /// Source: Li et al. 2016, arXiv:1510.03055 ("distinct-2")
    double distinct2 = 0;
};

[[nodiscard]] Fluency fluency(std::string_view text);

/// How far an answer repeats itself, in [0, 1]: the repetition of its pairs of words, 1 for an
/// empty one.
[[nodiscard]] double repetitionOf(std::string_view answer);
/// 1 - different pairs of neighbours / pairs; 0 below two tokens. Of a loop within one word or in a
/// script without spaces, which words do not show.
[[nodiscard]] double repeatedPairs(const std::vector<std::int64_t>& tokens);

/// How varied the text's pairs and triples of words are: (2/3 H2 + 4/3 H3) / 2, where Hn is the
/// entropy of its n-grams in bits. 0 for a text of one word or of one repeated word; it grows with
/// the length of the text.
/// Source: Zhang Y. et al. 2018, arXiv:1809.05972 (n-gram entropy); weights as RWKU (Jin et al.
/// 2024, arXiv:2406.10890)
[[nodiscard]] double gramEntropy(std::string_view text);

} // namespace lacuna
