#include "widgets/text/probe_column.h"

#include "widgets/base/colors.h"
#include "widgets/base/dragged.h"
#include "widgets/base/theme.h"
#include "widgets/form/factor_slider.h"
#include "widgets/text/announcement.h"
#include "widgets/text/answer_diff.h"
#include "widgets/text/elided_label.h"
#include "widgets/text/marked_text.h"
#include "widgets/text/model_mark.h"
#include "widgets/text/token_flow.h"
#include "widgets/text/token_heat_map.h"
#include "widgets/text/token_text.h"

#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QMimeData>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMinWidth = 320;
constexpr int kMinAnswerHeight = 120;
constexpr int kButtonRoom = 16; ///< beside the words; the style leaves little

ColorRole stateColor(ProbeColumn::State state)
{
    switch (state) {
    case ProbeColumn::State::Done:
        return ColorRole::Success;
    case ProbeColumn::State::Stopped:
        return ColorRole::Warning;
    case ProbeColumn::State::Failed:
        return ColorRole::Error;
    case ProbeColumn::State::Answering:
        return ColorRole::Accent;
    default:
        return ColorRole::Secondary;
    }
}

void setTextColor(QWidget& label, ColorRole role)
{
    QPalette palette = label.palette();
    const QColor color = themeColor(role, *label.parentWidget());
    if (palette.color(QPalette::WindowText) == color)
        return;
    palette.setColor(QPalette::WindowText, color);
    label.setPalette(palette);
}

} // namespace

ProbeColumn::ProbeColumn(ModelRole role, QWidget* parent)
    : QFrame(parent), m_role(role), m_name(heading({}, 3)), m_evidence(new QLabel),
      m_stateLabel(new QLabel), m_modelLabel(new ElidedLabel(Qt::ElideMiddle)),
      m_templateLabel(new ElidedLabel(Qt::ElideRight)), m_chooseButton(new QToolButton),
      m_clearButton(new QToolButton), m_failure(new QLabel), m_body(new QStackedWidget),
      m_message(new QLabel), m_messageButton(new QPushButton), m_diff(new AnswerDiff),
      m_heatMap(new TokenHeatMap), m_amount(new FactorSlider)
{
    setProperty("card", true);
    setMinimumWidth(kMinWidth);
    setAcceptDrops(true);
    m_diff->setRole(role);
    m_diff->setMerged(false);
    m_diff->setControlsVisible(false);
    m_diff->view()->setMinimumHeight(kMinAnswerHeight);
    m_diff->view()->setAcceptDrops(false);
    m_heatMap->setControlsVisible(false);
    m_heatMap->flow()->setMinimumHeight(kMinAnswerHeight);
    m_failure->setObjectName(u"failureLabel"_s);
    m_failure->setWordWrap(true);
    m_failure->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_message->setObjectName(u"messageLabel"_s);
    m_message->setAlignment(Qt::AlignCenter);
    m_message->setWordWrap(true);
    m_messageButton->setObjectName(u"chooseModelHereButton"_s);

    auto* messagePage = new QWidget;
    auto* messageLayout = new QVBoxLayout(messagePage);
    messageLayout->addStretch();
    messageLayout->addWidget(m_message);
    messageLayout->addWidget(m_messageButton, 0, Qt::AlignHCenter);
    messageLayout->addStretch();
    m_body->addWidget(messagePage);
    m_body->addWidget(m_diff);
    m_body->addWidget(m_heatMap);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(8);
    buildHeader(*layout);
    layout->addWidget(m_failure);
    layout->addWidget(m_body, 1);
    layout->addWidget(m_amount);
    m_amount->setObjectName(u"adapterSlider"_s);
    m_amount->hide();
    connect(m_amount, &FactorSlider::factorChanged, this, &ProbeColumn::amountChanged);

    for (QAbstractButton* button : {static_cast<QAbstractButton*>(m_chooseButton),
                                    static_cast<QAbstractButton*>(m_messageButton)})
        connect(button, &QAbstractButton::clicked, this, &ProbeColumn::chooseModelRequested);
    connect(m_clearButton, &QAbstractButton::clicked, this, &ProbeColumn::clearModelRequested);
    setModelEditable(false);
    retranslate();
}

