#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

enum class RopeScaling : std::uint8_t { None, Linear, Llama3 };

/// Rotary position embedding (Su et al. 2021), pairs split into halves as Hugging Face stores them.
struct RopeConfig {
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;             ///< linear and llama3
    double lowFrequencyFactor = 1.0; ///< llama3
    double highFrequencyFactor = 4.0;
    double originalContext = 8192.0; ///< llama3: positions the base was trained for

    /// Angle per position of each pair, [headDim / 2], scaling applied.
    [[nodiscard]] std::vector<double> frequencies(std::int64_t headDim) const;
};

/// One decoder-only transformer described by data; a family fills it from its config.json.
struct DecoderConfig {
    std::string family;       ///< catalogue id
    std::string architecture; ///< as in config.json: "LlamaForCausalLM"
    std::int64_t vocabulary = 0;
    std::int64_t width = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t mlpWidth = 0;
    std::int64_t context = 0; ///< positions the model was made for
    double normEps = 1e-6;
    RopeConfig rope;
    bool tiedHead = false;
    bool attentionBias = false; ///< on q, k, v and o
    bool mlpBias = false;
    std::optional<std::int64_t> slidingWindow = {}; ///< keys a query sees, itself included
    double initializerRange = 0.02;
    std::int64_t bosId = -1;
    std::vector<std::int64_t> eosIds;
    std::int64_t padId = -1;
    std::string storedType; ///< torch_dtype of the file, "" when it says nothing

    [[nodiscard]] std::int64_t parameterCount() const; ///< a tied matrix counts once
};

enum class InitKind : std::uint8_t { Normal, Ones, Zeros };

/// One weight of a model: its name in the file, its shape there, and how a new model starts.
struct WeightSlot {
    std::string name;
    std::vector<std::int64_t> shape;
    InitKind init = InitKind::Normal;
    bool decayed = true; ///< weight decay applies: matrices yes, norms and biases no
};

} // namespace lacuna
