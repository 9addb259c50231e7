#pragma once

#include <QFrame>
#include <QString>

#include <vector>

class QListWidget;
class QPushButton;

namespace lacuna {

/// A list of columns to be shown, hidden and put in order, by mouse or keyboard. Opens like a menu.
class ColumnChooser : public QFrame {
    Q_OBJECT

public:
    struct Entry {
        int column = 0;
        QString title;
        bool shown = true;
        bool optional = true; ///< false: cannot be hidden
    };

    explicit ColumnChooser(QWidget* parent = nullptr);

    /// In the order in which the columns stand.
    void setEntries(const std::vector<Entry>& entries);
    [[nodiscard]] std::vector<Entry> entries() const;
    /// Below \p anchor, with the focus in the list.
    void openAt(const QWidget& anchor);

Q_SIGNALS:
    void changed();
    void resetRequested();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void retranslate();
    void moveCurrent(int by);
    void updateButtons();

    QListWidget* m_list;
    QPushButton* m_up;
    QPushButton* m_down;
    QPushButton* m_reset;
};

} // namespace lacuna
