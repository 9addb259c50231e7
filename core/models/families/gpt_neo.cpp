#include "core/models/families/config_reader.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

/// "attention_types": [[["global", "local"], 12]], each list of kinds as often as the number says.
void readAttentionTypes(ConfigReader& reader, DecoderConfig& out)
{
    const Json fallback = Json::array({Json::array(
        {Json::array({"global", "local"}), std::max<std::int64_t>(1, out.layers / 2)})});
    const Json& types =
        reader.has("attention_types") ? reader.config()["attention_types"] : fallback;
    bool valid = types.is_array();
    for (const Json& entry : types) {
        const std::optional<std::int64_t> times =
            entry.is_array() && entry.size() == 2 ? wholeNumber(entry[1]) : std::nullopt;
        valid = valid && times && *times >= 0 && *times <= out.layers && entry[0].is_array();
        if (!valid)
            break;
        for (std::int64_t i = 0; i < *times; ++i)
            for (const Json& kind : entry[0]) {
                valid = valid && (kind == "global" || kind == "local");
                out.windowedLayers.push_back(kind == "local");
            }
    }
    if (!valid || out.windowedLayers.size() != static_cast<std::size_t>(out.layers))
        reader.keep(Error{.code = ErrorCode::Corrupt,
                          .message = "the value " + types.dump() +
                                     " does not say global or local for each layer",
                          .context = "config.attention_types"});
}

Result<DecoderConfig> readGptNeo(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out;
    readCommon(reader, out, true);
    out.width = reader.size("hidden_size");
    out.layers = reader.size("num_layers", {}, ConfigReader::kMaxLayers);
    out.heads = out.kvHeads = reader.size("num_heads");
    reader.require(out.width % out.heads == 0, "hidden_size",
                   "hidden_size is not a multiple of num_heads");
    out.headDim = std::max<std::int64_t>(1, out.width / out.heads);
    out.mlpWidth = reader.size("intermediate_size", 4 * out.width, 4 * ConfigReader::kMaxExtent);
    out.context = reader.size("max_position_embeddings", 2048, ConfigReader::kMaxExtent);
    out.initializerRange = reader.positive("initializer_range", out.initializerRange);
    out.norm = NormKind::Layer;
    out.normEps = reader.positive("layer_norm_epsilon", 1e-5);
    out.activation = reader.activation("activation_function", "gelu_new");
    out.positions = PositionKind::Learned;
    out.attentionScale = 1.0; // its scores are not scaled
    out.slidingWindow = reader.size("window_size", 256, ConfigReader::kMaxContext);
    readAttentionTypes(reader, out);
    out.outputBias = out.mlpBias = true;
    out.names = {.prefix = "transformer.",
                 .embedding = "transformer.wte",
                 .positions = "transformer.wpe",
                 .blocks = "transformer.h",
                 .inputNorm = "ln_1",
                 .query = "attn.attention.q_proj",
                 .key = "attn.attention.k_proj",
                 .value = "attn.attention.v_proj",
                 .output = "attn.attention.out_proj",
                 .mlpNorm = "ln_2",
                 .gate = {},
                 .up = "mlp.c_fc",
                 .down = "mlp.c_proj",
                 .finalNorm = "transformer.ln_f"};
    return reader.finish(std::move(out));
}

OrderedJson writeGptNeo(const DecoderConfig& config)
{
    OrderedJson json = writeCommon(config, "gpt_neo");
    json["hidden_size"] = config.width;
    json["num_layers"] = config.layers;
    json["num_heads"] = config.heads;
    json["intermediate_size"] = config.mlpWidth;
    json["max_position_embeddings"] = config.context;
    json["initializer_range"] = config.initializerRange;
    json["layer_norm_epsilon"] = config.normEps;
    json["activation_function"] = activationName(config.activation);
    json["window_size"] = config.slidingWindow.value_or(256);
    OrderedJson kinds = OrderedJson::array();
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        kinds.push_back(config.windowOf(layer) ? "local" : "global");
    json["attention_types"] = OrderedJson::array({OrderedJson::array({kinds, 1})});
    json["attention_layers"] = kinds;
    return json;
}

} // namespace

FamilyInfo gptNeo()
{
    return {.id = "gpt_neo",
            .title = "GPT-Neo",
            .source = "Black et al. 2021, doi:10.5281/zenodo.5297715",
            .architectures = {"GPTNeoForCausalLM"},
            .modelType = "gpt_neo",
            .read = &readGptNeo,
            .write = &writeGptNeo};
}

} // namespace lacuna
