#include "core/models/families/llama_like.h"
#include "core/models/family.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

Result<DecoderConfig> readPhi3(const Json& config)
{
    ConfigReader reader(config);
    DecoderConfig out = readLlamaLike(reader);
    readWindow(reader, out, std::nullopt);
    out.qkvStorage = QkvStorage::Stacked;
    out.names.qkv = "self_attn.qkv_proj";
    out.names.gateUp = "mlp.gate_up_proj";
    return reader.finish(std::move(out));
}

} // namespace

FamilyInfo phi3()
{
    return {.id = "phi3",
            .title = "Phi-3 and Phi-3.5 (mini, medium)",
            .source = "Abdin et al. 2024, arXiv:2404.14219",
            .architectures = {"Phi3ForCausalLM"},
            .modelType = "phi3",
            .read = &readPhi3,
            .write = [](const DecoderConfig& config) {
                OrderedJson json = writeLlamaLike(config, "phi3");
                writeWindow(config, json);
                return json;
            }};
}

} // namespace lacuna
