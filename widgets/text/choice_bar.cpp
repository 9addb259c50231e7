#include "widgets/text/choice_bar.h"

#include "widgets/base/colors.h"

#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QToolButton>

namespace lacuna {

using namespace Qt::StringLiterals;

ChoiceBar::ChoiceBar(const QStringList& names, QWidget* parent)
    : QWidget(parent), m_buttons(new QButtonGroup(this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    for (int i = 0; i < names.size(); ++i) {
        auto* button = new QToolButton;
        button->setObjectName(names[i]);
        button->setCheckable(true);
        button->setMinimumHeight(24);
        // A tool button takes the keyboard by Tab only by default on some platforms.
        button->setFocusPolicy(Qt::StrongFocus);
        m_buttons->addButton(button, i);
        layout->addWidget(button);
    }
    m_buttons->setExclusive(true);
    m_buttons->button(0)->setChecked(true);
    connect(m_buttons, &QButtonGroup::idToggled, this, [this](int index, bool on) {
        if (on && !signalsBlocked())
            Q_EMIT chosen(index);
    });
    restyle();
}

int ChoiceBar::choice() const
{
    return m_buttons->checkedId();
}

QAbstractButton* ChoiceBar::button(int index) const
{
    return m_buttons->button(index);
}

void ChoiceBar::setTexts(const QString& name, const QStringList& texts)
{
    setAccessibleName(name);
    for (int i = 0; i < texts.size(); ++i) {
        m_buttons->button(i)->setText(texts[i]);
        m_buttons->button(i)->setAccessibleDescription(name);
    }
}

void ChoiceBar::setChoice(int index)
{
    const QSignalBlocker quiet(this);
    m_buttons->button(index)->setChecked(true);
}

void ChoiceBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        restyle();
}

/// The style's own checked look cannot be told from the other in the dark theme.
void ChoiceBar::restyle()
{
    const auto name = [this](ColorRole role) { return themeColor(role, *this).name(); };
    const QString sheet =
        u"QToolButton { background: %1; color: %2; border: 1px solid %3; padding: 3px 10px; }"
        "QToolButton:checked { background: %4; color: %5; border-color: %4; }"
        "QToolButton:focus { border: 2px solid %4; padding: 2px 9px; }"
        "QToolButton:checked:focus { border-color: %2; }"_s.arg(
            name(ColorRole::Surface), name(ColorRole::Text), name(ColorRole::Border),
            name(ColorRole::Accent), name(ColorRole::OnAccent));
    if (sheet != styleSheet())
        setStyleSheet(sheet);
}

} // namespace lacuna
