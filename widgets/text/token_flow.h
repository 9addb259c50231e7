#pragma once

#include <QAbstractScrollArea>
#include <QColor>
#include <QHash>
#include <QString>

#include <optional>
#include <vector>

namespace lacuna {

/// Tokens in lines, each on a background of its own; one of them is current, by mouse or arrow
/// keys. Only what is visible is painted, and a token at the end costs the same however many there
/// are.
class TokenFlow : public QAbstractScrollArea {
    Q_OBJECT

public:
    struct Token {
        QString text;
        QColor fill; ///< invalid: nothing is known, a dotted frame
        bool breaksLine = false;
    };

    explicit TokenFlow(QWidget* parent = nullptr);

    [[nodiscard]] int count() const { return static_cast<int>(m_boxes.size()); }
    [[nodiscard]] int current() const { return m_current; } ///< -1: none
    /// Of a token in the viewport's coordinates.
    [[nodiscard]] QRect tokenRect(int index) const;
    [[nodiscard]] int tokenAt(QPoint place) const; ///< -1: none
    /// Tokens drawn by the last painting.
    [[nodiscard]] int paintedCount() const { return m_painted; }

    void clear();
    void append(const Token& token);
    void setTokens(const std::vector<Token>& tokens);
    /// As many as there are tokens.
    void setFills(const std::vector<QColor>& fills);
    /// Does not emit currentChanged(). One that does not exist means none.
    void setCurrent(int index);

Q_SIGNALS:
    void currentChanged(int index); ///< by the person

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Box {
        Token token;
        int x = 0;
        int width = 0;
        int line = 0;
    };

    void place(Box& box);
    void layoutAgain();
    void updateRange();
    void choose(int index);
    void reveal(int index);
    [[nodiscard]] int neighbourLine(int step) const;
    [[nodiscard]] int lineHeight() const;
    [[nodiscard]] int widthOf(const QString& text);

    std::vector<Box> m_boxes;
    std::vector<int> m_lineStarts; ///< first token of each line
    QHash<QString, int> m_widths;
    int m_nextX = 0;
    int m_current = -1;
    int m_painted = 0;
};

} // namespace lacuna
