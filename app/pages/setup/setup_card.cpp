#include "app/pages/setup/setup_card.h"

#include "widgets/base/theme.h"

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace lacuna {

SetupCard::SetupCard(Services& services, QWidget* parent) : QFrame(parent), m_services(services)
{
    setProperty("card", true);
    m_title = heading({}, 2);
    m_explanation = secondaryText({});
    m_body = new QVBoxLayout(this);
    m_body->setContentsMargins(16, 16, 16, 16);
    m_body->setSpacing(12);
    auto* head = new QVBoxLayout;
    head->setSpacing(4);
    head->addWidget(m_title);
    head->addWidget(m_explanation);
    m_body->addLayout(head);
}

void SetupCard::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QFrame::changeEvent(event);
}

void SetupCard::setTitle(const QString& title, const QString& explanation)
{
    m_title->setText(title);
    m_explanation->setText(explanation);
    setAccessibleName(title);
}

} // namespace lacuna
