#pragma once

#include "app/pages/setup/setup_card.h"
#include "core/run/plan.h"

#include <optional>

class QLabel;
class QLineEdit;

namespace lacuna {

class FactTable;
class Fold;
class RecipePanel;

/// What the run will do and need, before any weight is read, and the recipe that says so.
class PlanCard final : public SetupCard {
    Q_OBJECT

public:
    explicit PlanCard(Services& services, QWidget* parent = nullptr);

    void follow(const Recipe& recipe) override;
    /// \param plan     nothing: it is not known (yet)
    /// \param working  it, or that of another run, is being worked out
    /// \param runs     how many the recipe makes; the plan is the first one's
    void setPlan(const std::optional<Result<Plan>>& plan, bool working, std::size_t runs);

protected:
    void retranslate() override;

private:
    void showPlan();
    void showNotes();
    void showTables(const Plan& plan);

    std::optional<Result<Plan>> m_plan;
    bool m_working = false;
    std::size_t m_runs = 0;
    QLabel* m_nameTitle = nullptr;
    QLineEdit* m_name = nullptr;
    QLabel* m_summary = nullptr;
    QWidget* m_notes = nullptr;
    QWidget* m_tables = nullptr;
    FactTable* m_corpora = nullptr;
    FactTable* m_memory = nullptr;
    Fold* m_overlapFold = nullptr;
    FactTable* m_overlap = nullptr;
    Fold* m_recipeFold = nullptr;
    RecipePanel* m_recipe = nullptr;
};

} // namespace lacuna
