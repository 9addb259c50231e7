#include "app/pages/history/answers_view.h"

#include "widgets/base/theme.h"
#include "widgets/text/answer_diff.h"
#include "widgets/text/model_mark.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// Narrower, three answers side by side could not be read.
constexpr int kStackedBelow = 900;
constexpr int kPromptWidth = 220;

std::size_t at(ModelRole role)
{
    return static_cast<std::size_t>(role);
}

} // namespace

AnswersView::AnswersView(QWidget* parent)
    : QWidget(parent), m_content(new QWidget), m_prompts(new QListWidget),
      m_columns(new QBoxLayout(QBoxLayout::LeftToRight)), m_slider(new QSlider(Qt::Horizontal)),
      m_sliderName(new QLabel), m_step(new QLabel), m_empty(secondaryText({}))
{
    m_prompts->setObjectName(u"answerPrompts"_s);
    m_prompts->setWordWrap(true);
    m_prompts->setSpacing(2);
    m_prompts->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_slider->setObjectName(u"answerStep"_s);
    m_slider->setTickPosition(QSlider::TicksBelow);
    m_slider->setTickInterval(1);
    m_slider->setPageStep(1);
    m_sliderName->setBuddy(m_slider);
    m_step->setObjectName(u"answerStepText"_s);

    auto* splitter = new QSplitter;
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_prompts);
    splitter->addWidget(makeComparison());
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kPromptWidth, 3 * kPromptWidth});
    auto* content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_content, 1);
    layout->addWidget(m_empty);
    layout->addStretch();

    connect(m_prompts, &QListWidget::currentRowChanged, this, &AnswersView::showAnswers);
    connect(m_slider, &QSlider::valueChanged, this, &AnswersView::showAnswers);
    retranslate();
    setAnswers({});
}

QWidget* AnswersView::makeComparison()
{
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_sliderName);
    row->addWidget(m_slider, 1);
    row->addWidget(m_step);
    m_columns->setSpacing(16);
    m_panes[at(ModelRole::Original)] = makePane(ModelRole::Original, "answerOriginal");
    m_panes[at(ModelRole::Current)] = makePane(ModelRole::Current, "answerUnlearned");
    m_panes[at(ModelRole::Reference)] = makePane(ModelRole::Reference, "answerReference");
    for (const Pane& pane : m_panes)
        m_columns->addWidget(pane.widget, 1);
    auto* comparison = new QWidget;
    auto* layout = new QVBoxLayout(comparison);
    layout->setContentsMargins(8, 4, 0, 0); // the handle of a slider is taller than its row
    layout->setSpacing(8);
    layout->addLayout(row);
    layout->addLayout(m_columns, 1);
    return comparison;
}

AnswersView::Pane AnswersView::makePane(ModelRole role, const char* name)
{
    Pane pane{.widget = new QWidget, .name = new QLabel, .text = new AnswerDiff};
    pane.text->setObjectName(QString::fromLatin1(name));
    pane.text->setRole(role);
    pane.text->setControlsVisible(false);
    pane.text->setMerged(false);
    auto* title = new QHBoxLayout;
    title->setSpacing(8);
    title->addWidget(new ModelMark(role));
    title->addWidget(pane.name, 1);
    auto* layout = new QVBoxLayout(pane.widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(title);
    layout->addWidget(pane.text, 1);
    return pane;
}

void AnswersView::resizeEvent(QResizeEvent* event)
{
    m_columns->setDirection(width() < kStackedBelow ? QBoxLayout::TopToBottom
                                                    : QBoxLayout::LeftToRight);
    QWidget::resizeEvent(event);
}

void AnswersView::setAnswers(std::vector<Answer> answers)
{
    const bool newest = m_slider->value() == m_slider->maximum();
    const std::int64_t step = chosenStep();
    const QString prompt = m_prompts->currentItem() ? m_prompts->currentItem()->text() : QString();
    m_answers = std::move(answers);
    m_steps.clear();
    QStringList prompts;
    for (const Answer& answer : m_answers) {
        if (answer.role == ModelRole::Current)
            m_steps.push_back(answer.step);
        if (const QString text = QString::fromStdString(answer.prompt); !prompts.contains(text))
            prompts << text;
    }
    std::sort(m_steps.begin(), m_steps.end());
    m_steps.erase(std::unique(m_steps.begin(), m_steps.end()), m_steps.end());
    {
        const QSignalBlocker quietList(m_prompts);
        const QSignalBlocker quietSlider(m_slider);
        m_prompts->clear();
        m_prompts->addItems(prompts);
        m_prompts->setCurrentRow(std::max(0, static_cast<int>(prompts.indexOf(prompt))));
        const int last = std::max(0, static_cast<int>(m_steps.size()) - 1);
        m_slider->setRange(0, last);
        const auto same = std::find(m_steps.begin(), m_steps.end(), step);
        m_slider->setValue(
            newest || same == m_steps.end() ? last : static_cast<int>(same - m_steps.begin()));
    }
    m_slider->setEnabled(m_steps.size() > 1);
    m_content->setVisible(!m_answers.empty());
    m_empty->setVisible(m_answers.empty());
    m_panes[at(ModelRole::Reference)].widget->setVisible(
        std::any_of(m_answers.begin(), m_answers.end(),
                    [](const Answer& one) { return one.role == ModelRole::Reference; }));
    showAnswers();
}

std::int64_t AnswersView::chosenStep() const
{
    const auto index = static_cast<std::size_t>(m_slider->value());
    return index < m_steps.size() ? m_steps[index] : 0;
}

const Answer* AnswersView::answer(ModelRole role, std::int64_t step) const
{
    if (!m_prompts->currentItem())
        return nullptr;
    const std::string prompt = m_prompts->currentItem()->text().toStdString();
    const Answer* newest = nullptr;
    for (const Answer& one : m_answers)
        if (one.role == role && one.prompt == prompt && one.step <= step &&
            (!newest || one.step >= newest->step))
            newest = &one;
    return newest;
}

void AnswersView::showAnswers()
{
    const std::int64_t step = chosenStep();
    m_step->setText(m_steps.empty() ? tr("not asked yet")
                                    : tr("step %1 of %2").arg(step).arg(m_steps.back()));
    m_slider->setAccessibleDescription(m_step->text());
    const Answer* original = answer(ModelRole::Original, step);
    const Answer* unlearned = answer(ModelRole::Current, step);
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference}) {
        const Answer* one = answer(role, step);
        AnswerDiff* view = m_panes[at(role)].text;
        const QString text = one ? QString::fromStdString(one->text) : QString();
        // Each of the two shows its own words, with those marked that the other does not say.
        if (role == ModelRole::Current && one && original)
            view->setTexts(text, QString::fromStdString(original->text));
        else if (role == ModelRole::Original && one && unlearned)
            view->setTexts(text, QString::fromStdString(unlearned->text));
        else
            view->setText(text);
    }
}

void AnswersView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void AnswersView::retranslate()
{
    m_prompts->setAccessibleName(tr("Prompts"));
    m_sliderName->setText(tr("&Unlearned at"));
    m_slider->setAccessibleName(tr("Step of the unlearned model's answer"));
    m_empty->setText(tr("No prompt was pinned for this run. Pin prompts in the setup, and the run "
                        "asks them each time it measures."));
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference})
        m_panes[at(role)].name->setText(modelName(role));
    showAnswers();
}

} // namespace lacuna
