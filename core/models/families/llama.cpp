#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readLlama(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out = readLlamaLike(reader);
    out.attentionBias = out.outputBias = reader.flag("attention_bias", false);
    out.mlpBias = reader.flag("mlp_bias", false);
    return reader.finish(std::move(out));
}

} // namespace

FamilyInfo llama()
{
    return {.id = "llama",
            .title = "Llama (2, 3, 3.x, Yi, TinyLlama, SmolLM)",
            .source = "Touvron et al. 2023, arXiv:2302.13971",
            .architectures = {"LlamaForCausalLM", "LLaMAForCausalLM"},
            .modelType = "llama",
            .read = &readLlama,
            .write = [](const DecoderConfig& config) {
                OrderedJson json = writeLlamaLike(config, "llama");
                json["attention_bias"] = config.attentionBias;
                json["mlp_bias"] = config.mlpBias;
                return json;
            }};
}

} // namespace lacuna
