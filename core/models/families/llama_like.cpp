#include "core/models/families/llama_like.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace lacuna {
namespace {

// Far above any published model, and small enough that the elements of all matrices of all layers
// can be counted in 64 bits.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 22;
constexpr std::int64_t kMaxLayers = std::int64_t{1} << 12;
constexpr std::int64_t kMaxContext = std::int64_t{1} << 31;

std::string atKey(const char* key)
{
    return std::string("config.") + key;
}

Error wrongValue(const char* key, const Json& value, const std::string& wanted)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = "the value " + value.dump() + " is not " + wanted,
                 .context = atKey(key)};
}

bool absent(const Json& config, const char* key)
{
    return !config.contains(key) || config[key].is_null();
}

/// A size from 1 to \p most; \p fallback 0 means that the key is required.
Status readSize(const Json& config, const char* key, std::int64_t fallback, std::int64_t most,
                std::int64_t& out)
{
    if (absent(config, key)) {
        if (fallback == 0)
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the key is missing",
                         .context = atKey(key),
                         .remedy = "fetch the model's config.json again"};
        out = fallback;
        return {};
    }
    const Json& value = config[key];
    const std::optional<std::int64_t> size = wholeNumber(value);
    if (!size || *size < 1 || *size > most)
        return wrongValue(key, value, "a size between 1 and " + std::to_string(most));
    out = *size;
    return {};
}

Status readPositive(const Json& config, const char* key, double& out)
{
    if (absent(config, key))
        return {};
    if (!config[key].is_number() || !(config[key].get<double>() > 0))
        return wrongValue(key, config[key], "a number above 0");
    out = config[key].get<double>();
    return {};
}

Status readFlag(const Json& config, const char* key, bool& out)
{
    if (absent(config, key))
        return {};
    if (!config[key].is_boolean())
        return wrongValue(key, config[key], "true or false");
    out = config[key].get<bool>();
    return {};
}

/// One token id, or a list of them.
Status readIds(const Json& config, const char* key, std::vector<std::int64_t>& out)
{
    if (absent(config, key))
        return {};
    const Json& value = config[key];
    for (const Json& item : value.is_array() ? value : Json::array({value})) {
        const std::optional<std::int64_t> id = wholeNumber(item);
        if (!id)
            return wrongValue(key, value, "a token id");
        out.push_back(*id);
    }
    return {};
}

Status readRope(const Json& config, RopeConfig& rope)
{
    if (const Status status = readPositive(config, "rope_theta", rope.theta); !status)
        return status.error();
    // transformers 5 writes base and scaling into one object of another name.
    const char* place = absent(config, "rope_parameters") ? "rope_scaling" : "rope_parameters";
    if (absent(config, place))
        return {};
    const Json& scaling = config[place];
    if (!scaling.is_object())
        return wrongValue(place, scaling, "an object");
    const char* kindKey = scaling.contains("rope_type") ? "rope_type" : "type";
    const std::string kind =
        scaling.contains(kindKey) && scaling[kindKey].is_string() ? scaling[kindKey] : "";
    if (kind != "default" && kind != "linear" && kind != "llama3")
        return Error{.code = ErrorCode::Unsupported,
                     .message = "rope scaling of type \"" + kind + "\" is not supported",
                     .context = atKey(place),
                     .remedy = "linear, llama3 and default are"};
    const std::array<std::pair<const char*, double*>, 5> fields = {
        {{"rope_theta", &rope.theta},
         {"factor", &rope.factor},
         {"low_freq_factor", &rope.lowFrequencyFactor},
         {"high_freq_factor", &rope.highFrequencyFactor},
         {"original_max_position_embeddings", &rope.originalContext}}};
    for (const auto& [key, target] : fields)
        if (const Status status = readPositive(scaling, key, *target); !status)
            return status.error().at(place);
    if (kind == "default")
        return {};
    rope.scaling = kind == "linear" ? RopeScaling::Linear : RopeScaling::Llama3;
    if (absent(scaling, "factor"))
        return Error{.code = ErrorCode::Corrupt,
                     .message = "rope scaling of type \"" + kind + "\" needs a factor",
                     .context = atKey(place)};
    return {};
}

} // namespace

