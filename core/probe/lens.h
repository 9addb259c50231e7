#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// The logit lens (nostalgebraist 2020, "interpreting GPT: the logit lens"; unlearning reference
/// 3.16): what a model would answer if it stopped behind one of its blocks.
namespace lacuna {

class Decoder;
struct ScoredSample;
struct WalkOptions;

/// p_l = softmax(head(norm(h_l))) at each scored token of one sample, h_l the residual stream
/// behind block l that predicts it. An EOS behind the answer is left out. Plain values.
struct LensReading {
    std::int64_t sample = 0; ///< ScoredSample::index
    std::int64_t layers = 0; ///< blocks; the last one gives the model's own output
    std::vector<std::int64_t> tokens = {};
    // Of each block in turn, of each token.
    std::vector<float> logProbs = {};         ///< of the token, nats
    std::vector<std::int32_t> ranks = {};     ///< 1: no token is likelier
    std::vector<std::int64_t> likeliest = {}; ///< the token that the block would say

    [[nodiscard]] std::size_t at(std::int64_t layer, std::size_t token) const
    {
        return static_cast<std::size_t>(layer) * tokens.size() + token;
    }
    [[nodiscard]] double probability(std::int64_t layer, std::size_t token) const;
    /// The first block, from 0, behind which the token is among the \p k likeliest.
    [[nodiscard]] std::optional<std::int64_t> firstWithin(std::size_t token, std::int64_t k) const;
    /// Share of the blocks before that one, 0 to (layers - 1) / layers; 1 where there is none.
    [[nodiscard]] double depth(std::size_t token, std::int64_t k) const;
    /// Mean depth of the tokens; nothing for an answer without tokens.
    [[nodiscard]] std::optional<double> meanDepth(std::int64_t k) const;
};

/// One forward pass over \p samples; logits exist for a chunk of scored rows at a time.
/// \return in their order; nothing when cancelled
[[nodiscard]] std::optional<std::vector<LensReading>>
readLens(Decoder& decoder, const std::vector<const ScoredSample*>& samples,
         const WalkOptions& options);

} // namespace lacuna
