#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/exchange/gguf.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// A size of a model that a tensor's shape can have.
enum class Extent : std::uint8_t {
    Vocabulary,
    Context,
    Width,
    Query,         ///< heads x head width
    KeyValue,      ///< key/value heads x head width
    QueryKeyValue, ///< all three
    HeadWidth,     ///< of one head
    Mlp,           ///< inner width of the MLP
    GateAndUp,     ///< twice that
    None,          ///< the columns of a vector
};

/// What becomes of a tensor's numbers on their way from a Hugging Face folder.
enum class Rearrangement : std::uint8_t {
    AsStored,
    /// llama.cpp rotates neighbours (2i, 2i+1) of a head where Hugging Face rotates (i, i + half),
    /// for the architectures "llama" and not for others: the rows of each head take turns.
    QueryPairs,
    KeyPairs,
    Transpose,    ///< GPT-2's Conv1D keeps [in, out]
    PartsOfHeads, ///< [heads, (q, k, v), head width] becomes [(q, k, v), heads, head width]
    PlusOne,      ///< Gemma's norms scale by 1 + weight
};

enum class BiasRule : std::uint8_t { Never, Maybe, Always };

/// One linear map, norm or table: NAME.weight and, by `bias`, NAME.bias. "{}" stands for the layer.
struct GgufTensorRule {
    std::string_view source;
    std::string_view target;
    Extent rows = Extent::Width;
    Extent columns = Extent::None; ///< in the exported file, a row being one run of columns
    Rearrangement how = Rearrangement::AsStored;
    BiasRule bias = BiasRule::Never;
};

struct GgufSizes {
    std::int64_t vocabulary = 0;
    std::int64_t context = 0;
    std::int64_t width = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headWidth = 0;
    std::int64_t rotaryWidth = 0; ///< of a head, 0: no rotary positions
    std::int64_t mlp = 0;
    bool tied = false;

    [[nodiscard]] std::int64_t of(Extent extent) const;
};

/// A tensor that is computed from the config.
struct GgufComputedTensor {
    std::string name;
    std::vector<float> values;
};

/// What a config.json says, as a GGUF says it.
struct GgufDescription {
    GgufSizes sizes;
    GgufMetadata metadata; ///< keys of the architecture
    std::vector<GgufComputedTensor> computed;
    std::vector<std::string> warnings; ///< sentences: what llama.cpp computes in another way
};

/// How a family of config.json is called and stored in llama.cpp.
struct GgufFamily {
    /// config.json's names of the sizes; nullptr where the family has no such key.
    struct Keys {
        const char* context = "max_position_embeddings";
        const char* width = "hidden_size";
        const char* layers = "num_hidden_layers";
        const char* heads = "num_attention_heads";
        const char* kvHeads = "num_key_value_heads";
        const char* mlp = "intermediate_size";
        const char* normEps = "rms_norm_eps";
        const char* activation = "hidden_act";
        const char* ropeTheta = "rope_theta"; ///< nullptr: learned positions
        const char* rotaryShare = nullptr;    ///< share of a head that is rotated
    };

    std::string_view modelType;    ///< in config.json
    std::string_view architecture; ///< in the GGUF
    Keys keys = {};
    std::vector<std::string_view> activations = {"silu"}; ///< the first is the fallback
    double normEps = 1e-6;                                ///< fallback
    std::int64_t context = 2048;                          ///< fallback
    std::int64_t headWidth = 0;                           ///< fallback; 0: width / heads
    double rotaryShare = 1;                               ///< fallback
    bool rmsNorm = true;
    bool tied = false;            ///< fallback of tie_word_embeddings
    bool usesWindow = true;       ///< fallback of use_sliding_window
    bool keepsWindow = false;     ///< llama.cpp applies attention.sliding_window
    std::string_view prefix = {}; ///< of all tensor names, which some files leave out
    std::vector<GgufTensorRule> tensors;
    std::string_view head = "lm_head.weight";   ///< absent from a tied model, or equal to its table
    std::vector<std::string_view> buffers = {}; ///< ends of names that hold no weights
    /// Adds what only this family has, or refuses it.
    void (*more)(class ConfigValues& config, GgufDescription& out) = nullptr;
};

/// By config.json's model_type; Unsupported, with those that there are, for any other.
[[nodiscard]] Result<const GgufFamily*> ggufFamily(const Json& config);

/// \return Corrupt or Unsupported naming the key
[[nodiscard]] Result<GgufDescription> describeForGguf(const GgufFamily& family, const Json& config);

/// The families that can be exported, for messages and documentation.
[[nodiscard]] const std::vector<GgufFamily>& ggufFamilies();

} // namespace lacuna
