#pragma once

#include "core/probe/answer.h"
#include "core/store/records.h"

#include <QFrame>
#include <QString>

#include <vector>

class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace lacuna {

class AnswerDiff;
class ElidedLabel;
class FactorSlider;
class TokenHeatMap;

/// One model's answer in the probe pane: who answers, how far it is, the text or its tokens. What
/// arrives is kept at once and shown by refresh(), so that a fast model costs no layout per token.
class ProbeColumn : public QFrame {
    Q_OBJECT

public:
    enum class State : std::uint8_t {
        Unavailable,
        Idle,
        Waiting,
        Loading, ///< its model is read from the folder
        Answering,
        Done,
        Stopped,
        Failed
    };
    enum class View : std::uint8_t { Text, Tokens };

    explicit ProbeColumn(ModelRole role, QWidget* parent = nullptr);

    [[nodiscard]] ModelRole role() const { return m_role; }
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const QString& text() const { return m_text; }
    [[nodiscard]] const std::vector<ProbeAnswer::Token>& tokens() const { return m_tokens; }
    /// Whether more of the answer may come.
    [[nodiscard]] bool isOpen() const;
    /// Whether there is something to compare with.
    [[nodiscard]] bool hasAnswer() const;
    [[nodiscard]] AnswerDiff* diff() const { return m_diff; }
    [[nodiscard]] TokenHeatMap* heatMap() const { return m_heatMap; }

    void clear();
    void start();
    void showLoading();
    void appendToken(const ProbeAnswer::Token& token, const QString& textSoFar);
    void finish(const ProbeAnswer& answer, qint64 step);
    void fail(const QString& reason);
    /// What an open answer ends with from now on counts as stopped.
    void expectStop();
    void setAvailable(bool available, const QString& reason);
    void setModel(const QString& caption, const QString& toolTip);
    /// How questions are put to the model: a line under its name. Empty: no line.
    /// \param warns  it is not how they were meant to be
    void setTemplate(const QString& text, const QString& toolTip, bool warns);
    /// Offers to answer with more or less of what was done to the model; the unlearned column only.
    /// \param reason  why it cannot; empty: it can
    void setScalable(const QString& reason);
    /// Does not emit amountChanged().
    void setAmount(double factor);
    void setModelEditable(bool editable);
    void setView(View view);
    /// Shows what has arrived since, beside \p partner where that has an answer.
    void refresh(const ProbeColumn* partner);

Q_SIGNALS:
    void chooseModelRequested();
    void clearModelRequested();
    void folderDropped(const QString& folder);
    void amountChanged(double factor); ///< by the person
    /// Given to screen readers: one or more whole sentences, or the rest of a finished answer.
    void announced(const QString& sentences);

protected:
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildHeader(QVBoxLayout& layout);
    void retranslate();
    void setState(State state);
    void showState();
    void showBody();
    void refreshText(const ProbeColumn* partner);
    void refreshTokens();
    void announceSentences();
    [[nodiscard]] QString stateText() const;
    [[nodiscard]] QString countText() const;
    [[nodiscard]] QString bodyText() const;

    ModelRole m_role;
    State m_state = State::Idle;
    View m_view = View::Text;
    QString m_text;
    std::vector<ProbeAnswer::Token> m_tokens;
    QString m_unavailable; ///< why there is no model
    QString m_failed;      ///< why the answer failed
    QString m_caption;
    QString m_unscalable; ///< why the adapter cannot be scaled
    qint64 m_step = -1;
    bool m_available = true;
    bool m_refused = false; ///< a guardrail's refusal is the text
    bool m_atLimit = false; ///< the answer ended because it was long enough
    bool m_stopExpected = false;
    bool m_editable = false;
    bool m_templateWarns = false;
    std::size_t m_tokensShown = 0;
    qsizetype m_announced = 0; ///< characters

    QLabel* m_name;
    QLabel* m_evidence; ///< says what its answers do not show; of the guarded column only
    QLabel* m_stateLabel;
    ElidedLabel* m_modelLabel;
    ElidedLabel* m_templateLabel;
    QToolButton* m_chooseButton;
    QToolButton* m_clearButton;
    QLabel* m_failure;
    QStackedWidget* m_body;
    QLabel* m_message;
    QPushButton* m_messageButton;
    AnswerDiff* m_diff;
    TokenHeatMap* m_heatMap;
    FactorSlider* m_amount;
};

} // namespace lacuna
