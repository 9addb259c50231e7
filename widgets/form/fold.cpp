#include "widgets/form/fold.h"

#include <QToolButton>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

Fold::Fold(QWidget* parent) : QWidget(parent)
{
    m_button = new QToolButton(this);
    m_button->setObjectName(u"fold"_s);
    m_button->setCheckable(true);
    m_button->setAutoRaise(true);
    m_button->setMinimumHeight(24);
    m_button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_body = new QWidget(this);
    m_content = new QVBoxLayout(m_body);
    m_content->setContentsMargins(0, 8, 0, 0);
    m_content->setSpacing(12);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_button, 0, Qt::AlignLeading);
    layout->addWidget(m_body);
    connect(m_button, &QToolButton::toggled, this, [this](bool open) {
        m_button->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        m_body->setVisible(open);
        Q_EMIT toggled(open);
    });
    m_button->setArrowType(Qt::RightArrow);
    m_body->hide();
}

bool Fold::isOpen() const
{
    return m_button->isChecked();
}

void Fold::setTitle(const QString& title)
{
    m_button->setText(title);
}

void Fold::setOpen(bool open)
{
    m_button->setChecked(open);
}

} // namespace lacuna
