#pragma once

#include "core/corpora/other_answers.h"
#include "core/corpora/sample.h"
#include "core/metrics/sample_scan.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

class Decoder;
class EmbeddingChange;
class Tokenizer;

/// What the model is given in place of a sample's own prompt.
struct AskedPrompt {
    std::vector<std::int64_t> ids;
    std::shared_ptr<const EmbeddingChange> change; ///< of its embeddings; null: none
};

/// What stands between the samples and the model when answers are generated.
struct Interposed {
    std::function<AskedPrompt(const ScoredSample&)> ask;
    std::function<std::string(std::string answer)> seen; ///< of what the model said
};

struct ScanOptions {
    std::int64_t tokenBudget = 2048; ///< rows of a forward pass
    /// Greedy answers for samples that have a prompt; null: none. Not kept beyond the call.
    const Tokenizer* tokenizer = nullptr;
    std::int64_t maxNewTokens = 200;     ///< TOFU's limit
    std::int64_t maxReferenceTokens = 0; ///< the true answer is cut after so many; 0: not at all
    /// What membership inference reads is noted too, texts as this writes them; null: it is not.
    const Tokenizer* membership = nullptr;
    std::vector<std::int64_t> stopIds;
    /// Null: nothing. With it nothing is scored, since the weights that score are the same.
    const Interposed* interposed = nullptr;
    /// Serves waiting commands; false: cancelled. Called between batches.
    std::function<bool()> proceed;
};

/// One forward pass over \p samples unless something is interposed, and one batched generation
/// where it is asked for. In the order of \p samples. Empty when cancelled.
[[nodiscard]] std::vector<SampleScan> scanSamples(Decoder& decoder,
                                                  const std::vector<const ScoredSample*>& samples,
                                                  const ScanOptions& options);

/// How likely \p answers are, added to the scans of their samples. False when cancelled.
[[nodiscard]] bool scoreOthers(Decoder& decoder, const std::vector<OtherAnswer>& answers,
                               const ScanOptions& options, std::vector<SampleScan>& scans);

/// A question whose answer is one of a few short continuations: the letters of choices.
struct LetterQuestion {
    std::size_t sample = 0; ///< place among the scans
    std::vector<std::int64_t> prompt;
    std::vector<std::vector<std::int64_t>> letters; ///< tokens of each, one or more
    std::size_t correct = 0;
};

/// Adds the letters' probabilities to the scans of their samples. One pass over the prompts where
/// every letter is one token. False when cancelled.
[[nodiscard]] bool scoreLetters(Decoder& decoder, const std::vector<LetterQuestion>& questions,
                                const ScanOptions& options, std::vector<SampleScan>& scans);

/// Mean over the model's own weight tensors of the 2-norm of the gradient of the mean token loss,
/// added to \p scans; one backward pass a sample, with memory for all gradients. What is trained is
/// afterwards what it was, without gradients. False when cancelled.
[[nodiscard]] bool measureGradientNorms(Decoder& decoder,
                                        const std::vector<const ScoredSample*>& samples,
                                        const ScanOptions& options, std::vector<SampleScan>& scans);

} // namespace lacuna
