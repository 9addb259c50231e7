#pragma once

#include "core/base/result.h"
#include "core/probe/model_host.h"
#include "core/run/event.h"
#include "core/store/records.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <array>
#include <cstdint>
#include <memory>

namespace lacuna {

class RunController;

struct ProbeQuestion {
    QString prompt;
    int maxNewTokens = 64;
    double temperature = 0; ///< 0: greedy
    double topP = 1;
    quint64 seed = 0;
    bool raw = false; ///< continue the text as it stands instead of asking it as a question
    /// What the question is put into, by role, the same with a guardrail as without; empty: see
    /// HostQuestion, and the run's own for the model of a run.
    std::array<QString, 3> templates = {};
};

/// Asks original, unlearned and reference model the same question. While a run goes on, the run
/// itself answers for the unlearned model between two micro-batches; otherwise the models are
/// loaded by a thread of their own and kept. Answers stream; a newer question replaces the older.
/// The original behind a guardrail is the same loaded model, and answers after the original.
class ProbeService : public QObject {
    Q_OBJECT

public:
    explicit ProbeService(RunController& run, QObject* parent = nullptr);
    ~ProbeService() override;

    /// Model folders; empty: that column has no model. The unlearned one is not needed while a run
    /// is active.
    void setModels(const QString& original, const QString& unlearned, const QString& reference);
    [[nodiscard]] bool isAvailable(ModelRole role) const;
    [[nodiscard]] bool isAnswering() const;

    /// How much of the unlearning a model uses from its next answer on, see ModelHost. Changed
    /// models begin with 1.
    void setAmount(ModelRole role, double amount);
    /// What stands before the original in a further column; an empty spec: there is none.
    void setGuardrail(const GuardrailRequest& guardrail);
    /// Asks every available model. \return the token that the signals carry
    std::uint64_t ask(const ProbeQuestion& question);
    /// Puts the last question to one model once more, under the same token; what it still answers
    /// is ended. Nothing happens when nothing was asked, and to a run's model.
    void askAgain(ModelRole role);
    /// Ends all answers within one token.
    void stop();

Q_SIGNALS:
    void modelsChanged();
    void answerStarted(std::uint64_t request, lacuna::ModelRole role);
    /// The column's model is read from its folder first.
    void modelLoading(std::uint64_t request, lacuna::ModelRole role);
    /// Before the first token; of a run's model, with its answer.
    void promptSent(std::uint64_t request, lacuna::ModelRole role, const lacuna::SentPrompt& sent);
    void tokenArrived(std::uint64_t request, lacuna::ModelRole role,
                      const lacuna::ProbeAnswer::Token& token, const QString& textSoFar);
    /// \param step  of the run when its model answered; -1 otherwise
    void answerFinished(std::uint64_t request, lacuna::ModelRole role,
                        const lacuna::ProbeAnswer& answer, qint64 step);
    void answerFailed(std::uint64_t request, lacuna::ModelRole role, const lacuna::Error& error);

private:
    struct Column {
        ModelRole role = ModelRole::Original;
        QString folder;
        std::shared_ptr<ModelHost> host;
        bool answering = false;
        bool waiting = false;    ///< for its host, which answers for another column
        std::uint64_t token = 0; ///< of its question, as the host knows it
    };

    [[nodiscard]] bool isOfRun(ModelRole role) const;
    [[nodiscard]] Column& column(ModelRole role)
    {
        return m_columns.at(static_cast<std::size_t>(role));
    }
    void put(Column& column);
    void putWaiting();
    void endWaiting();
    void poll();
    void take(Column& column, const HostEvent& event);
    void takeRunAnswer(const AnswerReady& ready);

    RunController& m_run;
    std::array<Column, 4> m_columns; ///< by role
    GuardrailRequest m_guardrail;
    QTimer m_timer;
    ProbeQuestion m_question;       ///< the newest
    std::uint64_t m_request = 0;    ///< its token; 0: nothing was asked yet
    std::uint64_t m_lastToken = 0;  ///< that a host was given
    std::uint64_t m_runRequest = 0; ///< the same as the run knows it; 0: nothing is asked of it
};

} // namespace lacuna
