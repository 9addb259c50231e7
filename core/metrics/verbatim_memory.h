#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lacuna {

class Tokenizer;

/// The two texts whose ROUGE-L F1 without stemming is VerbMem.
struct ContinuationPair {
    std::string generated;
    std::string reference;
};

/// Cuts the true continuation to its first \p mostTokens tokens and the model's to as many as are
/// left of the true one, so that neither length alone changes the score. The cut text is what the
/// tokens decode to.
///
/// Source: MUSE, Shi et al. 2024, arXiv:2407.06460, section 3.1: 128 tokens
[[nodiscard]] ContinuationPair verbMemTexts(const Tokenizer& tokenizer, std::string_view generated,
                                            std::string_view reference,
                                            std::int64_t mostTokens = 128);

/// VerbMem of one passage, in [0, 1]: ROUGE-L F1 without stemming of verbMemTexts().
[[nodiscard]] double verbMem(const Tokenizer& tokenizer, std::string_view generated,
                             std::string_view reference, std::int64_t mostTokens = 128);

} // namespace lacuna