void ProbeColumn::buildHeader(QVBoxLayout& layout)
{
    m_evidence->setObjectName(u"evidenceLabel"_s);
    m_evidence->setWordWrap(true);
    if (m_role != ModelRole::Guarded)
        m_evidence->hide();
    m_stateLabel->setObjectName(u"stateLabel"_s);
    m_modelLabel->setObjectName(u"modelLabel"_s);
    m_modelLabel->setProperty("secondary", true);
    m_templateLabel->setObjectName(u"templateLabel"_s);
    m_templateLabel->hide();
    m_chooseButton->setObjectName(u"chooseModelButton"_s);
    m_chooseButton->setAutoRaise(true);
    m_chooseButton->setFocusPolicy(Qt::StrongFocus);
    m_chooseButton->setMinimumHeight(24);
    m_clearButton->setObjectName(u"clearModelButton"_s);
    m_clearButton->setAutoRaise(true);
    m_clearButton->setText(u"✕"_s);
    m_clearButton->setFocusPolicy(Qt::StrongFocus);
    m_clearButton->setMinimumSize(28, 24);

    auto* title = new QHBoxLayout;
    title->setSpacing(8);
    title->addWidget(new ModelMark(m_role));
    title->addWidget(m_name);
    title->addStretch();
    title->addWidget(m_chooseButton);
    title->addWidget(m_clearButton);
    auto* model = new QHBoxLayout;
    model->setSpacing(8);
    model->addWidget(m_modelLabel, 1);
    model->addWidget(m_stateLabel);
    layout.addLayout(title);
    layout.addWidget(m_evidence);
    layout.addLayout(model);
    layout.addWidget(m_templateLabel);
}

bool ProbeColumn::isOpen() const
{
    return m_state == State::Waiting || m_state == State::Loading || m_state == State::Answering;
}

bool ProbeColumn::hasAnswer() const
{
    return m_state == State::Done || m_state == State::Stopped || !m_text.isEmpty();
}

void ProbeColumn::clear()
{
    m_text.clear();
    m_tokens.clear();
    m_step = -1;
    m_atLimit = false;
    m_refused = false;
    m_stopExpected = false;
    m_announced = 0;
    m_tokensShown = 0;
    m_heatMap->clear();
    m_diff->setText({});
    m_failed.clear();
    setState(m_available ? State::Idle : State::Unavailable);
}

void ProbeColumn::start()
{
    clear();
    setState(State::Waiting);
}

void ProbeColumn::showLoading()
{
    if (m_state == State::Waiting)
        setState(State::Loading);
}

void ProbeColumn::appendToken(const ProbeAnswer::Token& token, const QString& textSoFar)
{
    m_tokens.push_back(token);
    m_text = textSoFar;
    if (m_state != State::Answering)
        setState(State::Answering);
}

void ProbeColumn::finish(const ProbeAnswer& answer, qint64 step)
{
    m_text = QString::fromStdString(answer.text);
    m_tokens = answer.tokens;
    m_tokensShown = m_tokens.size() < m_tokensShown ? 0 : m_tokensShown;
    m_step = step;
    m_atLimit = !answer.stopped;
    m_refused = answer.refused;
    setState(m_stopExpected && !answer.stopped ? State::Stopped : State::Done);
}

void ProbeColumn::fail(const QString& reason)
{
    m_failed = reason;
    setState(State::Failed);
}

void ProbeColumn::expectStop()
{
    m_stopExpected = isOpen();
}

void ProbeColumn::setAvailable(bool available, const QString& reason)
{
    m_available = available;
    m_unavailable = reason;
    if (!hasAnswer() && !isOpen() && m_state != State::Failed)
        setState(available ? State::Idle : State::Unavailable);
}