Result<DecoderConfig> readLlamaLike(const Json& config)
{
    DecoderConfig out;
    struct Size {
        const char* key;
        std::int64_t fallback;
        std::int64_t most;
        std::int64_t* target;
    };
    const std::array<Size, 6> sizes = {
        {{"vocab_size", 0, kMaxExtent, &out.vocabulary},
         {"hidden_size", 0, kMaxExtent, &out.width},
         {"num_hidden_layers", 0, kMaxLayers, &out.layers},
         {"num_attention_heads", 0, kMaxExtent, &out.heads},
         {"intermediate_size", 0, kMaxExtent, &out.mlpWidth},
         {"max_position_embeddings", 2048, kMaxContext, &out.context}}};
    for (const Size& size : sizes)
        if (const Status status =
                readSize(config, size.key, size.fallback, size.most, *size.target);
            !status)
            return status.error();
    if (const Status status =
            readSize(config, "num_key_value_heads", out.heads, kMaxExtent, out.kvHeads);
        !status)
        return status.error();
    if (absent(config, "head_dim") && out.width % out.heads != 0)
        return Error{.code = ErrorCode::Corrupt,
                     .message = "hidden_size is not a multiple of num_attention_heads",
                     .context = atKey("hidden_size")};
    // At most kMaxExtent for all heads together.
    if (const Status status =
            readSize(config, "head_dim", std::max<std::int64_t>(1, out.width / out.heads),
                     kMaxExtent / out.heads, out.headDim);
        !status)
        return status.error();
    if (out.heads % out.kvHeads != 0)
        return Error{.code = ErrorCode::Corrupt,
                     .message = "num_attention_heads is not a multiple of num_key_value_heads",
                     .context = atKey("num_key_value_heads")};
    if (out.headDim % 2 != 0)
        return Error{.code = ErrorCode::Corrupt,
                     .message = "rotary positions need an even head_dim",
                     .context = atKey("head_dim")};
    if (config.contains("hidden_act") && config["hidden_act"] != "silu")
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the activation " + config["hidden_act"].dump() +
                                " is not supported for this family",
                     .context = atKey("hidden_act"),
                     .remedy = "silu is"};
    if (config.contains("quantization_config") && !config["quantization_config"].is_null())
        return Error{.code = ErrorCode::Unsupported,
                     .message = "quantised weights cannot be trained",
                     .context = atKey("quantization_config"),
                     .remedy = "use the model's F32, F16 or BF16 version"};
    if (const Status status = readPositive(config, "rms_norm_eps", out.normEps); !status)
        return status.error();
    if (const Status status = readPositive(config, "initializer_range", out.initializerRange);
        !status)
        return status.error();
    if (const Status status = readFlag(config, "tie_word_embeddings", out.tiedHead); !status)
        return status.error();
    if (const Status status = readRope(config, out.rope); !status)
        return status.error();
    std::vector<std::int64_t> bos;
    std::vector<std::int64_t> pad;
    for (const auto& [key, ids] :
         {std::pair{"bos_token_id", &bos}, {"pad_token_id", &pad}, {"eos_token_id", &out.eosIds}})
        if (const Status status = readIds(config, key, *ids); !status)
            return status.error();
    out.bosId = bos.empty() ? -1 : bos.front();
    out.padId = pad.empty() ? -1 : pad.front();
    if (config.contains("torch_dtype") && config["torch_dtype"].is_string())
        out.storedType = config["torch_dtype"].get<std::string>();
    if (const Status status = readFlag(config, "attention_bias", out.attentionBias); !status)
        return status.error();
    if (const Status status = readFlag(config, "mlp_bias", out.mlpBias); !status)
        return status.error();
    return out;
}

OrderedJson writeLlamaLike(const DecoderConfig& config)
{
    OrderedJson scaling = nullptr;
    if (config.rope.scaling == RopeScaling::Linear)
        scaling = {{"rope_type", "linear"}, {"type", "linear"}, {"factor", config.rope.factor}};
    if (config.rope.scaling == RopeScaling::Llama3)
        scaling = {{"rope_type", "llama3"},
                   {"factor", config.rope.factor},
                   {"low_freq_factor", config.rope.lowFrequencyFactor},
                   {"high_freq_factor", config.rope.highFrequencyFactor},
                   {"original_max_position_embeddings",
                    static_cast<std::int64_t>(config.rope.originalContext)}};
    OrderedJson json = {{"architectures", {config.architecture}},
                        {"hidden_act", "silu"},
                        {"vocab_size", config.vocabulary},
                        {"hidden_size", config.width},
                        {"intermediate_size", config.mlpWidth},
                        {"num_hidden_layers", config.layers},
                        {"num_attention_heads", config.heads},
                        {"num_key_value_heads", config.kvHeads},
                        {"head_dim", config.headDim},
                        {"max_position_embeddings", config.context},
                        {"rms_norm_eps", config.normEps},
                        {"initializer_range", config.initializerRange},
                        {"rope_theta", config.rope.theta},
                        {"rope_scaling", scaling},
                        {"tie_word_embeddings", config.tiedHead},
                        {"bos_token_id", nullptr},
                        {"eos_token_id", nullptr},
                        {"torch_dtype", config.storedType}};
    if (config.bosId >= 0)
        json["bos_token_id"] = config.bosId;
    if (config.eosIds.size() == 1)
        json["eos_token_id"] = config.eosIds.front();
    if (config.eosIds.size() > 1)
        json["eos_token_id"] = config.eosIds;
    if (config.padId >= 0)
        json["pad_token_id"] = config.padId;
    return json;
}

} // namespace lacuna
