#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readMistral(const Json& config)
{
    Result<DecoderConfig> out = readLlamaLike(config);
    if (!out)
        return out;
    out->attentionBias = false;
    out->mlpBias = false;
    // Hugging Face's MistralConfig takes 4096 for an absent key and full attention for null.
    if (!config.contains("sliding_window")) {
        out->slidingWindow = 4096;
    } else if (!config["sliding_window"].is_null()) {
        const Json& window = config["sliding_window"];
        if (!window.is_number_integer() || window.get<std::int64_t>() < 1)
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the value " + window.dump() + " is not a number of tokens",
                         .context = "config.sliding_window"};
        out->slidingWindow = window.get<std::int64_t>();
    }
    return out;
}

} // namespace

FamilyInfo mistral()
{
    return {.id = "mistral",
            .title = "Mistral (7B, Zephyr)",
            .source = "Jiang et al. 2023, arXiv:2310.06825",
            .architectures = {"MistralForCausalLM"},
            .modelType = "mistral",
            .read = &readMistral,
            .write = [](const DecoderConfig& config) {
                OrderedJson json = writeLlamaLike(config);
                json["model_type"] = "mistral";
                json["sliding_window"] = nullptr;
                if (config.slidingWindow)
                    json["sliding_window"] = *config.slidingWindow;
                return json;
            }};
}

} // namespace lacuna
