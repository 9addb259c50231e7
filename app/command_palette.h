#pragma once

#include <QDialog>

class QLineEdit;
class QListWidget;

namespace lacuna {

class Actions;

/// Every command by its name: type some of it, press Enter. Opened by Ctrl+K.
class CommandPalette : public QDialog {
    Q_OBJECT

public:
    CommandPalette(const Actions& actions, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void triggerCurrent();

    const Actions& m_actions;
    QLineEdit* m_input;
    QListWidget* m_list;
};

} // namespace lacuna
