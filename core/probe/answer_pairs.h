#pragma once

#include "core/base/result.h"
#include "core/corpora/corpus.h"
#include "core/corpora/tokenise.h"

#include <cstdint>
#include <vector>

namespace lacuna {

/// True and false answers to the same questions, tokenised without an EOS.
struct AnswerPairs {
    std::vector<ScoredSample> samples;
    std::vector<bool> isTrue;
    std::vector<std::int64_t> questions; ///< which of the questions each answers
};

/// Of every question of \p corpus that has false answers (`perturbed_answer`), one of them, drawn
/// by \p seed, and the true one: its paraphrase where there is one, because the false answers of
/// TOFU are made from that, and a probe would else tell the wordings apart.
/// \param maxQuestions  that many drawn by \p seed
/// \return InvalidArgument when fewer than kFewestPairs questions have both
[[nodiscard]] Result<AnswerPairs> answerPairs(const Corpus& corpus, const Tokenizer& tokenizer,
                                              TokeniseOptions options, std::int64_t maxQuestions,
                                              std::uint64_t seed);

/// With fewer, hardly a question is held out.
inline constexpr std::int64_t kFewestPairs = 10;

} // namespace lacuna
