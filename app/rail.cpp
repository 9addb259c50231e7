#include "app/rail.h"

#include "widgets/base/icons.h"

#include <QButtonGroup>
#include <QToolButton>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 200;
constexpr int kButtonHeight = 40;

} // namespace

Rail::Rail(QWidget* parent)
    : QWidget(parent), m_buttons(new QButtonGroup(this)), m_layout(new QVBoxLayout(this))
{
    setFixedWidth(kWidth);
    setObjectName(u"rail"_s);
    m_layout->setContentsMargins(8, 16, 8, 8);
    m_layout->setSpacing(4);
    m_layout->addStretch();
}

void Rail::addPage(const QString& id, const QString& icon)
{
    auto* button = new QToolButton;
    button->setObjectName(u"rail-"_s + id);
    button->setProperty("rail", true);
    button->setProperty("page", id);
    button->setCheckable(true);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setIcon(lineIcon(icon));
    button->setIconSize({20, 20});
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setFixedHeight(kButtonHeight);
    button->setFocusPolicy(Qt::StrongFocus);
    m_buttons->addButton(button);
    m_layout->insertWidget(m_layout->count() - 1, button);
    connect(button, &QToolButton::clicked, this, [this, id] { Q_EMIT selected(id); });
}

void Rail::setText(const QString& id, const QString& text, const QString& help)
{
    auto* button = findChild<QToolButton*>(u"rail-"_s + id);
    button->setText(text);
    button->setToolTip(help);
}

void Rail::setCurrent(const QString& id)
{
    for (QAbstractButton* button : m_buttons->buttons())
        if (button->property("page").toString() == id) {
            button->setChecked(true);
            setFocusProxy(button);
        }
}

} // namespace lacuna
