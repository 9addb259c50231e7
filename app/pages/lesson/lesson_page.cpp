#include "app/pages/lesson/lesson_page.h"

#include "widgets/base/theme.h"

#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMaxWidth = 760;

/// A frame that can be clicked anywhere.
class ChoiceCard : public QFrame {
public:
    ChoiceCard() { setProperty("card", true); }

    QRadioButton* choice = new QRadioButton(this);

protected:
    void mousePressEvent(QMouseEvent*) override { choice->click(); }
};

} // namespace

LessonPage::LessonPage(QWidget* parent)
    : Page(parent), m_title(heading({}, 1)), m_intro(secondaryText({})), m_question(new QLabel),
      m_slider(new QSlider(Qt::Horizontal)), m_guessText(secondaryText({})), m_run(new QPushButton),
      m_setup(new QPushButton)
{
    setObjectName(u"lessonPage"_s);
    auto* column = new QWidget;
    column->setMaximumWidth(kMaxWidth);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(16);
    layout->addWidget(m_title);
    layout->addWidget(m_intro);
    auto* cards = new QVBoxLayout;
    cards->setSpacing(16);
    layout->addLayout(cards);
    layout->addLayout(makeGuess());
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_run);
    buttons->addWidget(m_setup);
    buttons->addStretch();
    layout->addLayout(buttons);
    layout->addStretch();
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(column, 1);
    all->addStretch();
    for (const auto& [id, recipe] :
         {std::pair{u"forgetTwoPeople"_s, u"lesson.json"_s},
          std::pair{u"forgettingTooHard"_s, u"lesson-too-hard.json"_s}}) {
        addLesson(id, recipe);
        cards->addWidget(m_entries.back().choice->parentWidget());
    }
    m_entries.front().choice->setChecked(true);
    m_run->setObjectName(u"startLessonButton"_s);
    m_run->setProperty("primary", true);
    m_setup->setObjectName(u"setUpLessonButton"_s);
    connect(m_run, &QPushButton::clicked, this, [this] { Q_EMIT runRequested(chosen(), m_guess); });
    connect(m_setup, &QPushButton::clicked, this, [this] { Q_EMIT setupRequested(chosen()); });
    retranslate();
}

QLayout* LessonPage::makeGuess()
{
    m_question->setWordWrap(true);
    m_question->setBuddy(m_slider);
    m_slider->setObjectName(u"guess"_s);
    m_slider->setRange(0, 100);
    m_slider->setSingleStep(1);
    m_slider->setPageStep(10);
    m_slider->setValue(50);
    m_guessText->setObjectName(u"guessText"_s);
    m_guessText->setWordWrap(false);
    connect(m_slider, &QSlider::valueChanged, this, [this](int percent) {
        m_guess = percent / 100.0;
        showGuess();
    });
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    row->addWidget(m_slider, 1);
    row->addWidget(m_guessText);
    auto* all = new QVBoxLayout;
    all->setSpacing(4);
    all->addWidget(m_question);
    all->addLayout(row);
    return all;
}

void LessonPage::showGuess()
{
    m_guessText->setText(m_guess ? tr("%1 %").arg(m_slider->value()) : tr("no guess yet"));
    m_slider->setAccessibleDescription(m_guessText->text());
}

void LessonPage::addLesson(const QString& id, const QString& recipe)
{
    auto* card = new ChoiceCard;
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    QRadioButton* choice = card->choice;
    choice->setObjectName(id);
    choice->setAutoExclusive(false); // exclusive over all cards, which Qt would not see
    QFont font = choice->font();
    font.setPointSizeF(font.pointSizeF() * 1.3);
    font.setWeight(QFont::DemiBold);
    choice->setFont(font);
    auto* text = secondaryText({});
    layout->addWidget(choice);
    layout->addWidget(text);
    m_entries << Entry{recipe, choice, text};
    connect(choice, &QRadioButton::clicked, this, [this, choice] {
        for (const Entry& entry : m_entries)
            entry.choice->setChecked(entry.choice == choice);
    });
}

QString LessonPage::chosen() const
{
    for (const Entry& entry : m_entries)
        if (entry.choice->isChecked())
            return entry.recipe;
    return {};
}

void LessonPage::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    Page::changeEvent(event);
}

void LessonPage::retranslate()
{
    m_title->setText(tr("Run a lesson"));
    m_intro->setText(tr("A small model knows an invented country by heart: 60 people, their towns, "
                        "their books. Choose what to try on it; it takes less than a minute."));
    m_entries[0].choice->setText(tr("Forget two people, keep the rest"));
    m_entries[0].text->setText(tr(
        "The model is pushed away from everything about two people and reminded of the others at "
        "the same time. Watch the first curve rise while the second stays low, and see which "
        "neighbours of the two get hurt all the same."));
    m_entries[1].choice->setText(tr("Forgetting too hard"));
    m_entries[1].text->setText(tr(
        "The same push with nothing to hold on to: plain gradient ascent. At first only the two "
        "people fade; then everything goes with them. Afterwards rewind the answers step by step "
        "to see where it would have been wise to stop."));
    m_question->setText(tr("Make a guess first: how much of everything else will it still know?"));
    m_slider->setAccessibleName(m_question->text());
    showGuess();
    m_run->setText(tr("Run"));
    m_setup->setText(tr("Look at its setup first"));
}

} // namespace lacuna
