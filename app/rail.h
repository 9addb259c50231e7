#pragma once

#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace lacuna {

/// The list of pages on the left: icon and word, one of them current.
class Rail : public QWidget {
    Q_OBJECT

public:
    explicit Rail(QWidget* parent = nullptr);

    void addPage(const QString& id, const QString& icon);
    void setText(const QString& id, const QString& text, const QString& help);
    void setCurrent(const QString& id);

Q_SIGNALS:
    void selected(const QString& id);

private:
    QButtonGroup* m_buttons;
    QVBoxLayout* m_layout;
};

} // namespace lacuna
