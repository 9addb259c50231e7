#include "core/models/families/config_reader.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readPhi(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out;
    readCommon(reader, out, false);
    readUsualSizes(reader, out);
    readRope(reader, out, {"partial_rotary_factor"}, 0.5);
    out.norm = NormKind::Layer;
    out.normEps = reader.positive("layer_norm_eps", 1e-5);
    out.activation = reader.activation("hidden_act", "gelu_new");
    if (reader.flag("qk_layernorm", false))
        reader.refuse("qk_layernorm", "norms of queries and keys are not supported in this family",
                      "use a model whose config says false");
    out.order = BlockOrder::Parallel;
    out.attentionBias = out.outputBias = out.mlpBias = out.headBias = true;
    out.names = {.output = "self_attn.dense",
                 .mlpNorm = {}, // both halves read the block's one norm
                 .gate = {},
                 .up = "mlp.fc1",
                 .down = "mlp.fc2",
                 .finalNorm = "model.final_layernorm"};
    return reader.finish(std::move(out));
}

OrderedJson writePhi(const DecoderConfig& config)
{
    OrderedJson json = writeCommon(config, "phi");
    writeUsualSizes(config, json);
    writeRope(config, json);
    json["partial_rotary_factor"] = config.rope.share;
    json["layer_norm_eps"] = config.normEps;
    json["hidden_act"] = activationName(config.activation);
    json["qk_layernorm"] = false;
    return json;
}

} // namespace

FamilyInfo phi()
{
    return {.id = "phi",
            .title = "Phi (1, 1.5, 2)",
            .source = "Li et al. 2023, arXiv:2309.05463",
            .architectures = {"PhiForCausalLM"},
            .modelType = "phi",
            .read = &readPhi,
            .write = &writePhi};
}

} // namespace lacuna
