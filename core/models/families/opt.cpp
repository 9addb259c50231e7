#include "core/models/families/config_reader.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readOpt(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out;
    readCommon(reader, out, true);
    out.width = reader.size("hidden_size");
    out.embeddingWidth = reader.size("word_embed_proj_dim", out.width);
    out.layers = reader.size("num_hidden_layers", {}, ConfigReader::kMaxLayers);
    out.heads = out.kvHeads = reader.size("num_attention_heads");
    reader.require(out.width % out.heads == 0, "hidden_size",
                   "hidden_size is not a multiple of num_attention_heads");
    out.headDim = std::max<std::int64_t>(1, out.width / out.heads);
    out.mlpWidth = reader.size("ffn_dim");
    out.context = reader.size("max_position_embeddings", 2048, ConfigReader::kMaxExtent);
    out.initializerRange = reader.positive("init_std", out.initializerRange);
    if (!reader.flag("layer_norm_elementwise_affine", true))
        reader.refuse("layer_norm_elementwise_affine", "norms without weights are not supported",
                      "use a model whose config says true");
    out.norm = NormKind::Layer;
    out.normEps = 1e-5; // PyTorch's, the config has no key for it
    out.activation = reader.activation("activation_function", "relu");
    out.positions = PositionKind::Learned;
    out.positionOffset = 2; // the table starts with two rows that padding would use
    out.attentionBias = out.outputBias = out.mlpBias = reader.flag("enable_bias", true);
    const bool before = reader.flag("do_layer_norm_before", true);
    out.order = before ? BlockOrder::PreNorm : BlockOrder::PostNorm;
    out.names = {.prefix = "model.",
                 .embedding = "model.decoder.embed_tokens",
                 .positions = "model.decoder.embed_positions",
                 .projectIn = "model.decoder.project_in",
                 .projectOut = "model.decoder.project_out",
                 .blocks = "model.decoder.layers",
                 .inputNorm = "self_attn_layer_norm",
                 .output = "self_attn.out_proj",
                 .mlpNorm = "final_layer_norm",
                 .gate = {},
                 .up = "fc1",
                 .down = "fc2",
                 .finalNorm = "model.decoder.final_layer_norm"};
    if (!before || reader.flag("_remove_final_layer_norm", false))
        out.names.finalNorm.clear();
    return reader.finish(std::move(out));
}

OrderedJson writeOpt(const DecoderConfig& config)
{
    OrderedJson json = writeCommon(config, "opt");
    json["hidden_size"] = config.width;
    json["word_embed_proj_dim"] = config.embeddedWidth();
    json["ffn_dim"] = config.mlpWidth;
    json["num_hidden_layers"] = config.layers;
    json["num_attention_heads"] = config.heads;
    json["max_position_embeddings"] = config.context;
    json["init_std"] = config.initializerRange;
    json["activation_function"] = activationName(config.activation);
    json["enable_bias"] = config.mlpBias;
    json["do_layer_norm_before"] = config.order == BlockOrder::PreNorm;
    json["_remove_final_layer_norm"] =
        config.order == BlockOrder::PreNorm && config.names.finalNorm.empty();
    return json;
}

} // namespace

FamilyInfo opt()
{
    return {.id = "opt",
            .title = "OPT",
            .source = "Zhang et al. 2022, arXiv:2205.01068",
            .architectures = {"OPTForCausalLM"},
            .modelType = "opt",
            .read = &readOpt,
            .write = &writeOpt};
}

} // namespace lacuna
