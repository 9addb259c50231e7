#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// One measured speed. Rates are of the fastest repetition, which a busy machine disturbs least.
struct BenchResult {
    std::string measure;   ///< "product", "head product", "memory", a method's id, "prompt",
                           ///< "decode x1", "decode x4"
    std::string shape;     ///< model shape or sizes: "15m", "2048 x 2048 x 2048"
    std::string precision; ///< "float32", "bfloat16"; empty for memory
    double rate = 0;       ///< in `unit`; real tokens for training
    double medianRate = 0;
    std::string unit; ///< "GFLOP/s", "GB/s", "tokens/s"
    /// Training: tokens a second with the padding counted that a rectangular batch would have
    /// held; comparable with programs that pad.
    std::optional<double> paddedRate = {};
    /// Share of the ceiling: training and prompts of the square product in the same precision,
    /// decoding of memory's speed, counting each weight once a step.
    std::optional<double> ceilingShare = {};
    /// Training, where methods are compared: how many steps of fine-tuning on the forget batch
    /// alone take as long.
    std::optional<double> finetuningSteps = {};
    /// Training: peak resident memory of the process during the measurement.
    std::optional<double> peakBytes = {};
};

struct BenchOptions {
    std::vector<std::string> shapes = {"15m", "110m"}; ///< of benchShapes()
    std::filesystem::path model;                       ///< a model folder instead of the shapes
    std::vector<std::string> precisions = {"float32", "bfloat16"};
    std::int64_t repetitions = 7;
    std::int64_t newTokens = 128; ///< decoded in each repetition
    bool methods = false;         ///< a step of every method instead of the rest
};

/// Names of the built-in shapes: Llama models of random weights with tied heads, vocabulary 32 000.
[[nodiscard]] std::vector<std::string> benchShapes();

/// What the training batches hold, in words: sequences, lengths, share that is scored.
[[nodiscard]] std::string benchWorkload();

/// Measures products, training steps (forward, backward, clipping, AdamW, refresh), prompts and
/// greedy decoding on the processor, and hands each result to \p sink as it is known.
[[nodiscard]] Status runBench(const BenchOptions& options,
                              const std::function<void(const BenchResult&)>& sink);

} // namespace lacuna
