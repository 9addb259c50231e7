#pragma once

#include "core/models/safetensors.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

namespace lacuna {

[[nodiscard]] at::ScalarType torchType(ElementType type);
[[nodiscard]] ElementType elementType(at::ScalarType type);
/// A view of mapped bytes, valid while the file object lives; never written to.
[[nodiscard]] at::Tensor mappedTensor(const TensorEntry& entry);
[[nodiscard]] TensorToWrite tensorToWrite(std::string name, const at::Tensor& tensor,
                                          at::ScalarType type);

/// Whether no element is infinite or no number once it is in \p type. Takes a few megabytes,
/// however large the tensor.
[[nodiscard]] bool isFinite(const at::Tensor& tensor, at::ScalarType type);
/// Compares what \p path holds of a tensor with what was meant to be written, \p values in the
/// entry's type.
[[nodiscard]] Status checkReadBack(const TensorEntry& entry, const at::Tensor& values,
                                   const std::filesystem::path& path);

} // namespace lacuna
