#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {

FamilyInfo llama()
{
    return {.id = "llama",
            .title = "Llama (2, 3, 3.x, Yi, TinyLlama, SmolLM)",
            .source = "Touvron et al. 2023, arXiv:2302.13971",
            .architectures = {"LlamaForCausalLM", "LLaMAForCausalLM"},
            .modelType = "llama",
            .read = &readLlamaLike,
            .write = [](const DecoderConfig& config) {
                OrderedJson json = writeLlamaLike(config);
                json["model_type"] = "llama";
                json["attention_bias"] = config.attentionBias;
                json["mlp_bias"] = config.mlpBias;
                return json;
            }};
}

} // namespace lacuna
