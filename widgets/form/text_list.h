#pragma once

#include <QStringList>
#include <QWidget>

class QListWidget;
class QPushButton;

namespace lacuna {

/// A short list of texts that are edited in place: Enter or F2 edits, Delete removes.
class TextList : public QWidget {
    Q_OBJECT

public:
    explicit TextList(QWidget* parent = nullptr);

    [[nodiscard]] QStringList texts() const; ///< without empty ones
    /// Silent; an equal list changes nothing, selection included.
    void setTexts(const QStringList& texts);
    /// \param name  what the list holds, for assistive programs
    /// \param hint  how to use it, as a tool tip
    void setNames(const QString& name, const QString& hint);

Q_SIGNALS:
    void changed();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void add();
    void removeCurrent();
    void retranslate();

    QListWidget* m_list = nullptr;
    QPushButton* m_add = nullptr;
    QPushButton* m_remove = nullptr;
};

} // namespace lacuna
