#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// How much of one text's wording stands in another: what is asked where copying is the question.
/// Words are those of rougeTokens().
namespace lacuna {

/// Different words of both by different words of either; 0 when both are empty.
/// Source: Dou et al. 2024, arXiv:2406.10952 (SSU), where sets of words are compared
[[nodiscard]] double wordSetJaccard(const std::vector<std::string>& a,
                                    const std::vector<std::string>& b);

/// Words of the longest stretch that stands, unbroken, in both. Takes |a| * |b| steps.
[[nodiscard]] std::size_t longestSharedStretch(const std::vector<std::string>& a,
                                               const std::vector<std::string>& b);

/// Stretches of \p size words of \p text, overlapping ones each, that also stand in \p source, by
/// 1,000 words of \p text. A text that copies everything comes close to 1,000; one with fewer than
/// \p size words has none.
///
/// \param size  > 0; 8 and 13 are the usual ones
[[nodiscard]] double copiedGramsPerThousand(const std::vector<std::string>& text,
                                            const std::vector<std::string>& source,
                                            std::size_t size);

} // namespace lacuna
