#pragma once

#include <QIcon>
#include <QKeySequence>
#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QAction;
class QToolButton;

namespace lacuna {

/// Every command of the program under one roof: menus, tool bars, palette and key sheet are made
/// from it.
class Actions : public QObject {
    Q_OBJECT

public:
    struct Command {
        QString id;   ///< "run.pause"; lower-kebab parts, never renamed
        QString name; ///< "Pause run"
        QString help; ///< one sentence
        QKeySequence key = {};
        QString icon = {}; ///< name in resources/icons; empty: none
        std::function<void()> trigger;
    };

    explicit Actions(QObject* parent = nullptr);

    /// A second command of the same id throws std::logic_error.
    QAction* add(Command command);
    /// \throws std::out_of_range for an id that nobody added
    [[nodiscard]] QAction* action(const QString& id) const;
    /// In the order in which they were added.
    [[nodiscard]] const std::vector<QAction*>& all() const { return m_actions; }
    /// Gives a command that was added other words, in another language.
    void setText(const QString& id, const QString& name, const QString& help);
    /// Enables it or not; \p reason becomes part of the tool tip of a disabled one.
    void setEnabled(const QString& id, bool enabled, const QString& reason = {});

private:
    std::vector<QAction*> m_actions;
};

/// A command as a button of a page, with its words and icon; named after it, "ID.button".
[[nodiscard]] QToolButton* actionButton(QAction& action);

} // namespace lacuna
