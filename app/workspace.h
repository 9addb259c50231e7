#pragma once

#include "core/run/sweep.h"

#include <QObject>
#include <QString>

#include <functional>

namespace lacuna {

/// The experiment that is being set up: one recipe, which every page edits and follows, and what
/// makes several runs of it. Kept across starts by Application.
class Workspace : public QObject {
    Q_OBJECT

public:
    explicit Workspace(QObject* parent = nullptr);

    [[nodiscard]] const Recipe& recipe() const { return m_draft.recipe; }
    [[nodiscard]] const RecipeDraft& draft() const { return m_draft; }
    /// Another experiment in the place of this one.
    void open(RecipeDraft draft);
    /// How many have been opened: tells another experiment from one that was edited.
    [[nodiscard]] int experiment() const { return m_experiment; }
    /// The several runs stay.
    void setRecipe(Recipe recipe);
    /// See RecipeDraft::several.
    void setSeveral(Json several);
    /// Changes some of it: `workspace.edit([&](Recipe& r) { r.model = path; });`
    void edit(const std::function<void(Recipe&)>& change);

    /// What a new experiment starts with: a method and training values that suit a small model.
    [[nodiscard]] static Recipe defaults();

Q_SIGNALS:
    /// The recipe, or its several runs.
    void recipeChanged();

private:
    RecipeDraft m_draft;
    int m_experiment = 0;
};

} // namespace lacuna
