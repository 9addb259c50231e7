#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

enum class RopeScaling : std::uint8_t { None, Linear, Llama3, LongRope };

/// Rotary position embedding (Su et al. 2021), pairs split into halves as Hugging Face stores them.
struct RopeConfig {
    double theta = 10000.0;
    double share = 1.0; ///< of each head that is rotated, its first dimensions
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;             ///< linear and llama3
    double lowFrequencyFactor = 1.0; ///< llama3
    double highFrequencyFactor = 4.0;
    double originalContext = 8192.0; ///< llama3, longrope: positions the base was trained for
    /// longrope (Ding et al. 2024): each pair's frequency is divided by its own factor, by another
    /// in texts that are longer than the original context.
    std::vector<double> shortFactors = {};
    std::vector<double> longFactors = {};
    double magnitude = 1.0; ///< longrope: cosine and sine are multiplied by it

    bool operator==(const RopeConfig&) const = default;

    /// Angle per position of each pair, [rotated / 2], scaling applied.
    /// \param rotated  dimensions of a head that are rotated
    /// \param longText whether the text is longer than the original context
    [[nodiscard]] std::vector<double> frequencies(std::int64_t rotated,
                                                  bool longText = false) const;
};

enum class NormKind : std::uint8_t {
    Rms,        ///< root mean square, times w
    RmsPlusOne, ///< root mean square, times 1 + w
    Layer,      ///< mean and variance, times w, plus b
};

enum class Activation : std::uint8_t { Silu, Relu, Gelu, GeluTanh };

enum class PositionKind : std::uint8_t { Rotary, Learned };

/// How a block's two halves meet the residual stream x.
enum class BlockOrder : std::uint8_t {
    PreNorm,  ///< x += attention(norm(x)); x += mlp(norm(x))
    PostNorm, ///< x = norm(x + attention(x)); x = norm(x + mlp(x))
    Parallel, ///< x += attention(norm(x)) + mlp(norm'(x))
    Sandwich, ///< as PreNorm, with a norm of what each half gives as well
};

/// How the file keeps the query, key and value matrices.
enum class QkvStorage : std::uint8_t {
    Separate,
    Stacked, ///< one matrix: all queries, all keys, all values
    PerHead, ///< one matrix: query, key and value of each head in turn
};

/// What a family calls its tensors, without ".weight" and ".bias". Empty: there is none.
struct WeightNames {
    /// A checkpoint of the bare decoder may lack it: "transformer.".
    std::string prefix = "model.";
    std::string embedding = "model.embed_tokens";
    std::string positions = {};  ///< learned ones
    std::string projectIn = {};  ///< embedding width to model width
    std::string projectOut = {}; ///< and back
    std::string blocks = "model.layers";
    // Inside a block.
    std::string inputNorm = "input_layernorm";
    std::string query = "self_attn.q_proj";
    std::string key = "self_attn.k_proj";
    std::string value = "self_attn.v_proj";
    std::string qkv = {};       ///< where the three are one
    std::string queryNorm = {}; ///< of each head, before the rotation
    std::string keyNorm = {};
    std::string output = "self_attn.o_proj";
    std::string attentionOutNorm = {}; ///< Sandwich
    std::string mlpNorm = "post_attention_layernorm";
    std::string gate = "mlp.gate_proj"; ///< empty: the MLP has no gate
    std::string up = "mlp.up_proj";
    std::string gateUp = {}; ///< where the two are one
    std::string down = "mlp.down_proj";
    std::string mlpOutNorm = {}; ///< Sandwich
    // After the blocks.
    std::string finalNorm = "model.norm"; ///< empty: the last block's output is final
    std::string head = "lm_head";

    bool operator==(const WeightNames&) const = default;
};

/// One decoder-only transformer described by data; a family fills it from its config.json.
struct DecoderConfig {
    std::string family;       ///< catalogue id
    std::string architecture; ///< as in config.json: "LlamaForCausalLM"
    std::int64_t vocabulary = 0;
    std::int64_t width = 0;
    std::int64_t embeddingWidth = 0; ///< 0: the model's width
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t mlpWidth = 0;
    std::int64_t context = 0; ///< positions the model was made for

    NormKind norm = NormKind::Rms;
    double normEps = 1e-6;
    Activation activation = Activation::Silu;
    BlockOrder order = BlockOrder::PreNorm;
    PositionKind positions = PositionKind::Rotary;
    std::int64_t positionOffset = 0; ///< learned: rows of the table before position 0
    RopeConfig rope;
    double embeddingScale = 1.0;
    std::optional<double> attentionScale = {};      ///< of q . k; none: 1 / sqrt(headDim)
    double attentionSoftCap = 0;                    ///< c tanh(score / c); 0: none
    double logitSoftCap = 0;                        ///< the same for logits
    std::optional<std::int64_t> slidingWindow = {}; ///< keys a query sees, itself included
    std::vector<bool> windowedLayers = {};          ///< empty: the window holds in all
    bool tiedHead = false;
    bool attentionBias = false; ///< on q, k and v
    bool outputBias = false;    ///< on the attention's output
    bool mlpBias = false;
    bool headBias = false;
    QkvStorage qkvStorage = QkvStorage::Separate;
    bool transposed = false; ///< matrices of blocks are stored [in, out]
    WeightNames names;

    double initializerRange = 0.02;
    std::int64_t bosId = -1;
    std::vector<std::int64_t> eosIds;
    std::int64_t padId = -1;
    std::string storedType; ///< torch_dtype of the file, "" when it says nothing

    bool operator==(const DecoderConfig&) const = default;
    [[nodiscard]] std::int64_t parameterCount() const; ///< a tied matrix counts once
    [[nodiscard]] std::int64_t embeddedWidth() const;  ///< of rows of the embedding and the head
    [[nodiscard]] std::int64_t rotatedDim() const;     ///< of each head; 0 without rotation
    [[nodiscard]] std::optional<std::int64_t> windowOf(std::int64_t layer) const;
    /// Name in the file, without ".weight", of what \p layer calls \p name.
    [[nodiscard]] std::string inBlock(std::int64_t layer, const std::string& name) const;
};

enum class InitKind : std::uint8_t { Normal, Ones, Zeros };

/// One weight of a model: its name in the file, its shape there, and how a new model starts.
struct WeightSlot {
    std::string name;
    std::vector<std::int64_t> shape;
    InitKind init = InitKind::Normal;
    bool decayed = true;     ///< weight decay applies: matrices yes, norms and biases no
    bool transposed = false; ///< a matrix stored [in, out]
};

} // namespace lacuna