void ProbeColumn::setModel(const QString& caption, const QString& toolTip)
{
    m_caption = caption;
    m_modelLabel->setFullText(caption.isEmpty() ? tr("No model") : caption, toolTip);
    m_clearButton->setEnabled(!caption.isEmpty());
}

void ProbeColumn::setTemplate(const QString& text, const QString& toolTip, bool warns)
{
    m_templateWarns = warns;
    m_templateLabel->setFullText(text, toolTip);
    m_templateLabel->setVisible(!text.isEmpty());
    showState();
}

void ProbeColumn::setScalable(const QString& reason)
{
    m_unscalable = reason;
    m_amount->setUsable(reason, tr("How much of the unlearning answers: 0 is the original "
                                   "model, 1 what was trained, 2 twice that change. A double "
                                   "click brings 1 back."));
    m_amount->show();
}

void ProbeColumn::setAmount(double factor)
{
    m_amount->setFactor(factor);
}

void ProbeColumn::setModelEditable(bool editable)
{
    m_editable = editable;
    m_chooseButton->setVisible(editable && m_role != ModelRole::Guarded);
    m_clearButton->setVisible(editable);
    showBody();
}

void ProbeColumn::setView(View view)
{
    m_view = view;
    showBody();
}

void ProbeColumn::refresh(const ProbeColumn* partner)
{
    showState();
    showBody();
    if (m_view == View::Text)
        refreshText(partner);
    else
        refreshTokens();
    announceSentences();
}

void ProbeColumn::refreshText(const ProbeColumn* partner)
{
    if (partner && hasAnswer() && partner->hasAnswer())
        m_diff->setTexts(m_text, partner->text(), isOpen() || partner->isOpen());
    else
        m_diff->setText(m_text);
}

void ProbeColumn::refreshTokens()
{
    if (m_tokensShown == m_tokens.size())
        return;
    // A long answer that arrives at once is laid out once.
    if (m_tokensShown == 0)
        m_heatMap->setTokens(m_tokens);
    else
        for (std::size_t i = m_tokensShown; i < m_tokens.size(); ++i)
            m_heatMap->appendToken(m_tokens[i]);
    m_tokensShown = m_tokens.size();
}

void ProbeColumn::announceSentences()
{
    const qsizetype end = isOpen() ? sentencesEnd(m_text, m_announced) : m_text.size();
    if (end <= m_announced)
        return;
    const QString sentences = m_text.mid(m_announced, end - m_announced).trimmed();
    announce(*m_diff->view(), m_announced, sentences);
    m_announced = end;
    Q_EMIT announced(sentences);
}

void ProbeColumn::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    else if (event->type() == QEvent::PaletteChange)
        showState();
}

