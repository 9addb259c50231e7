#pragma once

#include "core/corpora/sample.h"
#include "core/models/decoder.h"

#include <cstdint>
#include <string>
#include <vector>

/// What `bench` measures on: shapes of random weights, drawn batches, and the work in them.
namespace lacuna::workload {

constexpr std::int64_t kSequences = 4; // of each corpus in a batch
constexpr std::int64_t kLongest = 256;
constexpr std::int64_t kShortest = 40;
constexpr double kScoredShare = 0.6;
constexpr std::int64_t kPromptTokens = 512;
constexpr std::int64_t kDecodePromptTokens = 16;
constexpr std::uint64_t kSeed = 7;

/// A Llama model with a tied head and 32 000 tokens of vocabulary.
struct Shape {
    const char* name;
    std::int64_t width, layers, heads, mlpWidth;

    [[nodiscard]] DecoderConfig config() const;
};
constexpr Shape kShapes[] = {{"15m", 288, 6, 6, 768}, {"110m", 768, 12, 12, 2048}};

/// Additions and multiplications of a forward pass: products with weights and causal attention.
struct Work {
    double layersPerToken = 0;
    double headPerRow = 0;
    double attentionPerPair = 0; ///< of a query and a key that it sees
    double weightBytes = 0;      ///< read to make one token

    explicit Work(Decoder& decoder);
    /// \param length  of one sequence; \param scored  of its rows that meet the head
    [[nodiscard]] double forward(std::int64_t length, std::int64_t scored) const;
};

[[nodiscard]] std::vector<std::int64_t> randomIds(std::int64_t count, std::int64_t vocabulary,
                                                  const std::string& purpose);

/// kSequences of them. One is as long as a batch allows, the others shorter; the last tokens of
/// each are scored.
[[nodiscard]] std::vector<ScoredSample> randomSamples(std::int64_t vocabulary,
                                                      const std::string& purpose);

} // namespace lacuna::workload
