#include "app/actions.h"

#include "widgets/base/icons.h"

#include <QAction>
#include <QToolButton>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace lacuna {

using namespace Qt::StringLiterals;

Actions::Actions(QObject* parent) : QObject(parent) {}

QAction* Actions::add(Command command)
{
    const bool known = std::any_of(m_actions.begin(), m_actions.end(), [&](const QAction* action) {
        return action->objectName() == command.id;
    });
    if (known)
        throw std::logic_error("duplicate action " + command.id.toStdString());
    auto* action = new QAction(this);
    action->setObjectName(command.id);
    action->setShortcut(command.key);
    action->setShortcutContext(Qt::WindowShortcut);
    if (!command.icon.isEmpty())
        action->setIcon(lineIcon(command.icon));
    connect(action, &QAction::triggered, this, std::move(command.trigger));
    m_actions.push_back(action);
    setText(command.id, command.name, command.help);
    return action;
}

void Actions::setText(const QString& id, const QString& name, const QString& help)
{
    QAction* found = action(id);
    found->setText(name);
    found->setToolTip(help);
    found->setWhatsThis(help);
}

QAction* Actions::action(const QString& id) const
{
    for (QAction* action : m_actions)
        if (action->objectName() == id)
            return action;
    throw std::out_of_range("no action " + id.toStdString());
}

void Actions::setEnabled(const QString& id, bool enabled, const QString& reason)
{
    QAction* found = action(id);
    found->setEnabled(enabled);
    const QString help = found->whatsThis();
    found->setToolTip(enabled || reason.isEmpty() ? help : help + u"\n"_s + reason);
}

QToolButton* actionButton(QAction& action)
{
    auto* button = new QToolButton;
    button->setObjectName(action.objectName() + u".button"_s);
    button->setDefaultAction(&action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setMinimumHeight(24);
    return button;
}

} // namespace lacuna
