#pragma once

#include "widgets/form/message_kind.h"

#include <QWidget>

#include <chrono>
#include <functional>
#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace lacuna {

class MessageItem;

/// A button that a message may bring along: what to do about it.
struct MessageAction {
    QString text;
    std::function<void()> trigger;
};

/// Errors and notes in place, newest first, at the top of a window. Empty, it takes no room.
///
/// Three messages are shown, the rest is counted and one click away. A message that is there
/// already is counted instead of stacked. Notes and successes leave by themselves, except while the
/// pointer or the keyboard is in them; warnings and errors stay until they are closed.
class MessageBar : public QWidget {
    Q_OBJECT

public:
    static constexpr int kVisible = 3;
    static constexpr int kVisibleExpanded = 8;

    explicit MessageBar(QWidget* parent = nullptr);
    ~MessageBar() override;

    [[nodiscard]] int count() const { return static_cast<int>(m_items.size()); }

    using QWidget::show;
    /// \param text     one or two sentences, plain text
    /// \param details  what "Copy details" puts on the clipboard; empty: no such button
    /// \param action   optional; its button closes the message. Of the same message twice, the
    /// newer
    ///                 one's
    void show(MessageKind kind, const QString& text, const QString& details = {},
              MessageAction action = {});
    void closeAll();
    /// How long notes and successes stay; eight seconds.
    void setLifetime(std::chrono::milliseconds lifetime) { m_lifetime = lifetime; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void close(MessageItem* item);
    void arrange();
    void retranslate();

    std::vector<MessageItem*> m_items; ///< newest first
    QVBoxLayout* m_layout = nullptr;
    QWidget* m_footer = nullptr;
    QPushButton* m_more = nullptr;
    QPushButton* m_closeAll = nullptr;
    bool m_expanded = false;
    std::chrono::milliseconds m_lifetime{8000};
};

} // namespace lacuna
