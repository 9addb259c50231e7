#pragma once

#include "core/base/result.h"
#include "core/models/threads.h"

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>

namespace lacuna {

/// "auto" (the first GPU, else the processor), "cpu", "cuda" or "cuda:N".
[[nodiscard]] Result<c10::Device> resolveDevice(const std::string& name);

/// "auto", "float32", "bfloat16" or "float64" to the type that products are computed in. Auto takes
/// bfloat16 where the hardware multiplies it (CUDA, AMX, AVX-512 BF16), float32 elsewhere.
[[nodiscard]] Result<c10::ScalarType> resolvePrecision(const std::string& name, c10::Device device);
[[nodiscard]] std::string precisionName(c10::ScalarType type);
[[nodiscard]] bool cpuMultipliesBfloat16();

} // namespace lacuna
