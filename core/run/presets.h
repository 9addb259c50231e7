#pragma once

#include "core/base/catalog.h"
#include "core/run/recipe.h"

#include <functional>
#include <string>

namespace lacuna {

/// Values that are known to work together: a method with how it is trained (unlearning reference
/// 5.8 and 8.5).
struct PresetInfo {
    std::string id;
    std::string title;
    std::string explanation; ///< for whom or what it is
    std::string provenance;  ///< where the values come from
    /// What it says of a recipe: "method", "training", "scope" and "controls", each as there.
    std::function<Json()> values;
};

const Catalog<PresetInfo>& presets();

/// \p recipe with what the preset says in the place of what it said; whatever the preset is silent
/// about stays.
[[nodiscard]] Result<Recipe> withPreset(const Recipe& recipe, const PresetInfo& preset);

} // namespace lacuna
