#pragma once

#include "core/base/result.h"
#include "core/models/config.h"
#include "core/run/recipe.h"

#include <string>
#include <vector>

/// What a recipe's scope says about a model's weights, and how to say it.
namespace lacuna {

/// Which of \p slots a scope chooses by layer and module; all false when the modules fit none.
/// \return InvalidArgument for layers that the model does not have
[[nodiscard]] Result<std::vector<bool>> chosenSlots(const ScopeSpec& scope,
                                                    const DecoderConfig& config,
                                                    const std::vector<WeightSlot>& slots);

/// Those slots; none is an error.
[[nodiscard]] Result<std::vector<WeightSlot>> scopedSlots(const ScopeSpec& scope,
                                                          const DecoderConfig& config,
                                                          const std::vector<WeightSlot>& slots);

/// The two texts of a scope.
struct ScopeText {
    std::string layers = "all";
    std::vector<std::string> modules = {};

    bool operator==(const ScopeText&) const = default;
};

/// The simplest scope that chooses exactly the slots for which \p chosen is true, one at least:
/// layers and parts of module names where the same modules are chosen in each of some blocks;
/// otherwise whole blocks and modules of every block by a part of their names, and the rest by
/// their full names.
[[nodiscard]] ScopeText scopeText(const std::vector<bool>& chosen, const DecoderConfig& config,
                                  const std::vector<WeightSlot>& slots);

/// The description of the model that a recipe starts from, by its config alone. The vocabulary of
/// a new model whose tokenizer is trained by the run is the one that is asked for.
[[nodiscard]] Result<DecoderConfig> modelOf(const Recipe& recipe);

} // namespace lacuna
