#include "app/workspace.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace lacuna {

Workspace::Workspace(QObject* parent) : QObject(parent), m_recipe(defaults()) {}

void Workspace::setRecipe(Recipe recipe)
{
    m_recipe = std::move(recipe);
    Q_EMIT recipeChanged();
}

void Workspace::edit(const std::function<void(Recipe&)>& change)
{
    change(m_recipe);
    Q_EMIT recipeChanged();
}

Recipe Workspace::defaults()
{
    Recipe recipe;
    recipe.method = {{"id", "npo"}, {"retain", {{"id", "nll"}}}};
    recipe.controls = Json::array({{{"id", "divergence-guard"}}});
    return recipe;
}

} // namespace lacuna
