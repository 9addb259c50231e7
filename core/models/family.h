#pragma once

#include "core/base/catalog.h"
#include "core/models/config.h"

#include <string>
#include <vector>

namespace lacuna {

/// A model family: how its config.json and its weight names describe the decoder.
struct FamilyInfo {
    std::string id;
    std::string title;
    std::string source;                     ///< paper or model card
    std::vector<std::string> architectures; ///< values of config.json's "architectures"
    std::string modelType;                  ///< config.json's "model_type"
    /// Checks every size; an option of the config that would change the numbers and is not
    /// implemented is an Unsupported error, never ignored.
    Result<DecoderConfig> (*read)(const Json& config);
    /// The config.json that read() takes back to the same description.
    OrderedJson (*write)(const DecoderConfig& config);
};

const Catalog<FamilyInfo>& families();

/// Finds the family by architecture, else by model_type, and reads the config.
/// \param place  the config's file name, for messages
[[nodiscard]] Result<DecoderConfig> readDecoderConfig(const Json& config, const std::string& place);

/// Every tensor that a model of this description has, in the order of its blocks. A tied head has
/// no slot of its own.
[[nodiscard]] std::vector<WeightSlot> weightSlots(const DecoderConfig& config);

/// The names under which a file may keep a slot: its own, and the one without the family's prefix,
/// as checkpoints of the bare decoder have it (those of GPT-2 above all).
[[nodiscard]] std::vector<std::string> storedNames(const DecoderConfig& config,
                                                   const WeightSlot& slot);

} // namespace lacuna
