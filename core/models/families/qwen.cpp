#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

/// A window is in use only when the config says so, and then from a layer on.
void readQwenWindow(ConfigReader& reader, DecoderConfig& out)
{
    if (!reader.flag("use_sliding_window", false))
        return;
    readWindow(reader, out, 4096);
    if (readLayerTypes(reader, out))
        return;
    const std::int64_t first = reader.has("max_window_layers")
                                   ? wholeNumber(reader.config()["max_window_layers"]).value_or(-1)
                                   : 28;
    if (first < 0)
        return reader.wrong("max_window_layers", "a number of layers");
    for (std::int64_t layer = 0; layer < out.layers; ++layer)
        out.windowedLayers.push_back(layer >= first);
}

void writeQwenWindow(const DecoderConfig& config, OrderedJson& json)
{
    json["use_sliding_window"] = config.slidingWindow.has_value();
    writeWindow(config, json);
    if (!config.slidingWindow)
        return;
    OrderedJson types = OrderedJson::array();
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        types.push_back(config.windowOf(layer) ? "sliding_attention" : "full_attention");
    json["layer_types"] = types;
}

Result<DecoderConfig> readQwen2(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out = readLlamaLike(reader);
    out.attentionBias = true;
    readQwenWindow(reader, out);
    return reader.finish(std::move(out));
}

Result<DecoderConfig> readQwen3(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out = readLlamaLike(reader);
    out.attentionBias = out.outputBias = reader.flag("attention_bias", false);
    out.names.queryNorm = "self_attn.q_norm";
    out.names.keyNorm = "self_attn.k_norm";
    // The key has a fallback of its own in Hugging Face's Qwen3Config.
    if (!reader.has("head_dim"))
        out.headDim = 128;
    readQwenWindow(reader, out);
    return reader.finish(std::move(out));
}

} // namespace

FamilyInfo qwen2()
{
    return {.id = "qwen2",
            .title = "Qwen2 and Qwen2.5",
            .source = "Yang et al. 2024, arXiv:2407.10671",
            .architectures = {"Qwen2ForCausalLM"},
            .modelType = "qwen2",
            .read = &readQwen2,
            .write = [](const DecoderConfig& config) {
                OrderedJson json = writeLlamaLike(config, "qwen2");
                writeQwenWindow(config, json);
                return json;
            }};
}

FamilyInfo qwen3()
{
    return {.id = "qwen3",
            .title = "Qwen3 (dense)",
            .source = "Yang et al. 2025, arXiv:2505.09388",
            .architectures = {"Qwen3ForCausalLM"},
            .modelType = "qwen3",
            .read = &readQwen3,
            .write = [](const DecoderConfig& config) {
                OrderedJson json = writeLlamaLike(config, "qwen3");
                json["attention_bias"] = config.attentionBias;
                writeQwenWindow(config, json);
                return json;
            }};
}

} // namespace lacuna
