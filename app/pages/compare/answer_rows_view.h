#pragma once

#include "app/pages/compare/comparison.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QTableWidget;

namespace lacuna {

/// What the runs answered to the same prompt, one under the other, and where each leaves the
/// original's answer.
class AnswerRowsView : public QWidget {
    Q_OBJECT

public:
    explicit AnswerRowsView(QWidget* parent = nullptr);

    /// The prompt that was chosen stays so, if it is there.
    void show(const RunComparison& comparison);
    using QWidget::show;

Q_SIGNALS:
    void runChosen(lacuna::RunId id);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void fillPrompts();
    void fillAnswers();
    void fitRows();
    void addRow(const QString& who, const Answer& answer, const Answer* original, RunId run);

    RunComparison m_comparison;
    QLabel* m_promptName;
    QComboBox* m_prompts;
    QTableWidget* m_answers;
    QWidget* m_content;
    QLabel* m_empty;
};

} // namespace lacuna
