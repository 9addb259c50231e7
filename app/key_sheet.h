#pragma once

#include <QDialog>

namespace lacuna {

class Actions;

/// Every command with its key and what it does. Opened by Ctrl+/.
class KeySheet : public QDialog {
    Q_OBJECT

public:
    KeySheet(const Actions& actions, QWidget* parent);
};

} // namespace lacuna
