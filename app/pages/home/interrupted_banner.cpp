#include "app/pages/home/interrupted_banner.h"

#include "widgets/table/run_state.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIconSize = 24;

} // namespace

InterruptedBanner::InterruptedBanner(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel), m_text(new QLabel), m_continue(new QPushButton),
      m_keep(new QPushButton), m_discard(new QPushButton)
{
    setObjectName(u"interruptedBanner"_s);
    setProperty("card", true);
    m_text->setObjectName(u"interruptedText"_s);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_continue->setObjectName(u"continueRunButton"_s);
    m_continue->setProperty("primary", true);
    m_keep->setObjectName(u"keepRunButton"_s);
    m_discard->setObjectName(u"discardRunButton"_s);
    connect(m_continue, &QPushButton::clicked, this, &InterruptedBanner::continueRequested);
    connect(m_keep, &QPushButton::clicked, this, &InterruptedBanner::keepRequested);
    connect(m_discard, &QPushButton::clicked, this, &InterruptedBanner::discardRequested);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (QPushButton* button : {m_continue, m_keep, m_discard}) {
        button->setMinimumHeight(28);
        buttons->addWidget(button);
    }
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(12);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    layout->addLayout(buttons);
    drawIcon();
    retranslate();
}

void InterruptedBanner::setContent(const Content& content)
{
    m_content = content;
    retranslate();
}

void InterruptedBanner::setCannotContinue(const QString& reason)
{
    m_continue->setEnabled(reason.isEmpty());
    m_continue->setToolTip(reason);
}

void InterruptedBanner::drawIcon()
{
    m_icon->setPixmap(
        runStateIcon(RunState::Interrupted, themeColor(runStateColor(RunState::Interrupted), *this))
            .pixmap(kIconSize, kIconSize));
}

void InterruptedBanner::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        drawIcon();
}

void InterruptedBanner::retranslate()
{
    const QString going =
        tr("The run \u201c%1\u201d was going when the program ended.").arg(m_content.name);
    const QString place =
        m_content.checkpoint
            ? (m_content.totalSteps > 0
                   ? tr("Its last checkpoint is at step %1 of %2.")
                         .arg(*m_content.checkpoint)
                         .arg(m_content.totalSteps)
                   : tr("Its last checkpoint is at step %1.").arg(*m_content.checkpoint))
            : tr("It has no checkpoint yet, so that it would begin again.");
    m_text->setText(going + u' ' + place);
    m_icon->setAccessibleName(runStateText(RunState::Interrupted));
    m_continue->setText(tr("Continue"));
    m_keep->setText(tr("Keep as it is"));
    m_keep->setToolTip(tr("It stays in the history and can be continued from there."));
    m_discard->setText(tr("Discard\u2026"));
}

} // namespace lacuna
