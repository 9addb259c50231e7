#pragma once

#include "app/probe_service.h"

#include <QFrame>
#include <QStringList>

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace lacuna {

class ElidedLabel;
class PromptEdit;
class PromptTemplateBox;
class Settings;
class SuggestionRow;

/// The question and how it is to be answered. Remembers its settings, and what was asked since the
/// program started.
class QuestionForm : public QFrame {
    Q_OBJECT

public:
    explicit QuestionForm(Settings& settings, QWidget* parent = nullptr);

    [[nodiscard]] ProbeQuestion question() const;
    /// The template that was chosen for every model; empty: each as it was trained.
    [[nodiscard]] QString promptTemplate() const;
    [[nodiscard]] bool isRaw() const;

    void setPrompt(const QString& prompt);
    void setAnswering(bool answering);
    /// \param reason  why nothing can be asked; empty: it can
    void setAskable(const QString& reason);
    /// \param reason  why no model has a template of its own; empty: one has
    void setModelTemplate(const QString& reason);
    /// The experiment's own questions.
    void setPinned(const QStringList& prompts);
    /// Asks what stands in the box, as Enter does.
    void submit();

Q_SIGNALS:
    void asked(const lacuna::ProbeQuestion& question);
    void stopRequested();
    void pinRequested(const QString& prompt);
    void lensRequested();
    void templateChosen();

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();
    void connectControls();
    void restore();
    void retranslate();
    void fillTemplates();
    void updateButtons();
    void updateNote();
    [[nodiscard]] QString prompt() const;

    Settings& m_settings;
    QLabel* m_title;
    PromptEdit* m_edit;
    QPushButton* m_askButton;
    QPushButton* m_pinButton;
    QPushButton* m_lensButton;
    SuggestionRow* m_suggestions;
    QLabel* m_tokensLabel;
    QSpinBox* m_tokensBox;
    QLabel* m_temperatureLabel;
    QDoubleSpinBox* m_temperatureBox;
    QLabel* m_seedLabel;
    QSpinBox* m_seedBox;
    QLabel* m_templateLabel;
    PromptTemplateBox* m_templateBox;
    ElidedLabel* m_note;
    QStringList m_pinned;
    QStringList m_asked; ///< newest first
    QString m_notAskable;
    bool m_answering = false;
};

} // namespace lacuna
