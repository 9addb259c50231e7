#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lacuna {

class Decoder;
class EmbeddingChange;
class Tokenizer;

struct GenerationOptions {
    std::int64_t maxNewTokens = 128;
    double temperature = 0; ///< 0: greedy
    double topP = 1;        ///< nucleus; 1: all
    std::uint64_t seed = 0;
    std::int64_t alternatives = 0;     ///< likeliest tokens reported beside each chosen one
    std::vector<std::int64_t> stopIds; ///< end a sequence; kept out of its ids
    /// Whether the returned ids keep the stop token that ended them.
    bool keepStop = false;
    /// Of the prompts' token embeddings, by prompt; null, or no entry: none. What is generated is
    /// read as it is.
    std::vector<std::shared_ptr<const EmbeddingChange>> changes = {};
};

struct GeneratedToken {
    std::int64_t id = 0;
    float logProb = 0; ///< under the unscaled distribution, nats
    std::vector<std::pair<std::int64_t, float>> alternatives; ///< ids with log-probabilities
};

struct Generation {
    std::vector<GeneratedToken> tokens;
    bool stopped = false; ///< by a stop token, not by the limit

    [[nodiscard]] std::vector<std::int64_t> ids() const;
};

/// Continues \p prompts together with a key-value cache, packed without padding. Greedy text does
/// not depend on which prompts share a batch in float32.
/// \param onToken  called for each token as it is chosen (sequence, token); false ends all at once
[[nodiscard]] std::vector<Generation>
generate(Decoder& decoder, const std::vector<std::vector<std::int64_t>>& prompts,
         const GenerationOptions& options,
         const std::function<bool(std::size_t, const GeneratedToken&)>& onToken = {});

} // namespace lacuna
