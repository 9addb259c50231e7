#pragma once

#include "app/pages/setup/setup_card.h"

#include <vector>

class QLabel;

namespace lacuna {

class AlternatesPicker;
class ControlsSection;
class Fold;
class MethodSection;
class RecipeForm;
struct RecipeSection;
class ScopePicker;
class SweepSection;
class TextList;

/// How to forget: method, training values, guards, and what is measured while it goes on.
class MethodCard final : public SetupCard {
    Q_OBJECT

public:
    explicit MethodCard(Services& services, QWidget* parent = nullptr);

    void follow(const Recipe& recipe) override;
    /// Of the first input that is refused; empty: all is in order.
    [[nodiscard]] QString problem() const;

protected:
    void retranslate() override;

private:
    [[nodiscard]] RecipeForm* addForm(QLayout* layout, RecipeSection (*make)());

    MethodSection* m_method = nullptr;
    AlternatesPicker* m_alternates = nullptr;
    std::vector<RecipeForm*> m_forms;
    QLabel* m_trainingTitle = nullptr;
    Fold* m_more = nullptr;
    ScopePicker* m_scope = nullptr;
    QLabel* m_controlsTitle = nullptr;
    ControlsSection* m_controls = nullptr;
    QLabel* m_probesTitle = nullptr;
    QLabel* m_probesHelp = nullptr;
    TextList* m_probes = nullptr;
    Fold* m_evaluation = nullptr;
    SweepSection* m_sweep = nullptr;
};

} // namespace lacuna
