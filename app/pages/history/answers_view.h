#pragma once

#include "core/store/records.h"

#include <QWidget>

#include <array>
#include <cstdint>
#include <vector>

class QBoxLayout;
class QLabel;
class QListWidget;
class QSlider;

namespace lacuna {

class AnswerDiff;

/// The answers to pinned prompts: original, unlearned at the step that a slider chooses, and
/// reference.
class AnswersView : public QWidget {
    Q_OBJECT

public:
    explicit AnswersView(QWidget* parent = nullptr);

    /// The prompt that was chosen stays so, if it is there.
    void setAnswers(std::vector<Answer> answers);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Pane {
        QWidget* widget = nullptr;
        QLabel* name = nullptr;
        AnswerDiff* text = nullptr;
    };

    [[nodiscard]] QWidget* makeComparison();
    [[nodiscard]] Pane makePane(ModelRole role, const char* name);
    void retranslate();
    void showAnswers();
    /// The newest up to \p step; null: none.
    [[nodiscard]] const Answer* answer(ModelRole role, std::int64_t step) const;
    [[nodiscard]] std::int64_t chosenStep() const;

    std::vector<Answer> m_answers;
    std::vector<std::int64_t> m_steps; ///< at which the unlearned model was asked, ascending
    QWidget* m_content;
    QListWidget* m_prompts;
    QBoxLayout* m_columns;
    QSlider* m_slider;
    QLabel* m_sliderName;
    QLabel* m_step;
    std::array<Pane, 3> m_panes; ///< by ModelRole
    QLabel* m_empty;
};

} // namespace lacuna
