#pragma once

#include <cstdint>
#include <vector>

namespace lacuna {

/// What extraction strength is when not even the last token matches.
enum class ExtractionFloor : std::uint8_t {
    Zero,         ///< as defined: nothing can be extracted
    OneOverCount, ///< 1/n, as open-unlearning computes it
};

/// Share of the answer's tokens that the model, reading the true answer up to each, ranks first.
///
/// \param matches  one flag a token: is the most probable token the true one?
/// \return in [0, 1]; 0 for an empty answer
[[nodiscard]] double exactMemorization(const std::vector<bool>& matches);

/// 1 - k/n for the shortest prefix, of k of n tokens, from which greedy decoding writes the rest of
/// the answer. One pass over the true answer tells: all flags from k on are set.
///
/// \param matches  as above. open-unlearning leaves the end-of-text token out; do so to compare
/// \return in [0, 1]; 0 for an empty answer
/// Source: Carlini et al. 2021, arXiv:2012.07805 (the idea); Wang et al. 2024, arXiv:2406.09179
[[nodiscard]] double extractionStrength(const std::vector<bool>& matches,
                                        ExtractionFloor floor = ExtractionFloor::Zero);

} // namespace lacuna
