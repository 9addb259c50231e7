#pragma once

#include "app/pages/page.h"
#include "app/probe_service.h"
#include "app/services.h"
#include "core/probe/phrasing.h"
#include "core/store/records.h"

#include <QString>

#include <array>
#include <optional>
#include <set>

class QLabel;
class QPushButton;
class QShortcut;
class QStackedWidget;

namespace lacuna {

class GuardrailForm;
class ProbePane;
class QuestionForm;

/// One question to original, unlearned and reference model, and to the original behind a guardrail
/// where one is chosen, answers side by side. Works during a run too, which then answers for the
/// unlearned model.
///
/// Until the person chooses others, the models are the experiment's: the recipe's, the result of
/// the last run, the recipe's reference.
class ProbePage : public Page {
    Q_OBJECT

public:
    explicit ProbePage(Services& services, QWidget* parent = nullptr);

    void shown() override;
    /// As if the person had typed and asked it.
    void ask(const QString& prompt);

protected:
    void changeEvent(QEvent* event) override;

private:
    using Folders = std::array<QString, 3>; ///< by role

    QWidget* buildEmptyState();
    void connectForm();
    void connectPane();
    void connectServices();
    void retranslate();

    void updateModels();
    void updateColumns();
    void updateStep();
    void updatePinned();
    /// Reads on the background thread what the models' folders tell of how to ask them.
    void lookAtFolders();
    void showTemplates();
    void showAmount();
    void useAmount(double factor);
    void useGuardrail();
    void showGuarded();
    void showTemplate(ModelRole role);
    void showSent(ModelRole role, const SentPrompt& sent);
    /// What would be sent, as far as the model's folder is known.
    [[nodiscard]] SentPrompt expectedPrompt(ModelRole role) const;
    /// The template that the model of \p role is asked in; empty: as its folder says.
    [[nodiscard]] QString templateOf(ModelRole role) const;
    [[nodiscard]] bool isOfRun(ModelRole role) const;
    [[nodiscard]] Folders defaultFolders() const;
    [[nodiscard]] QString captionOf(ModelRole role) const;
    void chooseModel(ModelRole role);
    void setModel(ModelRole role, const QString& folder);

    void start(const ProbeQuestion& question);
    void stop();
    /// Opens the lens on every model with a folder.
    void lookInside();
    /// Whether a signal of the service belongs to the question on screen.
    [[nodiscard]] bool isCurrent(std::uint64_t request);
    void finish(ModelRole role, const ProbeAnswer& answer, qint64 step);
    void fail(ModelRole role, const Error& error);
    void close(ModelRole role);
    void showAnswering();

    Services& m_services;
    QuestionForm* m_form;
    GuardrailForm* m_guardrail;
    QStackedWidget* m_stack;
    ProbePane* m_pane;
    QLabel* m_emptyTitle;
    QLabel* m_emptyText;
    QPushButton* m_emptyChoose;
    QPushButton* m_emptySetup;
    QShortcut* m_stopShortcut;

    Folders m_defaults;
    Folders m_folders; ///< what the person sees and the service has
    bool m_modelsSet = false;
    Folders m_lookedAt;                                ///< of m_looks
    std::array<std::optional<AskedFolder>, 3> m_looks; ///< by role; nothing: not read yet
    std::array<std::optional<SentPrompt>, 4> m_sent;   ///< by role, of the question on screen
    ProbeQuestion m_question;
    QString m_originalAnswer; ///< to m_question; empty: not yet
    std::uint64_t m_request = 0;
    std::set<ModelRole> m_open; ///< asked, and not at their end
    bool m_asking = false;      ///< inside ask(), which answers before it returns its token
};

} // namespace lacuna
