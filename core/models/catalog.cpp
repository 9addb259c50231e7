#include "core/models/family.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {

FamilyInfo llama();
FamilyInfo mistral();
FamilyInfo qwen2();
FamilyInfo qwen3();
FamilyInfo opt();
FamilyInfo gpt2();
FamilyInfo gptNeo();
FamilyInfo gptNeox();
FamilyInfo phi();
FamilyInfo phi3();
FamilyInfo gemma();
FamilyInfo gemma2();

const Catalog<FamilyInfo>& families()
{
    static const Catalog<FamilyInfo> catalog("model family", {llama(), mistral(), qwen2(), qwen3(),
                                                              opt(), gpt2(), gptNeo(), gptNeox(),
                                                              phi(), phi3(), gemma(), gemma2()});
    return catalog;
}

Result<DecoderConfig> readDecoderConfig(const Json& config, const std::string& place)
{
    if (!config.is_object())
        return Error{
            .code = ErrorCode::Corrupt, .message = "the config is not an object", .context = place};
    std::string architecture;
    if (config.contains("architectures") && config["architectures"].is_array() &&
        !config["architectures"].empty() && config["architectures"][0].is_string())
        architecture = config["architectures"][0].get<std::string>();
    const std::string modelType = config.contains("model_type") && config["model_type"].is_string()
                                      ? config["model_type"]
                                      : "";
    for (const FamilyInfo& family : families().entries()) {
        const bool named = std::find(family.architectures.begin(), family.architectures.end(),
                                     architecture) != family.architectures.end();
        if (!named && !(architecture.empty() && family.modelType == modelType))
            continue;
        Result<DecoderConfig> out = family.read(config);
        if (!out)
            return out.error().at(place);
        out->family = family.id;
        out->architecture = architecture.empty() ? family.architectures.front() : architecture;
        return out;
    }
    const std::string name = architecture.empty() ? modelType : architecture;
    return Error{.code = ErrorCode::Unsupported,
                 .message = name.empty() ? "the config names no architecture"
                                         : "the architecture " + name + " is not supported",
                 .context = place + ": architectures",
                 .remedy = "supported families: " + join(families().ids(), ", ")};
}

} // namespace lacuna
