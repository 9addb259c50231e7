#pragma once

#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace lacuna {

/// A part of a form that is folded away until it is asked for.
class Fold : public QWidget {
    Q_OBJECT

public:
    explicit Fold(QWidget* parent = nullptr);

    /// Where the folded widgets go.
    [[nodiscard]] QVBoxLayout* content() const { return m_content; }
    [[nodiscard]] bool isOpen() const;
    void setTitle(const QString& title);
    void setOpen(bool open);

Q_SIGNALS:
    void toggled(bool open);

private:
    QToolButton* m_button = nullptr;
    QWidget* m_body = nullptr;
    QVBoxLayout* m_content = nullptr;
};

} // namespace lacuna
