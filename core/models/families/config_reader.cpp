#include "core/models/families/config_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {
namespace {

struct ActivationName {
    const char* name;
    Activation activation;
};
/// The first name of each is the one that is written.
constexpr std::array<ActivationName, 8> kActivations = {
    {{"silu", Activation::Silu},
     {"swish", Activation::Silu},
     {"relu", Activation::Relu},
     {"gelu", Activation::Gelu},
     {"gelu_python", Activation::Gelu},
     {"gelu_new", Activation::GeluTanh},
     {"gelu_fast", Activation::GeluTanh},
     {"gelu_pytorch_tanh", Activation::GeluTanh}}};

/// Factors of longrope, one a pair, and the magnitude that Ding et al. 2024 (arXiv:2402.13753)
/// derive from how much longer the context became.
void readLongRope(ConfigReader& scaling, const DecoderConfig& config, RopeConfig& rope)
{
    rope.shortFactors = scaling.positives("short_factor");
    rope.longFactors = scaling.positives("long_factor");
    const auto pairs = static_cast<std::size_t>(config.rotatedDim() / 2);
    scaling.require(rope.shortFactors.size() == pairs, "short_factor",
                    "there must be one factor for each rotated pair");
    scaling.require(rope.longFactors.size() == pairs, "long_factor",
                    "there must be one factor for each rotated pair");
    const double growth = scaling.positive(
        "factor", std::max(1.0, static_cast<double>(config.context) / rope.originalContext));
    rope.magnitude = scaling.positive(
        "attention_factor",
        growth > 1 ? std::sqrt(1.0 + std::log(growth) / std::log(rope.originalContext)) : 1.0);
}

RopeScaling scalingOf(const std::string& kind)
{
    if (kind == "linear")
        return RopeScaling::Linear;
    if (kind == "llama3")
        return RopeScaling::Llama3;
    // Phi-3 called it by its authors' first names.
    return kind == "longrope" || kind == "su" ? RopeScaling::LongRope : RopeScaling::None;
}

void readScaling(ConfigReader& reader, DecoderConfig& out, const char* place)
{
    const Json& object = reader.config()[place];
    if (!object.is_object())
        return reader.wrong(place, "an object");
    RopeConfig& rope = out.rope;
    ConfigReader scaling(object, std::string(place) + ": config.");
    const std::string kind =
        scaling.text(scaling.has("rope_type") ? "rope_type" : "type", std::string());
    rope.scaling = scalingOf(kind);
    if (rope.scaling == RopeScaling::None && kind != "default")
        return reader.refuse(place, "rope scaling of type \"" + kind + "\" is not supported",
                             "linear, llama3, longrope and default are");
    rope.theta = scaling.positive("rope_theta", rope.theta);
    rope.share = scaling.share("partial_rotary_factor", rope.share);
    rope.originalContext =
        scaling.positive("original_max_position_embeddings",
                         reader.positive("original_max_position_embeddings", rope.originalContext));
    if (rope.scaling == RopeScaling::LongRope) {
        readLongRope(scaling, out, rope);
    } else if (rope.scaling != RopeScaling::None) {
        scaling.require(scaling.has("factor"), "factor",
                        ("rope scaling of type \"" + kind + "\" needs it").c_str());
        rope.factor = scaling.positive("factor", 1.0);
        rope.lowFrequencyFactor = scaling.positive("low_freq_factor", rope.lowFrequencyFactor);
        rope.highFrequencyFactor = scaling.positive("high_freq_factor", rope.highFrequencyFactor);
    }
    if (scaling.error())
        reader.keep(*scaling.error());
}

} // namespace

ConfigReader::ConfigReader(const Json& config, std::string place)
    : m_config(config), m_place(std::move(place))
{
}

bool ConfigReader::has(const char* key) const
{
    return m_config.contains(key) && !m_config[key].is_null();
}

std::int64_t ConfigReader::size(const char* key, std::optional<std::int64_t> fallback,
                                std::int64_t most)
{
    if (!has(key)) {
        if (!fallback)
            keep(Error{.code = ErrorCode::Corrupt,
                       .message = "the key is missing",
                       .context = at(key),
                       .remedy = "fetch the model's config.json again"});
        return fallback.value_or(1);
    }
    const std::optional<std::int64_t> size = wholeNumber(m_config[key]);
    if (size && *size >= 1 && *size <= most)
        return *size;
    wrong(key, "a size between 1 and " + std::to_string(most));
    return 1;
}

