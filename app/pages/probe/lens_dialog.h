#pragma once

#include "app/cancellable_job.h"
#include "core/probe/answer_lens.h"
#include "core/store/records.h"

#include <QDialog>
#include <QString>

#include <vector>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace lacuna {

class HeatGrid;
class NoteLine;

/// Behind which block each model would say an answer: a map of the answer's words and the blocks
/// for every model, one above the other. Deletes itself.
class LensDialog : public QDialog {
    Q_OBJECT

public:
    /// A model as it is to be asked.
    struct Subject {
        ModelRole role = ModelRole::Original;
        QString folder;
        QString promptTemplate; ///< as AnswerLensRequest has it
    };

    /// \param subjects  one at least
    /// \param answer    to begin with; may be empty
    LensDialog(std::vector<Subject> subjects, QString prompt, const QString& answer,
               QWidget* parent);

    /// Ends what goes on first.
    void reject() override;

protected:
    void changeEvent(QEvent* event) override;

private:
    /// What is shown of one subject.
    struct View {
        QLabel* title;
        QLabel* reading;
        HeatGrid* grid;
    };
    using Found = std::vector<AnswerLens>; ///< by subject; empty: cancelled

    void build();
    View addView(QVBoxLayout& layout, std::size_t index);
    void look();
    void take(const Result<Found>& found);
    void showState();
    void showResults();
    void showResult(const View& view, const AnswerLens& lens) const;
    void retranslate();

    std::vector<Subject> m_subjects;
    QString m_prompt;
    QLabel* m_explanation;
    QLabel* m_question;
    QLabel* m_answerTitle;
    QLineEdit* m_answer;
    NoteLine* m_problem;
    QWidget* m_results;
    QLabel* m_legend;
    QProgressBar* m_progress;
    QPushButton* m_look;
    QPushButton* m_close;
    std::vector<View> m_views;
    Found m_found;
    CancellableJob m_job; // last: its answers use the rest
};

} // namespace lacuna
