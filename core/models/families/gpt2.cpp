#include "core/models/families/config_reader.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readGpt2(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out;
    readCommon(reader, out, true);
    out.width = reader.size("n_embd");
    out.layers = reader.size("n_layer", {}, ConfigReader::kMaxLayers);
    out.heads = out.kvHeads = reader.size("n_head");
    reader.require(out.width % out.heads == 0, "n_embd", "n_embd is not a multiple of n_head");
    out.headDim = std::max<std::int64_t>(1, out.width / out.heads);
    out.mlpWidth = reader.size("n_inner", 4 * out.width, 4 * ConfigReader::kMaxExtent);
    out.context = reader.size("n_positions", 1024, ConfigReader::kMaxExtent);
    out.initializerRange = reader.positive("initializer_range", out.initializerRange);
    if (reader.flag("scale_attn_by_inverse_layer_idx", false))
        reader.refuse("scale_attn_by_inverse_layer_idx",
                      "attention that is scaled by the layer is not supported",
                      "use a model whose config says false");
    if (!reader.flag("scale_attn_weights", true))
        out.attentionScale = 1.0;
    out.norm = NormKind::Layer;
    out.normEps = reader.positive("layer_norm_epsilon", 1e-5);
    out.activation = reader.activation("activation_function", "gelu_new");
    out.positions = PositionKind::Learned;
    out.attentionBias = out.outputBias = out.mlpBias = true;
    out.qkvStorage = QkvStorage::Stacked;
    out.transposed = true; // Conv1D keeps [in, out]
    out.names = {.prefix = "transformer.",
                 .embedding = "transformer.wte",
                 .positions = "transformer.wpe",
                 .blocks = "transformer.h",
                 .inputNorm = "ln_1",
                 .qkv = "attn.c_attn",
                 .output = "attn.c_proj",
                 .mlpNorm = "ln_2",
                 .gate = {},
                 .up = "mlp.c_fc",
                 .down = "mlp.c_proj",
                 .finalNorm = "transformer.ln_f"};
    return reader.finish(std::move(out));
}

OrderedJson writeGpt2(const DecoderConfig& config)
{
    OrderedJson json = writeCommon(config, "gpt2");
    json["n_embd"] = config.width;
    json["n_layer"] = config.layers;
    json["n_head"] = config.heads;
    json["n_inner"] = config.mlpWidth;
    json["n_positions"] = config.context;
    json["initializer_range"] = config.initializerRange;
    json["scale_attn_weights"] = !config.attentionScale;
    json["layer_norm_epsilon"] = config.normEps;
    json["activation_function"] = activationName(config.activation);
    return json;
}

} // namespace

FamilyInfo gpt2()
{
    return {.id = "gpt2",
            .title = "GPT-2",
            .source =
                "Radford et al. 2019, \"Language Models are Unsupervised Multitask Learners\"",
            .architectures = {"GPT2LMHeadModel"},
            .modelType = "gpt2",
            .read = &readGpt2,
            .write = &writeGpt2};
}

} // namespace lacuna
