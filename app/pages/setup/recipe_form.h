#pragma once

#include "app/pages/setup/recipe_sections.h"
#include "widgets/form/param_form.h"

namespace lacuna {

class Workspace;

/// A form for one section of the workspace's recipe: follows it and writes what is typed back.
class RecipeForm : public ParamForm {
    Q_OBJECT

public:
    using MakeSection = RecipeSection (*)();

    /// \param make  called anew when the language changes
    RecipeForm(Workspace& workspace, MakeSection make, QWidget* parent = nullptr);

    void follow(const Recipe& recipe);

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();

    Workspace& m_workspace;
    MakeSection m_make;
    RecipeSection m_section;
};

} // namespace lacuna
