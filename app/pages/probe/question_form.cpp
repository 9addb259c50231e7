#include "app/pages/probe/question_form.h"

#include "app/pages/probe/prompt_edit.h"
#include "app/pages/probe/suggestion_row.h"
#include "app/settings.h"
#include "widgets/form/prompt_template_box.h"
#include "widgets/text/elided_label.h"

#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <limits>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMostAsked = 50;

/// Stands in the settings, and among the templates, for none.
constexpr auto kRaw = "raw"_L1;

} // namespace

QuestionForm::QuestionForm(Settings& settings, QWidget* parent)
    : QFrame(parent), m_settings(settings), m_title(new QLabel), m_edit(new PromptEdit),
      m_askButton(new QPushButton), m_pinButton(new QPushButton), m_lensButton(new QPushButton),
      m_suggestions(new SuggestionRow), m_tokensLabel(new QLabel), m_tokensBox(new QSpinBox),
      m_temperatureLabel(new QLabel), m_temperatureBox(new QDoubleSpinBox), m_seedLabel(new QLabel),
      m_seedBox(new QSpinBox), m_templateLabel(new QLabel), m_templateBox(new PromptTemplateBox),
      m_note(new ElidedLabel(Qt::ElideRight))
{
    setProperty("card", true);
    m_edit->setObjectName(u"promptEdit"_s);
    m_askButton->setObjectName(u"askButton"_s);
    m_askButton->setProperty("primary", true);
    m_pinButton->setObjectName(u"pinButton"_s);
    m_lensButton->setObjectName(u"lensButton"_s);
    m_tokensBox->setObjectName(u"maxTokensBox"_s);
    m_tokensBox->setRange(1, 8192);
    m_temperatureBox->setObjectName(u"temperatureBox"_s);
    m_temperatureBox->setRange(0, 2);
    m_temperatureBox->setSingleStep(0.1);
    m_temperatureBox->setDecimals(2);
    m_seedBox->setObjectName(u"seedBox"_s);
    m_seedBox->setRange(0, std::numeric_limits<int>::max());
    m_templateBox->setObjectName(u"templateBox"_s);
    m_note->setObjectName(u"samplingNote"_s);
    m_note->setProperty("secondary", true);
    build();
    restore();
    connectControls();
    retranslate();
}

void QuestionForm::build()
{
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_askButton);
    buttons->addWidget(m_pinButton);
    buttons->addWidget(m_lensButton);
    buttons->addStretch();
    auto* question = new QHBoxLayout;
    question->setSpacing(16);
    question->addWidget(m_edit, 1);
    question->addLayout(buttons);

    auto* options = new QHBoxLayout;
    options->setSpacing(8);
    const auto add = [options](QLabel* label, QWidget* box) {
        label->setBuddy(box);
        options->addWidget(label);
        options->addWidget(box);
        options->addSpacing(8);
    };
    add(m_tokensLabel, m_tokensBox);
    add(m_temperatureLabel, m_temperatureBox);
    add(m_seedLabel, m_seedBox);
    add(m_templateLabel, m_templateBox);
    options->addWidget(m_note, 1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addLayout(question);
    layout->addWidget(m_suggestions);
    layout->addLayout(options);
    m_title->setBuddy(m_edit);
}

void QuestionForm::connectControls()
{
    connect(m_edit, &PromptEdit::submitted, this, &QuestionForm::submit);
    connect(m_edit, &QPlainTextEdit::textChanged, this, &QuestionForm::updateButtons);
    connect(m_askButton, &QPushButton::clicked, this, [this] {
        if (m_answering)
            Q_EMIT stopRequested();
        else
            submit();
    });
    connect(m_pinButton, &QPushButton::clicked, this, [this] { Q_EMIT pinRequested(prompt()); });
    connect(m_lensButton, &QPushButton::clicked, this, &QuestionForm::lensRequested);
    connect(m_suggestions, &SuggestionRow::chosen, this, [this](const QString& text) {
        setPrompt(text);
        submit();
    });
    connect(m_tokensBox, &QSpinBox::valueChanged, this,
            [this](int value) { m_settings.setValue(u"probe/max-tokens"_s, value); });
    connect(m_temperatureBox, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        m_settings.setValue(u"probe/temperature"_s, value);
        updateNote();
    });
    connect(m_seedBox, &QSpinBox::valueChanged, this,
            [this](int value) { m_settings.setValue(u"probe/seed"_s, value); });
    connect(m_templateBox, &QComboBox::activated, this, [this] {
        m_settings.setValue(u"probe/template"_s, m_templateBox->id());
        retranslate();
        Q_EMIT templateChosen();
    });
}

void QuestionForm::restore()
{
    m_tokensBox->setValue(m_settings.value(u"probe/max-tokens"_s, 64).toInt());
    m_temperatureBox->setValue(m_settings.value(u"probe/temperature"_s, 0.0).toDouble());
    m_seedBox->setValue(m_settings.value(u"probe/seed"_s, 0).toInt());
    // Earlier versions kept whether to ask raw, and nothing else.
    const bool raw = m_settings.value(u"probe/raw"_s, false).toBool();
    fillTemplates();
    m_templateBox->setId(
        m_settings.value(u"probe/template"_s, raw ? QString(kRaw) : QString()).toString());
    if (m_templateBox->currentIndex() < 0)
        m_templateBox->setId({});
}

