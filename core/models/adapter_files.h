#pragma once

#include "core/base/result.h"
#include "core/models/config.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

/// A low-rank adapter (LoRA, Hu et al. 2021, arXiv:2106.09685) as PEFT describes it in
/// adapter_config.json: y = W x + scale * B (A x), A [rank, in], B [out, rank].
struct LoraConfig {
    std::int64_t rank = 8;
    double alpha = 16;
    bool rankStabilised = false;      ///< scale is alpha / sqrt(rank) instead of alpha / rank
    std::filesystem::path baseModel;  ///< folder of the model that it changes
    std::vector<std::string> modules; ///< ends of the names of what it changes: "q_proj"
    bool transposed = false;          ///< the base keeps its matrices [in, out]

    [[nodiscard]] double scale(std::int64_t ofRank) const;
};

inline constexpr const char* kAdapterWeights = "adapter_model.safetensors";

/// Whether \p folder holds an adapter and no model of its own.
[[nodiscard]] bool isAdapterFolder(const std::filesystem::path& folder);
/// Reads adapter_config.json. The base model's path may be relative to \p folder.
/// \return Unsupported for an adapter of another kind or with parts that would change the numbers
///         and are not implemented, NotFound when the base model is not on this machine
[[nodiscard]] Result<LoraConfig> readLoraConfig(const std::filesystem::path& folder);
[[nodiscard]] Status writeLoraConfig(const LoraConfig& config, const std::filesystem::path& folder);

/// The folder whose config.json describes \p model: its own, or the base's when it is an adapter.
[[nodiscard]] Result<std::filesystem::path> baseFolder(const std::filesystem::path& model);
/// The folder whose tokenizer belongs to \p model: an adapter without one uses its base's.
[[nodiscard]] std::filesystem::path tokenizerFolder(const std::filesystem::path& model);

/// PEFT's names of an adapter's two matrices for the weight \p module (without ".weight").
[[nodiscard]] std::string loraName(const std::string& module, char matrix);

/// The matrices of a model's blocks that an adapter can change, by name without ".weight".
[[nodiscard]] std::vector<WeightSlot> adaptableSlots(const DecoderConfig& config);

} // namespace lacuna
