#pragma once

#include "core/base/json.h"
#include "core/models/config.h"
#include "core/models/families/config_reader.h"

namespace lacuna {

/// What the configs of Llama, Mistral, Qwen and Gemma have in common. Keys that are absent take the
/// values that Hugging Face's configuration classes give them.
[[nodiscard]] DecoderConfig readLlamaLike(ConfigReader& reader, bool tiedByDefault = false);
[[nodiscard]] OrderedJson writeLlamaLike(const DecoderConfig& config, const char* modelType);

/// "sliding_window", null for none.
void readWindow(ConfigReader& reader, DecoderConfig& out, std::optional<std::int64_t> fallback);
void writeWindow(const DecoderConfig& config, OrderedJson& json);

} // namespace lacuna