double ConfigReader::positive(const char* key, double fallback)
{
    if (!has(key))
        return fallback;
    if (m_config[key].is_number() && m_config[key].get<double>() > 0)
        return m_config[key].get<double>();
    wrong(key, "a number above 0");
    return fallback;
}

double ConfigReader::share(const char* key, double fallback)
{
    const double share = positive(key, fallback);
    if (share <= 1)
        return share;
    wrong(key, "a share, above 0 and at most 1");
    return fallback;
}

bool ConfigReader::flag(const char* key, bool fallback)
{
    if (!has(key))
        return fallback;
    if (m_config[key].is_boolean())
        return m_config[key].get<bool>();
    wrong(key, "true or false");
    return fallback;
}

std::string ConfigReader::text(const char* key, const std::string& fallback)
{
    if (!has(key))
        return fallback;
    if (m_config[key].is_string())
        return m_config[key].get<std::string>();
    wrong(key, "a text");
    return fallback;
}

std::vector<double> ConfigReader::positives(const char* key)
{
    std::vector<double> values;
    if (has(key) && m_config[key].is_array())
        for (const Json& item : m_config[key])
            if (item.is_number() && item.get<double>() > 0)
                values.push_back(item.get<double>());
    if (values.empty() || values.size() != m_config[key].size())
        keep(Error{.code = ErrorCode::Corrupt,
                   .message = "the value is not a list of numbers above 0",
                   .context = at(key)});
    return values;
}

std::vector<std::int64_t> ConfigReader::ids(const char* key)
{
    std::vector<std::int64_t> ids;
    if (!has(key))
        return ids;
    const Json& value = m_config[key];
    for (const Json& item : value.is_array() ? value : Json::array({value})) {
        const std::optional<std::int64_t> id = wholeNumber(item);
        if (!id)
            wrong(key, "a token id");
        ids.push_back(id.value_or(-1));
    }
    return ids;
}

Activation ConfigReader::activation(const char* key, const char* fallback)
{
    const std::string name = text(key, fallback);
    const auto* found = std::find_if(kActivations.begin(), kActivations.end(),
                                     [&](const ActivationName& a) { return name == a.name; });
    if (found != kActivations.end())
        return found->activation;
    refuse(key, "the activation \"" + name + "\" is not supported",
           "silu, relu, gelu and gelu_new are");
    return Activation::Silu;
}

void ConfigReader::wrong(const char* key, const std::string& wanted)
{
    keep(Error{.code = ErrorCode::Corrupt,
               .message = "the value " + m_config[key].dump() + " is not " + wanted,
               .context = at(key)});
}

void ConfigReader::refuse(const char* key, std::string message, std::string remedy)
{
    keep(Error{.code = ErrorCode::Unsupported,
               .message = std::move(message),
               .context = at(key),
               .remedy = std::move(remedy)});
}

void ConfigReader::keep(Error error)
{
    if (!m_error)
        m_error = std::move(error);
}

void ConfigReader::require(bool holds, const char* key, const char* message)
{
    if (!holds)
        keep(Error{.code = ErrorCode::Corrupt, .message = message, .context = at(key)});
}

Result<DecoderConfig> ConfigReader::finish(DecoderConfig config) const
{
    if (m_error)
        return *m_error;
    return config;
}

void readCommon(ConfigReader& reader, DecoderConfig& out, bool tiedByDefault)
{
    out.vocabulary = reader.size("vocab_size");
    if (reader.has("quantization_config"))
        reader.refuse("quantization_config", "quantised weights cannot be trained",
                      "use the model's F32, F16 or BF16 version");
    out.tiedHead = reader.flag("tie_word_embeddings", tiedByDefault);
    const std::vector<std::int64_t> bos = reader.ids("bos_token_id");
    const std::vector<std::int64_t> pad = reader.ids("pad_token_id");
    out.eosIds = reader.ids("eos_token_id");
    out.bosId = bos.empty() ? -1 : bos.front();
    out.padId = pad.empty() ? -1 : pad.front();
    out.storedType = reader.text("torch_dtype", reader.text("dtype", std::string()));
}

