#pragma once

#include "widgets/form/message_bar.h"

#include <QFrame>
#include <QTimer>

class QToolButton;

namespace lacuna {

/// One message of a MessageBar.
class MessageItem : public QFrame {
    Q_OBJECT

public:
    MessageItem(MessageKind kind, const QString& text, const QString& details, MessageAction action,
                QWidget* parent);

    [[nodiscard]] bool says(MessageKind kind, const QString& text, const QString& details) const;
    [[nodiscard]] bool leavesByItself() const;
    /// Focusable parts in reading order.
    [[nodiscard]] std::vector<QWidget*> focusChain() const;

    /// The same message came again, with another thing to do about it.
    void repeat(MessageAction action);
    /// Leaves after \p lifetime, counted anew; not while the pointer or the focus is in it.
    void leaveAfter(std::chrono::milliseconds lifetime);
    void focusClose();

Q_SIGNALS:
    void closeRequested();

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void setAction(MessageAction action);
    void retranslate();
    void applyColors();
    void timeOut();

    MessageKind m_kind;
    QString m_text;
    QString m_details;
    MessageAction m_action;
    int m_count = 1;
    QTimer m_timer;
    QLabel* m_icon = nullptr;
    QLabel* m_word = nullptr;
    QLabel* m_body = nullptr;
    QLabel* m_times = nullptr;
    QPushButton* m_act = nullptr;
    QPushButton* m_copy = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace lacuna
