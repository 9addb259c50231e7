#pragma once

#include <QString>
#include <QStringList>
#include <QWidget>

#include <vector>

namespace lacuna {

/// A small table of colours: named rows, numbered columns. Each cell writes its value where there
/// is room for it and tells it in its tool tip; a marked cell has a frame. To look at, not to
/// operate: give it an accessible name and description.
class HeatGrid : public QWidget {
    Q_OBJECT

public:
    struct Cell {
        double place = 0; ///< on the colour scale, 0 to 1
        QString text = {};
        QString toolTip = {};
        bool marked = false;
    };
    struct Content {
        QString columnTitle = {}; ///< of what the columns number, from 0
        QStringList rows = {};
        std::vector<std::vector<Cell>> cells = {}; ///< by row; all rows are equally long
    };

    explicit HeatGrid(QWidget* parent = nullptr);

    [[nodiscard]] const Content& content() const { return m_content; }
    void setContent(Content content);
    [[nodiscard]] QRect cellRect(int row, int column) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] int columns() const;
    [[nodiscard]] int namesWidth() const;
    [[nodiscard]] int cellWidth() const;
    [[nodiscard]] const Cell* cellAt(QPoint place) const; ///< null: there is none
    void paintCell(QPainter& painter, const QRect& area, const Cell& cell) const;
    void paintName(QPainter& painter, int top, int height, const QString& name) const;
    void paintNumbers(QPainter& painter) const;

    Content m_content;
};

} // namespace lacuna
