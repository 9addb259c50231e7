#include "app/pages/setup/recipe_form.h"

#include "app/workspace.h"

#include <nlohmann/json.hpp>

#include <QEvent>

namespace lacuna {

RecipeForm::RecipeForm(Workspace& workspace, MakeSection make, QWidget* parent)
    : ParamForm(parent), m_workspace(workspace), m_make(make)
{
    build();
    connect(this, &ParamForm::changed, this, [this] {
        if (!isValid())
            return;
        if (Result<Recipe> changed = withValues(m_section, m_workspace.recipe(), values()))
            m_workspace.setRecipe(std::move(changed).value());
    });
}

void RecipeForm::follow(const Recipe& recipe)
{
    // What stands there may say the same in other words: "q_proj," on the way to a second name.
    if (isValid())
        if (const Result<Recipe> said = withValues(m_section, recipe, values());
            said && said->toJson() == recipe.toJson())
            return;
    setValues(valuesOf(m_section, recipe));
}

void RecipeForm::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        build();
    ParamForm::changeEvent(event);
}

void RecipeForm::build()
{
    m_section = m_make();
    setSpecs(m_section.specs, m_section.titles);
}

} // namespace lacuna