void readUsualSizes(ConfigReader& reader, DecoderConfig& out)
{
    out.width = reader.size("hidden_size");
    out.layers = reader.size("num_hidden_layers", {}, ConfigReader::kMaxLayers);
    out.heads = reader.size("num_attention_heads");
    out.mlpWidth = reader.size("intermediate_size");
    out.context = reader.size("max_position_embeddings", 2048, ConfigReader::kMaxContext);
    out.kvHeads = reader.size("num_key_value_heads", out.heads);
    reader.require(reader.has("head_dim") || out.width % out.heads == 0, "hidden_size",
                   "hidden_size is not a multiple of num_attention_heads");
    // At most kMaxExtent for all heads together.
    out.headDim = reader.size("head_dim", std::max<std::int64_t>(1, out.width / out.heads),
                              ConfigReader::kMaxExtent / out.heads);
    reader.require(out.heads % out.kvHeads == 0, "num_key_value_heads",
                   "num_attention_heads is not a multiple of num_key_value_heads");
    out.initializerRange = reader.positive("initializer_range", out.initializerRange);
}

void readRope(ConfigReader& reader, DecoderConfig& out, const std::vector<const char*>& shareKeys,
              double shareFallback, const char* baseKey)
{
    out.rope.theta = reader.positive("rope_theta", reader.positive(baseKey, out.rope.theta));
    out.rope.share = shareFallback;
    for (const char* key : shareKeys)
        if (reader.has(key)) {
            out.rope.share = reader.share(key, shareFallback);
            break;
        }
    // transformers 5 writes base and scaling into one object of another name.
    const char* place = reader.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (reader.has(place))
        readScaling(reader, out, place);
    reader.require(out.rotatedDim() % 2 == 0 && out.rotatedDim() > 0, "head_dim",
                   "rotary positions need an even number of dimensions of each head");
}

bool readLayerTypes(ConfigReader& reader, DecoderConfig& out)
{
    if (!reader.has("layer_types"))
        return false;
    const Json& types = reader.config()["layer_types"];
    bool valid = types.is_array() && types.size() == static_cast<std::size_t>(out.layers);
    for (const Json& type : types) {
        out.windowedLayers.push_back(type == "sliding_attention");
        valid = valid && (type == "sliding_attention" || type == "full_attention");
    }
    if (!valid)
        reader.wrong("layer_types", "a list of sliding_attention and full_attention, one a layer");
    return true;
}

OrderedJson writeCommon(const DecoderConfig& config, const char* modelType)
{
    OrderedJson json = {{"architectures", {config.architecture}},
                        {"model_type", modelType},
                        {"vocab_size", config.vocabulary},
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

void writeUsualSizes(const DecoderConfig& config, OrderedJson& json)
{
    json["hidden_size"] = config.width;
    json["intermediate_size"] = config.mlpWidth;
    json["num_hidden_layers"] = config.layers;
    json["num_attention_heads"] = config.heads;
    json["num_key_value_heads"] = config.kvHeads;
    json["head_dim"] = config.headDim;
    json["max_position_embeddings"] = config.context;
    json["initializer_range"] = config.initializerRange;
}

void writeRope(const DecoderConfig& config, OrderedJson& json)
{
    const RopeConfig& rope = config.rope;
    json["rope_theta"] = rope.theta;
    const auto original = static_cast<std::int64_t>(rope.originalContext);
    switch (rope.scaling) {
    case RopeScaling::None:
        json["rope_scaling"] = nullptr;
        break;
    case RopeScaling::Linear:
        json["rope_scaling"] = {
            {"rope_type", "linear"}, {"type", "linear"}, {"factor", rope.factor}};
        break;
    case RopeScaling::Llama3:
        json["rope_scaling"] = {{"rope_type", "llama3"},
                                {"factor", rope.factor},
                                {"low_freq_factor", rope.lowFrequencyFactor},
                                {"high_freq_factor", rope.highFrequencyFactor},
                                {"original_max_position_embeddings", original}};
        break;
    case RopeScaling::LongRope:
        json["original_max_position_embeddings"] = original;
        json["rope_scaling"] = {{"rope_type", "longrope"},
                                {"type", "longrope"},
                                {"short_factor", rope.shortFactors},
                                {"long_factor", rope.longFactors},
                                {"attention_factor", rope.magnitude}};
        break;
    }
}

const char* activationName(Activation activation)
{
    return std::find_if(kActivations.begin(), kActivations.end(),
                        [&](const ActivationName& a) { return a.activation == activation; })
        ->name;
}

} // namespace lacuna
