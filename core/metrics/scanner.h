#pragma once

#include "core/corpora/sample.h"
#include "core/metrics/sample_scan.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace lacuna {

class Decoder;
class Tokenizer;

struct ScanOptions {
    std::int64_t tokenBudget = 2048; ///< rows of a forward pass
    /// Greedy answers for samples that have a prompt; null: none. Not kept beyond the call.
    const Tokenizer* tokenizer = nullptr;
    std::int64_t maxNewTokens = 200; ///< TOFU's limit
    std::vector<std::int64_t> stopIds;
    /// Serves waiting commands; false: cancelled. Called between batches.
    std::function<bool()> proceed;
};

/// One forward pass over \p samples, and one batched generation where it is asked for. In the
/// order of \p samples. Empty when cancelled.
[[nodiscard]] std::vector<SampleScan> scanSamples(Decoder& decoder,
                                                  const std::vector<const ScoredSample*>& samples,
                                                  const ScanOptions& options);

} // namespace lacuna
