#include "app/pages/probe/suggestion_row.h"

#include <QEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kSpacing = 8;
constexpr int kHeight = 28;
constexpr int kMostWidth = 280; ///< of a chip; its whole text is in the tool tip
constexpr int kRoom = 16;       ///< beside the words; the style leaves little
constexpr int kMenuLetters = 90;

/// What a menu or button would take for a mnemonic, and line breaks, made plain.
QString plain(QString text)
{
    return text.replace(u'\n', u' ').replace(u'&', u"&&"_s);
}

} // namespace

SuggestionRow::SuggestionRow(QWidget* parent)
    : QWidget(parent), m_title(new QLabel(this)), m_more(new QToolButton(this)),
      m_menu(new QMenu(this))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_title->setProperty("secondary", true);
    m_more->setObjectName(u"askedButton"_s);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setFocusPolicy(Qt::StrongFocus);
    m_more->setMenu(m_menu);
    m_menu->setObjectName(u"askedMenu"_s);
    retranslate();
}

QSize SuggestionRow::minimumSizeHint() const
{
    return {m_title->sizeHint().width() + m_more->sizeHint().width() + kSpacing, kHeight};
}

void SuggestionRow::setSuggestions(const QStringList& prompts)
{
    if (prompts == m_suggestions)
        return;
    m_suggestions = prompts;
    for (QPushButton* chip : m_chips)
        chip->deleteLater();
    m_chips.clear();
    for (const QString& prompt : prompts) {
        auto* chip = new QPushButton(this);
        chip->setObjectName(u"suggestion%1"_s.arg(m_chips.size()));
        const QString text = plain(prompt);
        chip->setText(chip->fontMetrics().elidedText(text, Qt::ElideRight, kMostWidth - 2 * kRoom));
        chip->setToolTip(prompt);
        chip->setAccessibleName(prompt);
        chip->setAutoDefault(false);
        connect(chip, &QPushButton::clicked, this, [this, prompt] { Q_EMIT chosen(prompt); });
        m_chips.push_back(chip);
    }
    // Reading order: title, chips, menu.
    QWidget* before = m_title;
    for (QPushButton* chip : m_chips) {
        setTabOrder(before, chip);
        before = chip;
    }
    setTabOrder(before, m_more);
    retranslate();
}

void SuggestionRow::setAsked(const QStringList& prompts)
{
    m_asked = prompts;
    fillMenu();
}

void SuggestionRow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void SuggestionRow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    else if (event->type() == QEvent::FontChange)
        arrange();
}

void SuggestionRow::retranslate()
{
    m_title->setText(m_suggestions.isEmpty() ? tr("Pinned questions stand here.") : tr("Try"));
    m_more->setText(tr("All and earlier"));
    m_more->setAccessibleName(tr("All suggestions and the questions asked in this session"));
    fillMenu();
    arrange();
}

void SuggestionRow::arrange()
{
    const auto put = [this](QWidget* widget, int x, int width) {
        const int height = std::min(kHeight, widget->sizeHint().height());
        widget->setGeometry(layoutDirection() == Qt::RightToLeft ? this->width() - x - width : x,
                            (this->height() - height) / 2, width, height);
    };
    const int moreWidth = m_more->sizeHint().width() + kRoom;
    const int end = width() - moreWidth - kSpacing;
    int x = 0;
    put(m_title, x, std::min(m_title->sizeHint().width(), end));
    x += m_title->width() + kSpacing;
    bool room = true;
    for (QPushButton* chip : m_chips) {
        const int chipWidth = std::min(chip->sizeHint().width() + kRoom, kMostWidth);
        room = room && x + chipWidth <= end;
        chip->setVisible(room);
        if (room) {
            put(chip, x, chipWidth);
            x += chipWidth + kSpacing;
        }
    }
    put(m_more, std::min(x, end + kSpacing), moreWidth);
}

void SuggestionRow::fillMenu()
{
    m_menu->clear();
    const auto add = [this](const QString& title, const QStringList& prompts) {
        if (prompts.isEmpty())
            return;
        m_menu->addSection(title);
        for (const QString& prompt : prompts) {
            QString text = plain(prompt);
            if (text.size() > kMenuLetters)
                text = text.left(kMenuLetters) + u'…';
            m_menu->addAction(text, this, [this, prompt] { Q_EMIT chosen(prompt); });
        }
    };
    add(tr("Pinned to the experiment"), m_suggestions);
    add(tr("Asked in this session"), m_asked);
    m_more->setEnabled(!m_menu->isEmpty());
    m_more->setToolTip(m_menu->isEmpty() ? tr("Nothing was asked yet") : QString());
}

} // namespace lacuna
