#pragma once

#include "core/base/params.h"
#include "core/run/recipe.h"

#include <QString>

#include <map>
#include <string>
#include <vector>

/// The plain values of a recipe as forms see them: parts of its JSON form, described by specs.
namespace lacuna {

struct RecipeSection {
    std::string key; ///< of the object in the recipe; empty: the recipe itself
    std::vector<ParamSpec> specs;
    std::map<std::string, QString> titles;
};

/// What a newcomer may want to change, and the rest of it.
[[nodiscard]] RecipeSection basicTraining();
[[nodiscard]] RecipeSection moreTraining();
[[nodiscard]] RecipeSection evaluationSection();
[[nodiscard]] RecipeSection scopeSection();
[[nodiscard]] RecipeSection checkpointSection();
/// Seed, device, threads and the type of the resulting file.
[[nodiscard]] RecipeSection machineSection();

[[nodiscard]] Json valuesOf(const RecipeSection& section, const Recipe& recipe);
/// \p recipe with \p values in place of those of the section, read as a recipe file is.
[[nodiscard]] Result<Recipe> withValues(const RecipeSection& section, const Recipe& recipe,
                                        const Json& values);

} // namespace lacuna
