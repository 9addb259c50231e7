#pragma once

#include <QFrame>

class QLabel;
class QPushButton;

namespace lacuna {

/// One way in: a drawing, a title, a sentence or two, and a button. A click anywhere on it counts;
/// a card that takes folders takes them dropped as well.
class HomeCard : public QFrame {
    Q_OBJECT

public:
    /// \param icon  name of a line icon
    /// \param name  object name of the button
    HomeCard(QString icon, const char* name, QWidget* parent = nullptr);

    void setTexts(const QString& title, const QString& text, const QString& action);
    void setTakesFolders(bool takes) { setAcceptDrops(takes); }
    [[nodiscard]] QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void chosen();
    void folderDropped(const QString& folder);

protected:
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void drawIcon();

    QString m_iconName;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_button;
    bool m_dragged = false; ///< a folder is held over it
};

} // namespace lacuna
