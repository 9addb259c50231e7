#include "widgets/form/message_bar.h"

#include "widgets/form/message_item.h"

#include <QAccessible>
#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

MessageBar::MessageBar(QWidget* parent) : QWidget(parent)
{
    setObjectName(u"messageBar"_s);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(8, 8, 8, 0);
    m_layout->setSpacing(4);
    m_footer = new QWidget(this);
    m_more = new QPushButton(m_footer);
    m_more->setObjectName(u"messagesMore"_s);
    m_more->setFlat(true);
    m_closeAll = new QPushButton(m_footer);
    m_closeAll->setObjectName(u"messagesCloseAll"_s);
    m_closeAll->setFlat(true);
    auto* row = new QHBoxLayout(m_footer);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_more);
    row->addStretch();
    row->addWidget(m_closeAll);
    m_layout->addWidget(m_footer);
    connect(m_more, &QPushButton::clicked, this, [this] {
        m_expanded = !m_expanded;
        arrange();
    });
    connect(m_closeAll, &QPushButton::clicked, this, &MessageBar::closeAll);
    arrange();
}

MessageBar::~MessageBar() = default;

void MessageBar::show(MessageKind kind, const QString& text, const QString& details,
                      MessageAction action)
{
    const auto same = std::find_if(m_items.begin(), m_items.end(), [&](const MessageItem* item) {
        return item->says(kind, text, details);
    });
    MessageItem* item = nullptr;
    if (same != m_items.end()) {
        item = *same;
        item->repeat(std::move(action));
        std::rotate(m_items.begin(), same, same + 1);
    } else {
        item = new MessageItem(kind, text, details, std::move(action), this);
        connect(item, &MessageItem::closeRequested, this, [this, item] { close(item); });
        m_items.insert(m_items.begin(), item);
    }
    if (item->leavesByItself())
        item->leaveAfter(m_lifetime);
    arrange();
    QAccessibleEvent alert(item, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void MessageBar::closeAll()
{
    while (!m_items.empty())
        close(m_items.back());
}

void MessageBar::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void MessageBar::close(MessageItem* item)
{
    const auto found = std::find(m_items.begin(), m_items.end(), item);
    if (found == m_items.end())
        return;
    const bool hadFocus = item->isAncestorOf(QApplication::focusWidget());
    const auto next = m_items.erase(found);
    m_layout->removeWidget(item);
    // Its focus goes to its neighbour, so that Escape or Space closes one after another.
    if (hadFocus && !m_items.empty())
        (next == m_items.end() ? m_items.back() : *next)->focusClose();
    item->hide();
    item->deleteLater();
    arrange();
}

void MessageBar::arrange()
{
    const int most = m_expanded ? kVisibleExpanded : kVisible;
    QWidget* before = nullptr;
    for (int i = 0; i < count(); ++i) {
        MessageItem* item = m_items[static_cast<std::size_t>(i)];
        m_layout->removeWidget(item);
        m_layout->insertWidget(i, item);
        item->setVisible(i < most);
        for (QWidget* part : item->focusChain()) {
            if (before)
                setTabOrder(before, part);
            before = part;
        }
    }
    if (before) {
        setTabOrder(before, m_more);
        setTabOrder(m_more, m_closeAll);
    }
    if (count() <= kVisible)
        m_expanded = false;
    m_footer->setVisible(count() > kVisible);
    setVisible(count() > 0);
    retranslate();
}

void MessageBar::retranslate()
{
    const int hidden = count() - (m_expanded ? kVisibleExpanded : kVisible);
    m_more->setText(hidden > 0 ? tr("%n more", nullptr, hidden) : tr("Show fewer"));
    m_closeAll->setText(tr("Close all"));
    setAccessibleName(tr("Messages"));
}

} // namespace lacuna
