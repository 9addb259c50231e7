#pragma once

#include "core/base/result.h"
#include "core/run/recipe.h"
#include "core/run/saliency_map.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lacuna {

class Decoder;
struct ScoredSample;

/// What of a recipe a map depends on, and nothing else of it: model, forget and retain set,
/// template, seed, machine, how samples are cut and passed. Two recipes that agree in this have the
/// same map.
[[nodiscard]] Recipe saliencyRecipe(const Recipe& recipe);

struct SaliencyRequest {
    Recipe recipe;                 ///< see saliencyRecipe()
    std::int64_t maxSamples = 128; ///< of each corpus, drawn by seed
};

/// Measures how strongly the forget and the retain set hold on to each weight of the model. As many
/// samples of each, because the mean gradient of fewer is larger by their noise alone. Loads the
/// model for the call and holds one gradient of each weight beside it.
///
/// \param proceed  progress in [0, 1]; false cancels, and the result is empty
/// \return InvalidArgument without a retain set, for a new model, and where the gradient is no
///         number or moves no block; OutOfMemory when the machine cannot hold it
[[nodiscard]] Result<std::optional<SaliencyMap>>
findSaliency(const SaliencyRequest& request, const std::function<bool(double)>& proceed);

/// Of each of weightSlots(), the sum of |g| |w| over its entries, g the gradient of the mean loss
/// of a token of \p samples. All weights of \p decoder are trained; their gradients are used up.
/// \return nothing when cancelled
[[nodiscard]] std::optional<std::vector<double>>
weightSaliency(Decoder& decoder, const TrainingSpec& training,
               const std::vector<ScoredSample>& samples,
               const std::function<bool(double)>& proceed);

} // namespace lacuna
