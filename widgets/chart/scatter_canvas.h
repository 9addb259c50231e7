#pragma once

#include "widgets/chart/chart_scale.h"
#include "widgets/chart/scatter_chart.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace lacuna {

/// The drawing surface of a ScatterChart; a private part of it. A click or the arrow keys choose a
/// point: left and right by x, up and down by y.
class ScatterCanvas : public QWidget {
    Q_OBJECT

public:
    explicit ScatterCanvas(QWidget* parent = nullptr);

    void setAxes(const ScatterAxis& x, const ScatterAxis& y);
    void setPoints(std::vector<ScatterPoint> points);
    void setMarks(std::vector<ScatterMark> marks);
    void setEmptyText(const QString& text);
    void setCurrent(const QString& id);

    [[nodiscard]] const ScatterAxis& xAxis() const { return m_x; }
    [[nodiscard]] const ScatterAxis& yAxis() const { return m_y; }
    [[nodiscard]] const std::vector<ScatterPoint>& points() const { return m_points; }
    [[nodiscard]] const QString& current() const { return m_current; }
    /// Where a point stands, in the widget's coordinates.
    [[nodiscard]] QPointF positionOf(double x, double y) const;
    /// Null: none is chosen, or it has no place.
    [[nodiscard]] const ScatterPoint* currentPoint() const;
    /// A point in words.
    [[nodiscard]] QString sentence(const ScatterPoint& point) const;

    [[nodiscard]] QSize sizeHint() const override { return {480, 320}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 200}; }

Q_SIGNALS:
    /// Chosen by somebody.
    void chosen(const QString& id);
    /// Enter or a double click.
    void activated(const QString& id);

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    void fit();
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] const ScatterPoint* pointAt(const QPointF& place) const;
    void choose(const ScatterPoint* point);
    void walk(bool byX, int direction);
    void describe();
    void paintAxes(QPainter& painter) const;
    void paintGood(QPainter& painter) const;
    void paintFront(QPainter& painter) const;
    void paintPoint(QPainter& painter, const ScatterPoint& point, bool emphasised) const;
    void paintLabels(QPainter& painter) const;

    ScatterAxis m_x;
    ScatterAxis m_y;
    std::vector<ScatterPoint> m_points;
    std::vector<ScatterMark> m_marks;
    QString m_emptyText;
    QString m_current;
    QString m_hovered;
    AxisRange m_xRange;
    AxisRange m_yRange;
};

} // namespace lacuna
