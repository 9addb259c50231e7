#pragma once

#include "widgets/form/message_kind.h"

#include <QWidget>

class QLabel;

namespace lacuna {

/// A sentence in place with its kind: icon, word, text.
class NoteLine : public QWidget {
    Q_OBJECT

public:
    explicit NoteLine(QWidget* parent = nullptr);
    NoteLine(MessageKind kind, const QString& text, QWidget* parent = nullptr);

    [[nodiscard]] QString text() const;
    void setNote(MessageKind kind, const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();

    MessageKind m_kind = MessageKind::Info;
    QLabel* m_icon = nullptr;
    QLabel* m_word = nullptr;
    QLabel* m_text = nullptr;
};

} // namespace lacuna
