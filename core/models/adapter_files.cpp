#include "core/models/adapter_files.h"

#include "core/base/json.h"
#include "core/models/family.h"
#include "core/tokens/catalog.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigFile = "adapter_config.json";

bool isFile(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

bool isSet(const Json& config, const char* key)
{
    return config.contains(key) && !config[key].is_null() && config[key] != false &&
           !(config[key].is_structured() && config[key].empty());
}

/// What PEFT can store and this program cannot carry out.
Status refuseUnknown(const Json& config, const std::string& place)
{
    const auto refuse = [&](std::string message, const char* key) {
        return Error{.code = ErrorCode::Unsupported,
                     .message = std::move(message),
                     .context = place + ": " + key,
                     .remedy = "merge the adapter into its model with the program that made it"};
    };
    if (config.value("peft_type", "") != "LORA")
        return refuse("the adapter is not of the kind LORA", "peft_type");
    for (const char* key : {"use_dora", "modules_to_save", "rank_pattern", "alpha_pattern",
                            "lora_bias", "trainable_token_indices"})
        if (isSet(config, key))
            return refuse("this part of an adapter is not supported", key);
    if (config.contains("bias") && config["bias"] != "none")
        return refuse("an adapter that changes biases is not supported", "bias");
    return {};
}

} // namespace

double LoraConfig::scale(std::int64_t ofRank) const
{
    const auto r = static_cast<double>(ofRank);
    return alpha / (rankStabilised ? std::sqrt(r) : r);
}

bool isAdapterFolder(const fs::path& folder)
{
    return isFile(folder / kConfigFile) && !isFile(folder / "config.json");
}

Result<LoraConfig> readLoraConfig(const fs::path& folder)
{
    const fs::path file = folder / kConfigFile;
    const Result<Json> document = readJsonFile(file);
    if (!document)
        return document.error();
    const Json& json = *document;
    const auto corrupt = [&](std::string message, const char* key) {
        return Error{.code = ErrorCode::Corrupt,
                     .message = std::move(message),
                     .context = file.string() + ": " + key};
    };
    if (!json.is_object())
        return corrupt("the document is not an object", "adapter_config");
    if (json.contains("peft_type") && !json["peft_type"].is_string())
        return corrupt("the value is not a text", "peft_type");
    if (const Status status = refuseUnknown(json, file.string()); !status)
        return status.error();
    LoraConfig config;
    const std::optional<std::int64_t> rank =
        json.contains("r") ? wholeNumber(json["r"]) : std::nullopt;
    if (!rank || *rank < 1)
        return corrupt("the rank is not a number of at least 1", "r");
    config.rank = *rank;
    if (!json.contains("lora_alpha") || !json["lora_alpha"].is_number() ||
        !std::isfinite(json["lora_alpha"].get<double>()))
        return corrupt("the value is not a number", "lora_alpha");
    config.alpha = json["lora_alpha"].get<double>();
    config.rankStabilised = isSet(json, "use_rslora");
    config.transposed = isSet(json, "fan_in_fan_out");
    // Which weights are changed is read from the names of the tensors: the list may be a pattern.
    if (json.contains("target_modules") && json["target_modules"].is_array())
        for (const Json& module : json["target_modules"])
            if (module.is_string())
                config.modules.push_back(module.get<std::string>());
    if (!json.contains("base_model_name_or_path") || !json["base_model_name_or_path"].is_string())
        return corrupt("the adapter does not say which model it belongs to",
                       "base_model_name_or_path");
    const std::string base = json["base_model_name_or_path"].get<std::string>();
    config.baseModel = fs::path(base).is_absolute() ? fs::path(base) : folder / base;
    if (!isFile(config.baseModel / "config.json"))
        return Error{.code = ErrorCode::NotFound,
                     .message = "the model \"" + base +
                                "\" that the adapter belongs to is not "
                                "on this machine",
                     .context = file.string() + ": base_model_name_or_path",
                     .remedy = "write the folder of that model there"};
    return config;
}

Status writeLoraConfig(const LoraConfig& config, const fs::path& folder)
{
    return writeJsonFile(folder / kConfigFile,
                         {{"peft_type", "LORA"},
                          {"task_type", "CAUSAL_LM"},
                          {"base_model_name_or_path", config.baseModel.string()},
                          {"r", config.rank},
                          {"lora_alpha", config.alpha},
                          {"lora_dropout", 0.0},
                          {"use_rslora", config.rankStabilised},
                          {"fan_in_fan_out", config.transposed},
                          {"bias", "none"},
                          {"inference_mode", true},
                          {"target_modules", config.modules}});
}

Result<fs::path> baseFolder(const fs::path& model)
{
    if (!isAdapterFolder(model))
        return model;
    const Result<LoraConfig> config = readLoraConfig(model);
    if (!config)
        return config.error();
    return config->baseModel;
}

fs::path tokenizerFolder(const fs::path& model)
{
    if (!isAdapterFolder(model))
        return model;
    if (const auto own = tokenizerFiles(model); own && !own->format.empty())
        return model;
    const Result<LoraConfig> config = readLoraConfig(model);
    return config ? config->baseModel : model;
}

std::string loraName(const std::string& module, char matrix)
{
    return "base_model.model." + module + ".lora_" + matrix + ".weight";
}

std::vector<WeightSlot> adaptableSlots(const DecoderConfig& config)
{
    constexpr std::string_view kEnd = ".weight";
    std::vector<WeightSlot> slots;
    for (WeightSlot& slot : weightSlots(config)) {
        if (slot.shape.size() != 2 || !slot.name.starts_with(config.names.blocks + "."))
            continue;
        slot.name.resize(slot.name.size() - kEnd.size());
        slots.push_back(std::move(slot));
    }
    return slots;
}

} // namespace lacuna
