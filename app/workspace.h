#pragma once

#include "core/run/recipe.h"

#include <QObject>
#include <QString>

#include <functional>

namespace lacuna {

/// The experiment that is being set up: one recipe, which every page edits and follows. Kept across
/// starts by Application.
class Workspace : public QObject {
    Q_OBJECT

public:
    explicit Workspace(QObject* parent = nullptr);

    [[nodiscard]] const Recipe& recipe() const { return m_recipe; }
    void setRecipe(Recipe recipe);
    /// Changes some of it: `workspace.edit([&](Recipe& r) { r.model = path; });`
    void edit(const std::function<void(Recipe&)>& change);

    /// What a new experiment starts with: a method and training values that suit a small model.
    [[nodiscard]] static Recipe defaults();

Q_SIGNALS:
    void recipeChanged();

private:
    Recipe m_recipe;
};

} // namespace lacuna
