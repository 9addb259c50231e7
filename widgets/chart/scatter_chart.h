#pragma once

#include "widgets/chart/chart_style.h"

#include <QString>
#include <QWidget>

#include <vector>

class QLabel;
class QStackedWidget;
class QTableWidget;
class QToolButton;

namespace lacuna {

class ScatterCanvas;

enum class GoodEnd : std::uint8_t { Low, High };

struct ScatterAxis {
    QString name; ///< with its unit
    GoodEnd good = GoodEnd::High;
};

struct ScatterPoint {
    QString id;
    QString label;
    double x = 0; ///< one that is not finite has no place in the plot, but a row in the table
    double y = 0;
    int overlay = 0;      ///< see overlayColor()
    bool onFront = false; ///< no other point beats it
};

/// What points are read against: the original, the reference.
struct ScatterMark {
    QString label;
    double x = 0;
    double y = 0;
    ColorRole color = ColorRole::Original;
    MarkerShape shape = MarkerShape::Disc;
};

/// Things by two quantities: a question as title, axes with the direction of good, the front of
/// those that no other beats, and marks to read them against. One point is the current one; the
/// mouse and the arrow keys choose it. The same as a table is one key (T) away.
class ScatterChart : public QWidget {
    Q_OBJECT

public:
    explicit ScatterChart(QWidget* parent = nullptr);

    void setTitle(const QString& question, const QString& hint);
    void setAxes(const ScatterAxis& x, const ScatterAxis& y);
    /// The current point stays, if it is there.
    void setPoints(std::vector<ScatterPoint> points);
    void setMarks(std::vector<ScatterMark> marks);
    /// What stands in the plot where no point has a place.
    void setEmptyText(const QString& text);
    void setCurrent(const QString& id);
    void setTableShown(bool shown);

    [[nodiscard]] QString current() const;
    [[nodiscard]] bool isTableShown() const;
    [[nodiscard]] QWidget* canvas() const;
    /// Where a point stands, in this widget's coordinates.
    [[nodiscard]] QPointF positionOf(double x, double y) const;

Q_SIGNALS:
    /// Somebody chose another point, in the plot or in the table.
    void currentChanged(const QString& id);
    /// Enter or a double click.
    void activated(const QString& id);

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void retranslate();
    void fillTable();
    void chooseRow();

    QString m_title;
    QString m_hint;
    QLabel* m_titleLabel;
    QLabel* m_hintLabel;
    QToolButton* m_tableButton;
    QStackedWidget* m_stack;
    ScatterCanvas* m_canvas;
    QTableWidget* m_table;
};

} // namespace lacuna
