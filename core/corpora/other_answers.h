#pragma once

#include "core/corpora/corpus.h"
#include "core/corpora/tokenise.h"

#include <cstddef>
#include <vector>

namespace lacuna {

/// An answer that a sample does not teach, as one more text to be read.
struct OtherAnswer {
    std::size_t sample = 0; ///< place among the samples that were asked about
    OtherAnswerKind kind = OtherAnswerKind::Perturbed;
    ScoredSample tokens;
};

/// The paraphrased, perturbed, correct and incorrect answers that \p corpus has for \p samples,
/// each behind its sample's own question, tokenised as the sample itself was. Answers of which
/// nothing would be scored are left out. \return the problem where one of them cannot be tokenised
[[nodiscard]] Result<std::vector<OtherAnswer>>
otherAnswers(const Corpus& corpus, const std::vector<const ScoredSample*>& samples,
             const Tokenizer& tokenizer, const TokeniseOptions& options);

} // namespace lacuna
