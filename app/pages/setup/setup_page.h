#pragma once

#include "app/pages/page.h"
#include "app/pages/setup/start_bar.h"
#include "app/services.h"
#include "core/run/recipe.h"

#include <array>

class QLabel;
class QPushButton;
class QScrollArea;

namespace lacuna {

class DataCard;
class MethodCard;
class ModelCard;
class PlanCard;
class Planner;
class SetupCard;

/// Sets an experiment up: Model, Data, Method, Plan, and a foot that says what is missing. The
/// recipe in the workspace is the only state; the page shows and edits it.
///
/// Uses the actions "run.start", "file.lesson" and "file.open-recipe".
class SetupPage : public Page {
    Q_OBJECT

public:
    explicit SetupPage(Services& services, QWidget* parent = nullptr);
    ~SetupPage() override;

    void shown() override;
    /// What stands between the recipe and a run.
    [[nodiscard]] Readiness readiness() const;
    /// What stands on the page but not in the recipe, since it is written wrong; empty: nothing.
    [[nodiscard]] QString problem();

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void follow();
    void replan(const Recipe& recipe);
    void showReadiness();
    void goTo(Readiness::Item item);
    void retranslate();

    Services& m_services;
    bool m_stale = true;   ///< the recipe changed while the page was hidden
    std::string m_planned; ///< the recipe that the planner has, without its name
    QScrollArea* m_scroll = nullptr;
    QLabel* m_title = nullptr;
    QWidget* m_welcome = nullptr;
    QLabel* m_welcomeText = nullptr;
    QPushButton* m_lesson = nullptr;
    ModelCard* m_model = nullptr;
    DataCard* m_data = nullptr;
    MethodCard* m_method = nullptr;
    PlanCard* m_plan = nullptr;
    StartBar* m_start = nullptr;
    Planner* m_planner = nullptr;
};

} // namespace lacuna
