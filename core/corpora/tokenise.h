#pragma once

#include "core/base/result.h"
#include "core/corpora/corpus.h"
#include "core/corpora/problem.h"
#include "core/corpora/qa_template.h"
#include "core/corpora/sample.h"
#include "core/tokens/prompt_style.h"
#include "core/tokens/tokenizer.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace lacuna {

struct TokeniseOptions {
    std::int64_t maxLength = 512; ///< tokens of a sample, BOS and EOS included; at least 2
    QaTemplate qaTemplate = {};
    /// How questions and chats are written; null: questions by qaTemplate, chats by
    /// kDefaultPromptFormat.
    std::shared_ptr<const PromptStyle> style = {};
    bool appendEos = true; ///< after answers and completions; texts and given ids never get one
    /// A text's last window with fewer tokens than this (BOS apart) is dropped, unless it is its
    /// only one: a handful of tokens without their context teaches noise.
    std::int64_t minLastWindow = 8;
};

/// How long the samples of a corpus are.
struct LengthHistogram {
    std::int64_t binWidth = 1;        ///< a power of two; at most 32 bins
    std::vector<std::int64_t> counts; ///< bin i: lengths i * binWidth + 1 to (i + 1) * binWidth
    std::int64_t shortest = 0;
    std::int64_t median = 0; ///< the upper one of two
    std::int64_t longest = 0;
    double mean = 0;
};

[[nodiscard]] LengthHistogram lengthHistogram(std::vector<std::int64_t> lengths);

struct TokenisedCorpus {
    std::vector<ScoredSample> samples; ///< each has at least one scored token
    LengthHistogram lengths;
    std::int64_t tokens = 0;
    std::int64_t scoredTokens = 0;
    std::int64_t truncated = 0;     ///< samples cut at maxLength
    std::int64_t usedRows = 0;      ///< of the corpus, that gave at least one sample
    std::int64_t zeroScored = 0;    ///< samples left out because nothing of them is scored
    std::int64_t mergedBorders = 0; ///< samples whose prompt and answer share a token
    std::int64_t droppedTokens = 0; ///< of last windows that were too short
    ProblemList problems;
};

/// Everything usable of \p corpus, beside the problems found. For `data check`.
///
/// Question and answer are put into the template, prompt and completion are joined as they are,
/// and the joined text is tokenised whole, because that is what the model meets when it reads. The
/// border is the common prefix of those ids and the ids of the prompt alone without its trailing
/// spaces: both tokenizer families keep a space with the word behind it, so that this prompt ends
/// where a token ends, while "Answer: " with its space would end inside the answer's first token.
/// Where even so a token spans the border, it is scored, and the sample counts as merged.
///
/// Of a chat, and of a question in another style, every answer is scored with the marker that ends
/// it, and nothing else is; borders are found in the same way. A conversation that the style cannot
/// write is a problem of its row.
///
/// EOS is scored. A sample of more than maxLength tokens is cut at the end and then has no EOS
/// (reference 0.3). A text is tokenised whole and cut into consecutive windows that start with BOS
/// if the tokenizer adds one; all their tokens but the first are scored.
[[nodiscard]] TokenisedCorpus inspectTokens(const Corpus& corpus, const Tokenizer& tokenizer,
                                            const TokeniseOptions& options);

/// inspectTokens(), refused when no sample is left, or there is an error and \p invalidRows does
/// not allow it.
[[nodiscard]] Result<TokenisedCorpus> tokenise(const Corpus& corpus, const Tokenizer& tokenizer,
                                               const TokeniseOptions& options,
                                               InvalidRows invalidRows = InvalidRows::Refuse);

} // namespace lacuna
