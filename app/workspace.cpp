#include "app/workspace.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace lacuna {

Workspace::Workspace(QObject* parent) : QObject(parent), m_draft{.recipe = defaults()} {}

void Workspace::open(RecipeDraft draft)
{
    m_draft = std::move(draft);
    ++m_experiment;
    Q_EMIT recipeChanged();
}

void Workspace::setRecipe(Recipe recipe)
{
    m_draft.recipe = std::move(recipe);
    Q_EMIT recipeChanged();
}

void Workspace::setSeveral(Json several)
{
    m_draft.several = std::move(several);
    Q_EMIT recipeChanged();
}

void Workspace::edit(const std::function<void(Recipe&)>& change)
{
    change(m_draft.recipe);
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
