#pragma once

#include "core/base/json.h"
#include "core/models/config.h"

namespace lacuna {

/// What the Llama and Mistral configs have in common. Keys that are absent take the values that
/// Hugging Face's configuration classes give them.
[[nodiscard]] Result<DecoderConfig> readLlamaLike(const Json& config);
[[nodiscard]] OrderedJson writeLlamaLike(const DecoderConfig& config);

} // namespace lacuna
