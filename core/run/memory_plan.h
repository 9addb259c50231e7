#pragma once

#include "core/base/machine_memory.h"
#include "core/base/result.h"
#include "core/models/config.h"
#include "core/run/recipe.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

struct CorpusPlan;
struct MethodReach;
struct MethodSpec;
struct WeightSlot;

struct MemoryItem {
    std::string what;
    double bytes = 0;
    /// Of files: the system takes the pages back where it needs them, and reads them again.
    bool pageCache = false;
};

/// Bytes of a model's weights, by where they are.
struct WeightBytes {
    double masters = 0; ///< float32, of what is trained or stored in another type
    double copies = 0;  ///< of those, for products in bfloat16
    double mapped = 0;  ///< page cache of the model's file
};

/// What decides how much memory a run takes.
struct MemoryNeed {
    const Recipe& recipe;
    const DecoderConfig& config;
    const MethodSpec& method;
    const MethodReach& reach;
    const std::vector<CorpusPlan>& corpora;
    /// Weights that are trained, or those that the adapter changes.
    const std::vector<WeightSlot>& slots;
    WeightBytes weights;
    std::int64_t trainedParameters = 0;
    double computeBytes = 4; ///< of a number in products
};

/// What a run holds when it holds most, in the middle of a step: each item is there at that time.
[[nodiscard]] std::vector<MemoryItem> memoryItems(const MemoryNeed& need);

/// What \p items come to.
[[nodiscard]] double totalBytes(const std::vector<MemoryItem>& items);

/// Why a run cannot fit, with what would make it fit; nothing when it can.
[[nodiscard]] std::optional<Error> memoryShortage(const std::vector<MemoryItem>& items,
                                                  const Recipe& recipe,
                                                  const MachineMemory& machine);
/// What will be slow, or leaves little room for others.
[[nodiscard]] std::vector<std::string> memoryWarnings(const std::vector<MemoryItem>& items,
                                                      const MachineMemory& machine);

} // namespace lacuna
