#pragma once

#include "core/base/result.h"
#include "core/exchange/progress.h"
#include "core/models/config.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

/// Where in a model its weights moved (unlearning reference 3.16, 3.18). Free of torch.
namespace lacuna {

/// The change of some weights w to w + d. Sums, so that changes add up over the parts of a model.
struct WeightChange {
    std::int64_t weights = 0;
    /// Of them different even once both are rounded to the coarser of the two files' types: what
    /// saving in another precision does to a weight is no change.
    std::int64_t changed = 0;
    double changeSquares = 0;   ///< sum of d^2
    double originalSquares = 0; ///< sum of w^2
    double largest = 0;         ///< |d|

    /// ||d|| / ||w||: 0 where nothing moved, infinite where only the original is all zeros.
    [[nodiscard]] double relative() const;
    [[nodiscard]] double changedShare() const;
    WeightChange& operator+=(const WeightChange& other);
};

struct WeightChangeMap {
    DecoderConfig config;
    std::vector<WeightChange> slots = {}; ///< of weightSlots(config)

    /// Of some of the slots together, such as a ModelPart's.
    [[nodiscard]] WeightChange of(const std::vector<std::size_t>& indices) const;
    [[nodiscard]] WeightChange whole() const;
};

/// Compares two models of the same family and shape weight by weight. Reads both through mapped
/// files a few megabytes at a time, so that the memory does not grow with the model; an adapter
/// counts as merged into its base.
/// \param original  folder, as \p result is
/// \return InvalidArgument for models of different families or shapes, and what WeightSource says;
///         nothing when cancelled
[[nodiscard]] Result<std::optional<WeightChangeMap>>
findWeightChanges(const std::filesystem::path& original, const std::filesystem::path& result,
                  Progress& progress);

} // namespace lacuna
