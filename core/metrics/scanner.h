#pragma once

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
    std::int64_t maxNewTokens = 200; ///< TOFU's limit
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

} // namespace lacuna
