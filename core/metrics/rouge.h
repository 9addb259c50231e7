#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// Shares in [0, 1]; all 0 when nothing is shared or a side is empty.
struct RougeScore {
    double precision = 0; ///< of the prediction
    double recall = 0;    ///< of the target
    double f1 = 0;
};

/// TOFU and open-unlearning stem, MUSE's own evaluation does not.
enum class Stemming : std::uint8_t { Off, On };

/// What ROUGE compares: the runs of a-z and 0-9 in the lower-cased text. With stemming, those of
/// more than three characters are replaced by their stems.
[[nodiscard]] std::vector<std::string> rougeTokens(std::string_view text, Stemming stemming);

/// ROUGE-1: shared words, each counted as often as it stands on both sides.
/// Source: Lin 2004, "ROUGE: a package for automatic evaluation of summaries", section 2
[[nodiscard]] RougeScore rouge1(const std::vector<std::string>& target,
                                const std::vector<std::string>& prediction);

/// ROUGE-2: shared pairs of neighbouring words, counted alike; 0 where a side has fewer than two.
/// Source: Lin 2004, section 2
[[nodiscard]] RougeScore rouge2(const std::vector<std::string>& target,
                                const std::vector<std::string>& prediction);

/// ROUGE-L: longest common subsequence of words. Takes |target| * |prediction| steps.
/// Source: Lin 2004, section 3.1, with beta = 1
[[nodiscard]] RougeScore rougeL(const std::vector<std::string>& target,
                                const std::vector<std::string>& prediction);

} // namespace lacuna
