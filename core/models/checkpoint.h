#pragma once

#include "core/base/result.h"
#include "core/models/decoder.h"
#include "core/models/weight_files.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace lacuna {

/// The tensor of \p slot under any of its storedNames(); null when there is none.
[[nodiscard]] const TensorEntry* findTensor(const DecoderConfig& config, const WeightFiles& weights,
                                            const WeightSlot& slot);
/// Whether a loaded decoder uses a tensor where the file keeps it, until it is trained.
[[nodiscard]] bool isMappable(const WeightSlot& slot, at::ScalarType stored, at::Device device,
                              at::ScalarType computeType);
/// Compares a folder's tensors with what \p config says there should be; the first missing or
/// ill-shaped one is named with the shape it should have.
[[nodiscard]] Status checkWeights(const DecoderConfig& config, const WeightFiles& weights,
                                  const std::filesystem::path& folder);

/// Reads config.json and the weights of a model folder into a decoder. Matrices that are stored in
/// the compute type stay in the mapped file. The folder of an adapter gives its base model with the
/// adapter on it, not merged.
/// \param cancelled  asked between tensors; true ends the load with an empty pointer
[[nodiscard]] Result<std::unique_ptr<Decoder>>
loadDecoder(const std::filesystem::path& folder, at::Device device, at::ScalarType computeType,
            const std::function<bool()>& cancelled = {});

/// Writes config.json and model.safetensors, an adapter merged in; then opens them again and
/// compares every element. A model that has diverged, or whose values are too large for \p type, is
/// refused unwritten. \param type  what the file holds: float32, float16 or bfloat16
[[nodiscard]] Status saveDecoder(const Decoder& decoder, const std::filesystem::path& folder,
                                 at::ScalarType type);

} // namespace lacuna
