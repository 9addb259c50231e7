#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readMistral(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out = readLlamaLike(reader);
    // Hugging Face's MistralConfig takes 4096 for an absent key and full attention for null.
    readWindow(reader, out, 4096);
    return reader.finish(std::move(out));
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
                OrderedJson json = writeLlamaLike(config, "mistral");
                writeWindow(config, json);
                return json;
            }};
}

} // namespace lacuna