void ProbeColumn::dragEnterEvent(QDragEnterEvent* event)
{
    if (m_editable && !draggedFolder(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void ProbeColumn::dropEvent(QDropEvent* event)
{
    const QString folder = draggedFolder(*event->mimeData());
    if (!m_editable || folder.isEmpty())
        return;
    event->acceptProposedAction();
    Q_EMIT folderDropped(folder);
}

void ProbeColumn::retranslate()
{
    const QString name = modelName(m_role);
    m_name->setText(name);
    m_evidence->setText(tr("⚠ weights unchanged, knowledge still present"));
    m_evidence->setToolTip(tr("A guardrail changes what the model is asked, how it reads that, or "
                              "what is seen of its answer. The model itself is the original: this "
                              "is about behaviour alone."));
    setAccessibleName(name);
    m_diff->view()->setAccessibleName(tr("Answer: %1").arg(name));
    m_heatMap->flow()->setAccessibleName(tr("Tokens of the answer: %1").arg(name));
    m_chooseButton->setText(tr("Choose…"));
    m_chooseButton->setToolTip(tr("Choose a model folder"));
    m_chooseButton->setAccessibleName(tr("Choose a model folder: %1").arg(name));
    const QString without = m_role == ModelRole::Guarded ? tr("Ask without the guardrail")
                                                         : tr("Ask without this model");
    m_clearButton->setToolTip(without);
    m_clearButton->setAccessibleName(tr("%1: %2").arg(without, name));
    m_messageButton->setText(tr("Choose a folder…"));
    m_messageButton->setMinimumWidth(m_messageButton->sizeHint().width() + kButtonRoom);
    m_messageButton->setAccessibleName(tr("Choose a model folder: %1").arg(name));
    m_amount->setTitle(tr("Unlearning"));
    if (m_amount->isVisibleTo(this))
        setScalable(m_unscalable);
    setModel(m_caption, m_modelLabel->toolTip());
    showState();
    showBody();
}

void ProbeColumn::setState(State state)
{
    m_state = state;
    showState();
    showBody();
}

void ProbeColumn::showState()
{
    const QString text = stateText();
    if (m_stateLabel->text() != text)
        m_stateLabel->setText(text);
    m_stateLabel->setToolTip(hasAnswer() ? countText() : QString());
    setTextColor(*m_stateLabel, stateColor(m_state));
    setTextColor(*m_name, modelTextColor(m_role));
    setTextColor(*m_evidence, ColorRole::Warning);
    setTextColor(*m_templateLabel, m_templateWarns ? ColorRole::Warning : ColorRole::Secondary);
    setTextColor(*m_failure, ColorRole::Error);
    setTextColor(*m_message, m_state == State::Failed ? ColorRole::Error : ColorRole::Secondary);
}

/// The answer, or why there is none.
void ProbeColumn::showBody()
{
    const bool failed = m_state == State::Failed;
    m_failure->setVisible(failed && hasAnswer());
    m_failure->setText(m_failed);
    m_message->setText(bodyText());
    m_messageButton->setVisible(m_editable && m_state == State::Unavailable &&
                                m_role != ModelRole::Guarded);
    m_body->setCurrentIndex(!hasAnswer() ? 0 : m_view == View::Text ? 1 : 2);
    // A page that is not seen asks for no room.
    for (int i = 0; i < m_body->count(); ++i) {
        const bool seen = i == m_body->currentIndex();
        const auto policy = seen ? QSizePolicy::Preferred : QSizePolicy::Ignored;
        m_body->widget(i)->setSizePolicy(QSizePolicy::Preferred, policy);
    }
}

QString ProbeColumn::stateText() const
{
    const auto with = [this](const QString& word) {
        return m_step >= 0 ? tr("%1 · step %2").arg(word).arg(m_step) : word;
    };
    switch (m_state) {
    case State::Waiting:
        return tr("◌ waiting");
    case State::Loading:
        return tr("◌ loading");
    case State::Answering:
        return tr("▸ answering · %1").arg(countText());
    case State::Done:
        return with(m_refused   ? tr("✓ refused by the guardrail")
                    : m_atLimit ? tr("✓ cut at the limit")
                                : tr("✓ done"));
    case State::Stopped:
        return with(tr("■ stopped"));
    case State::Failed:
        return tr("✕ failed");
    case State::Unavailable:
        return m_role == ModelRole::Guarded ? tr("– not usable") : tr("– no model");
    case State::Idle:
        break;
    }
    return {};
}

QString ProbeColumn::countText() const
{
    return tr("%n tokens", nullptr, static_cast<int>(m_tokens.size()));
}

QString ProbeColumn::bodyText() const
{
    switch (m_state) {
    case State::Unavailable:
        return m_unavailable;
    case State::Failed:
        return m_failed;
    case State::Waiting:
        return tr("Waiting for the model…");
    case State::Loading:
        return m_role == ModelRole::Guarded ? tr("Preparing the guardrail…")
                                            : tr("Reading the model…");
    default:
        return tr("The answer will stand here.");
    }
}

} // namespace lacuna
