#pragma once

#include <QFrame>
#include <QString>
#include <QStringList>

class QDropEvent;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace lacuna {

/// The place of one file or folder: a drop target with its state, a browse button, recent ones and
/// a way to clear it. The owner asks for paths and says what became of them.
class PathPicker : public QFrame {
    Q_OBJECT

public:
    enum class Kind : std::uint8_t { File, Folder };
    enum class State : std::uint8_t { Empty, Reading, Ok, Problem };

    explicit PathPicker(Kind kind, QWidget* parent = nullptr);

    [[nodiscard]] const QString& path() const { return m_path; }
    [[nodiscard]] State state() const { return m_state; }

    /// What it is for: "Forget set", and in a few words what is wanted while it is empty.
    void setTexts(const QString& title, const QString& hint);
    /// Silent. An empty path makes the state Empty, another one Reading.
    void setPath(const QString& path);
    /// \param note  what is known of it, or what is wrong; a short line
    void setState(State state, const QString& note = {});
    /// A button under the note that emits remedyRequested(); an empty text takes it away.
    void setRemedy(const QString& text);
    /// Offered by a menu, newest first.
    void setRecent(const QStringList& paths);

Q_SIGNALS:
    /// Dropped or taken from the recent ones. Nothing has changed yet.
    void pathChosen(const QString& path);
    void browseRequested();
    void clearRequested();
    void remedyRequested();

protected:
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showState();
    void showPath();
    void retranslate();

    Kind m_kind;
    State m_state = State::Empty;
    QString m_path;
    QString m_hint;
    QString m_note;
    bool m_dragOver = false;
    QLabel* m_icon = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_where = nullptr;
    QLabel* m_status = nullptr;
    QPushButton* m_remedy = nullptr;
    QPushButton* m_browse = nullptr;
    QToolButton* m_recent = nullptr;
    QToolButton* m_clear = nullptr;
    QMenu* m_menu = nullptr;
};

} // namespace lacuna