ProbeQuestion QuestionForm::question() const
{
    const QString form = promptTemplate();
    return {.prompt = isRaw() ? m_edit->toPlainText() : prompt(),
            .maxNewTokens = m_tokensBox->value(),
            .temperature = m_temperatureBox->value(),
            .seed = static_cast<quint64>(m_seedBox->value()),
            .raw = isRaw(),
            .templates = {form, form, form}};
}

QString QuestionForm::promptTemplate() const
{
    return isRaw() ? QString() : m_templateBox->id();
}

bool QuestionForm::isRaw() const
{
    return m_templateBox->id() == kRaw;
}

void QuestionForm::setPrompt(const QString& text)
{
    m_edit->setPlainText(text);
}

void QuestionForm::setAnswering(bool answering)
{
    m_answering = answering;
    updateButtons();
}

void QuestionForm::setAskable(const QString& reason)
{
    m_notAskable = reason;
    updateButtons();
}

void QuestionForm::setModelTemplate(const QString& reason)
{
    m_templateBox->setModelTemplate(reason);
}

void QuestionForm::setPinned(const QStringList& prompts)
{
    m_pinned = prompts;
    m_suggestions->setSuggestions(prompts);
    updateButtons();
}

void QuestionForm::submit()
{
    if (prompt().isEmpty() || !m_notAskable.isEmpty())
        return;
    m_asked.removeAll(prompt());
    m_asked.prepend(prompt());
    if (m_asked.size() > kMostAsked)
        m_asked.removeLast();
    m_suggestions->setAsked(m_asked);
    Q_EMIT asked(question());
}

void QuestionForm::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void QuestionForm::retranslate()
{
    fillTemplates();
    const bool raw = isRaw();
    m_title->setText(raw ? tr("Text for the models to continue")
                         : tr("A question for every model"));
    m_edit->setPlaceholderText(
        raw ? tr("Begin a text; Enter lets the models go on, Shift+Enter "
                 "begins a new line")
            : tr("Ask something; Enter asks, Shift+Enter begins a new line"));
    m_edit->setAccessibleName(m_title->text());
    m_tokensLabel->setText(tr("Up to"));
    m_tokensBox->setSuffix(tr(" tokens"));
    m_tokensBox->setAccessibleName(tr("Most new tokens"));
    m_temperatureLabel->setText(tr("Temperature"));
    m_temperatureBox->setSpecialValueText(tr("greedy"));
    m_temperatureBox->setAccessibleName(tr("Temperature"));
    m_seedLabel->setText(tr("Seed"));
    m_seedBox->setAccessibleName(tr("Seed"));
    m_templateLabel->setText(tr("Template"));
    m_templateBox->setAccessibleName(tr("Template that questions are put into"));
    updateButtons();
    updateNote();
}

void QuestionForm::fillTemplates()
{
    m_templateBox->setFirst(
        {{.id = {},
          .title = tr("As trained"),
          .help = tr("Each model is asked in the template of the run that it comes from.")},
         {.id = kRaw,
          .title = tr("Raw prompt"),
          .help = tr("The models go on from your words as they stand.")}});
}

void QuestionForm::updateButtons()
{
    m_askButton->setText(m_answering ? tr("Stop") : tr("Ask"));
    const bool empty = prompt().isEmpty();
    m_askButton->setEnabled(m_answering || (!empty && m_notAskable.isEmpty()));
    m_askButton->setToolTip(m_answering               ? tr("Ends all answers (Esc)")
                            : !m_notAskable.isEmpty() ? m_notAskable
                            : empty                   ? tr("Type a question first")
                                                      : tr("Asks every model (Enter)"));
    m_lensButton->setText(tr("Look inside…"));
    m_lensButton->setEnabled(!empty && m_notAskable.isEmpty());
    m_lensButton->setToolTip(!m_notAskable.isEmpty() ? m_notAskable
                             : empty                 ? tr("Type a question first")
                                     : tr("Shows behind which block each model would say an answer "
                                          "to this question"));
    const bool pinned = m_pinned.contains(prompt());
    m_pinButton->setText(pinned ? tr("Pinned") : tr("Pin"));
    m_pinButton->setEnabled(!empty && !pinned);
    m_pinButton->setToolTip(
        pinned
            ? tr("This question is asked at every evaluation of a run")
            : tr("Adds the question to the experiment: it is asked at every evaluation of a run"));
}

void QuestionForm::updateNote()
{
    const bool greedy = m_temperatureBox->value() == 0;
    m_seedBox->setEnabled(!greedy);
    m_seedBox->setToolTip(greedy ? tr("Greedy answers need no seed") : QString());
    if (greedy)
        m_note->setFullText(tr("Greedy: same question, same answer"),
                            tr("Greedy answers take the likeliest token each time. That is the "
                               "default for comparing models: the same question gets the same "
                               "answer."));
    else
        m_note->setFullText(tr("Drawn: same seed, same answer"),
                            tr("Tokens are drawn by their probability; the same seed draws the "
                               "same again. For comparing models, greedy is the default."));
}

QString QuestionForm::prompt() const
{
    return m_edit->toPlainText().trimmed();
}

} // namespace lacuna
