#include "widgets/form/message_item.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIconSize = 16;
constexpr int kEdge = 4; ///< coloured strip at the leading edge

QPushButton* smallButton(const QString& name, QWidget* parent)
{
    auto* button = new QPushButton(parent);
    button->setObjectName(name);
    button->setAutoDefault(false);
    return button;
}

} // namespace

MessageItem::MessageItem(MessageKind kind, const QString& text, const QString& details,
                         MessageAction action, QWidget* parent)
    : QFrame(parent), m_kind(kind), m_text(text), m_details(details)
{
    setObjectName(u"messageItem"_s);
    m_icon = new QLabel(this);
    m_word = new QLabel(this);
    QFont bold = m_word->font();
    bold.setWeight(QFont::DemiBold);
    m_word->setFont(bold);
    m_body = new QLabel(this);
    m_body->setObjectName(u"messageText"_s);
    m_body->setTextFormat(Qt::PlainText);
    m_body->setText(text);
    m_body->setWordWrap(true);
    m_body->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_times = new QLabel(this);
    m_times->setObjectName(u"messageTimes"_s);
    m_times->setProperty("secondary", true);
    m_times->hide();

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(kEdge + 12, 8, 8, 8);
    row->setSpacing(8);
    row->addWidget(m_icon);
    row->addWidget(m_word);
    row->addWidget(m_body, 1);
    row->addWidget(m_times);
    setAction(std::move(action));
    if (!m_details.isEmpty()) {
        m_copy = smallButton(u"messageCopy"_s, this);
        row->addWidget(m_copy);
        connect(m_copy, &QPushButton::clicked, this, [this] {
            QApplication::clipboard()->setText(m_details);
            m_copy->setText(tr("Copied"));
        });
    }
    m_close = new QToolButton(this);
    m_close->setObjectName(u"messageClose"_s);
    m_close->setText(u"×"_s);
    m_close->setAutoRaise(true);
    m_close->setMinimumSize(24, 24);
    row->addWidget(m_close);
    connect(m_close, &QToolButton::clicked, this, &MessageItem::closeRequested);

    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &MessageItem::timeOut);
    retranslate();
    applyColors();
}

bool MessageItem::says(MessageKind kind, const QString& text, const QString& details) const
{
    return kind == m_kind && text == m_text && details == m_details;
}

bool MessageItem::leavesByItself() const
{
    return m_kind == MessageKind::Info || m_kind == MessageKind::Success;
}

std::vector<QWidget*> MessageItem::focusChain() const
{
    std::vector<QWidget*> chain;
    for (QWidget* part : {static_cast<QWidget*>(m_act), static_cast<QWidget*>(m_copy),
                          static_cast<QWidget*>(m_close)})
        if (part)
            chain.push_back(part);
    return chain;
}

/// The button stands before the others.
void MessageItem::setAction(MessageAction action)
{
    m_action = std::move(action);
    const bool some = static_cast<bool>(m_action.trigger);
    if (!m_act && some) {
        m_act = smallButton(u"messageAction"_s, this);
        auto* row = static_cast<QHBoxLayout*>(layout());
        row->insertWidget(row->indexOf(m_times) + 1, m_act);
        connect(m_act, &QPushButton::clicked, this, [this] {
            const auto trigger = m_action.trigger; // closing may destroy this
            Q_EMIT closeRequested();
            trigger();
        });
    }
    if (m_act) {
        m_act->setText(m_action.text);
        m_act->setVisible(some);
    }
}

void MessageItem::repeat(MessageAction action)
{
    setAction(std::move(action));
    ++m_count;
    retranslate();
    m_times->show();
}

void MessageItem::leaveAfter(std::chrono::milliseconds lifetime)
{
    m_timer.start(lifetime);
}

void MessageItem::focusClose()
{
    m_close->setFocus(Qt::OtherFocusReason);
}

void MessageItem::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        applyColors();
    QFrame::changeEvent(event);
}

void MessageItem::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT closeRequested();
    else
        QFrame::keyPressEvent(event);
}

void MessageItem::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = themeColor(messageColor(m_kind), *this);
    painter.setPen(QPen(color, 1));
    painter.setBrush(themeColor(ColorRole::Surface, *this));
    const QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.drawRoundedRect(frame, 4, 4);
    const bool leftToRight = layoutDirection() == Qt::LeftToRight;
    painter.setClipRect(leftToRight ? QRect(0, 0, kEdge, height())
                                    : QRect(width() - kEdge, 0, kEdge, height()));
    painter.setBrush(color);
    painter.drawRoundedRect(frame, 4, 4);
}

void MessageItem::retranslate()
{
    m_word->setText(messageWord(m_kind));
    m_times->setText(tr("%n times", nullptr, m_count));
    if (m_copy)
        m_copy->setText(tr("Copy details"));
    m_close->setAccessibleName(tr("Close message"));
    m_close->setToolTip(tr("Close (Esc)"));
    const QString name = tr("%1: %2").arg(messageWord(m_kind), m_text);
    setAccessibleName(m_count > 1 ? tr("%1 (%2)").arg(name, m_times->text()) : name);
}

void MessageItem::applyColors()
{
    m_icon->setPixmap(messageIcon(m_kind, kIconSize, *this));
    QPalette colors = m_word->palette();
    colors.setColor(QPalette::WindowText, themeColor(messageColor(m_kind), *this));
    m_word->setPalette(colors);
}

void MessageItem::timeOut()
{
    const bool inUse = underMouse() || isAncestorOf(QApplication::focusWidget());
    if (inUse)
        m_timer.start();
    else
        Q_EMIT closeRequested();
}

} // namespace lacuna
