#pragma once

#include "core/base/comparison.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>

namespace lacuna {

enum class VerifyPrecision : std::uint8_t { Float32, BFloat16 };

/// Computes what a folder's expected.json and expected.safetensors record (logits, block
/// outputs, gradients, training losses, greedy text), or the per-token losses and greedy ids of an
/// expected.json alone, and compares. Tolerances are those of the fixtures' README in float32, and
/// what the rounding of products to 8 bits allows in bfloat16, where greedy text is not compared.
/// \param expected  folder that holds the recorded values
[[nodiscard]] Status verifyModel(const std::filesystem::path& model,
                                 const std::filesystem::path& expected, VerifyPrecision precision,
                                 const ComparisonSink& sink);

/// Replays the recorded training steps of every method in \p trajectory that Lacuna has, and
/// compares losses and gradient norms. A method that it does not have is reported as an error of
/// code Unsupported after all others were compared.
[[nodiscard]] Status verifyTrajectory(const std::filesystem::path& model,
                                      const std::filesystem::path& trajectory,
                                      const ComparisonSink& sink);

} // namespace lacuna
