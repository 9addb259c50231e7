#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace lacuna {
namespace {

DecoderConfig readGemmaLike(ConfigReader& reader)
{
    DecoderConfig out = readLlamaLike(reader, true);
    if (!reader.has("head_dim"))
        out.headDim = 256; // of Hugging Face's GemmaConfig, whatever the width
    out.norm = NormKind::RmsPlusOne;
    out.embeddingScale = std::sqrt(static_cast<double>(out.width));
    // Early configs say "gelu" in hidden_act and mean the approximation that the models were
    // trained with; hidden_activation, where present, is what counts.
    out.activation = reader.has("hidden_activation")
                         ? reader.activation("hidden_activation", "gelu_pytorch_tanh")
                         : Activation::GeluTanh;
    out.attentionBias = out.outputBias = reader.flag("attention_bias", false);
    return out;
}

OrderedJson writeGemmaLike(const DecoderConfig& config, const char* modelType)
{
    OrderedJson json = writeLlamaLike(config, modelType);
    const char* activation = config.activation == Activation::GeluTanh
                                 ? "gelu_pytorch_tanh"
                                 : activationName(config.activation);
    json["hidden_act"] = activation;
    json["hidden_activation"] = activation;
    json["attention_bias"] = config.attentionBias;
    return json;
}

Result<DecoderConfig> readGemma(const Json& config)
{
    ConfigReader reader(config);
    return reader.finish(readGemmaLike(reader));
}

Result<DecoderConfig> readGemma2(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out = readGemmaLike(reader);
    out.order = BlockOrder::Sandwich;
    out.names.attentionOutNorm = "post_attention_layernorm";
    out.names.mlpNorm = "pre_feedforward_layernorm";
    out.names.mlpOutNorm = "post_feedforward_layernorm";
    out.attentionScale = 1.0 / std::sqrt(reader.positive("query_pre_attn_scalar", 256));
    // A config that is silent has the caps, one that says null has none.
    const auto cap = [&](const char* key, double fallback) {
        return reader.config().contains(key) && !reader.has(key) ? 0.0
                                                                 : reader.positive(key, fallback);
    };
    out.attentionSoftCap = cap("attn_logit_softcapping", 50);
    out.logitSoftCap = cap("final_logit_softcapping", 30);
    readWindow(reader, out, 4096);
    if (out.slidingWindow && !readLayerTypes(reader, out))
        for (std::int64_t layer = 0; layer < out.layers; ++layer)
            out.windowedLayers.push_back(layer % 2 == 0);
    return reader.finish(std::move(out));
}

OrderedJson writeGemma2(const DecoderConfig& config)
{
    OrderedJson json = writeGemmaLike(config, "gemma2");
    const double scale = config.attentionScale.value_or(1.0);
    // Rounded, since it is a whole number in every published config.
    json["query_pre_attn_scalar"] = std::round(1e6 / (scale * scale)) / 1e6;
    const auto cap = [&](const char* key, double value) {
        json[key] = nullptr;
        if (value > 0)
            json[key] = value;
    };
    cap("attn_logit_softcapping", config.attentionSoftCap);
    cap("final_logit_softcapping", config.logitSoftCap);
    writeWindow(config, json);
    return json;
}

} // namespace

FamilyInfo gemma()
{
    return {.id = "gemma",
            .title = "Gemma",
            .source = "Gemma Team 2024, arXiv:2403.08295",
            .architectures = {"GemmaForCausalLM"},
            .modelType = "gemma",
            .read = &readGemma,
            .write = [](const DecoderConfig& config) { return writeGemmaLike(config, "gemma"); }};
}

FamilyInfo gemma2()
{
    return {.id = "gemma2",
            .title = "Gemma 2",
            .source = "Gemma Team 2024, arXiv:2408.00118",
            .architectures = {"Gemma2ForCausalLM"},
            .modelType = "gemma2",
            .read = &readGemma2,
            .write = &writeGemma2};
}

} // namespace lacuna
