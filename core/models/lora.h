#pragma once

#include "core/base/result.h"
#include "core/models/adapter_files.h"
#include "core/models/decoder.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

/// Gives \p decoder a new adapter on \p modules (names without ".weight", as adaptableSlots() has
/// them): A as PEFT starts it, uniform within 1 / sqrt(in), B zero, so that nothing changes yet.
/// \return the names of the adapter's parameters
std::vector<std::string> addAdapter(Decoder& decoder, const LoraConfig& config,
                                    const std::vector<std::string>& modules, std::uint64_t seed);

/// Gives \p decoder the adapter in \p folder; fails where its tensors do not fit the model.
[[nodiscard]] Status loadAdapter(Decoder& decoder, const LoraConfig& config,
                                 const std::filesystem::path& folder);

/// Writes adapter_config.json and adapter_model.safetensors as PEFT reads them, float32, and reads
/// them back.
[[nodiscard]] Status saveAdapter(const Decoder& decoder, const LoraConfig& config,
                                 const std::filesystem::path& folder);

} // namespace lacuna
