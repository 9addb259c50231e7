#include "core/models/families/config_reader.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readGptNeox(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out;
    readCommon(reader, out, false);
    readUsualSizes(reader, out);
    reader.require(out.kvHeads == out.heads, "num_key_value_heads",
                   "this family has as many key heads as query heads");
    readRope(reader, out, {"rotary_pct", "partial_rotary_factor"}, 0.25, "rotary_emb_base");
    out.norm = NormKind::Layer;
    out.normEps = reader.positive("layer_norm_eps", 1e-5);
    out.activation = reader.activation("hidden_act", "gelu");
    out.order =
        reader.flag("use_parallel_residual", true) ? BlockOrder::Parallel : BlockOrder::PreNorm;
    out.attentionBias = out.outputBias = reader.flag("attention_bias", true);
    out.mlpBias = true;
    out.qkvStorage = QkvStorage::PerHead;
    out.names = {.prefix = "gpt_neox.",
                 .embedding = "gpt_neox.embed_in",
                 .blocks = "gpt_neox.layers",
                 .qkv = "attention.query_key_value",
                 .output = "attention.dense",
                 .gate = {},
                 .up = "mlp.dense_h_to_4h",
                 .down = "mlp.dense_4h_to_h",
                 .finalNorm = "gpt_neox.final_layer_norm",
                 .head = "embed_out"};
    return reader.finish(std::move(out));
}

OrderedJson writeGptNeox(const DecoderConfig& config)
{
    OrderedJson json = writeCommon(config, "gpt_neox");
    writeUsualSizes(config, json);
    json.erase("num_key_value_heads");
    writeRope(config, json);
    json["rotary_pct"] = config.rope.share;
    json["rotary_emb_base"] = config.rope.theta;
    json["layer_norm_eps"] = config.normEps;
    json["hidden_act"] = activationName(config.activation);
    json["use_parallel_residual"] = config.order == BlockOrder::Parallel;
    json["attention_bias"] = config.attentionBias;
    return json;
}

} // namespace

FamilyInfo gptNeox()
{
    return {.id = "gpt_neox",
            .title = "GPT-NeoX (Pythia)",
            .source = "Black et al. 2022, arXiv:2204.06745; Biderman et al. 2023, arXiv:2304.01373",
            .architectures = {"GPTNeoXForCausalLM"},
            .modelType = "gpt_neox",
            .read = &readGptNeox,
            .write = &writeGptNeox};
}

} // namespace lacuna
