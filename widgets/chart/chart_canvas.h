#pragma once

#include "widgets/chart/chart_scale.h"
#include "widgets/chart/qcustomplot_shim.h"

#include <QTimer>

class QLabel;
class QRubberBand;

namespace lacuna {

/// The drawing surface of a LiveChart with its gestures; a private part of it. Drag zooms a box,
/// Shift or the middle button pans, the wheel zooms the axis it is over, with Ctrl both; a plain
/// wheel over the plot is left to the page.
class ChartCanvas : public QCustomPlot {
    Q_OBJECT

public:
    explicit ChartCanvas(QWidget* parent = nullptr);

    [[nodiscard]] AxisRange xView() const { return {xAxis->range().lower, xAxis->range().upper}; }
    [[nodiscard]] AxisRange yView() const { return {yAxis->range().lower, yAxis->range().upper}; }
    [[nodiscard]] bool isLogarithmic() const;
    void setXView(AxisRange range) { xAxis->setRange(range.from, range.to); }
    void setYView(AxisRange range) { yAxis->setRange(range.from, range.to); }
    void setLogarithmic(bool logarithmic);
    void retranslate();

Q_SIGNALS:
    /// A person zoomed or panned.
    void viewChangedByUser();
    void fitRequested();
    void logarithmicToggled();
    void hovered(const QPointF& position);
    void left();
    /// Ask for the next or the previous point.
    void walked(int direction);
    void resized();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    enum class Drag : std::uint8_t { None, Box, Pan };

    void zoom(double factor, const QPointF& fixed, bool x, bool y);
    void pan(double xShare, double yShare);
    void panTo(const QPointF& position);
    void zoomToBox(const QRect& box);
    void endDrag();
    void showHint();

    QRubberBand* m_band;
    QLabel* m_hint;
    QTimer m_hintTimer;
    Drag m_drag = Drag::None;
    QPoint m_pressedAt;
    QPointF m_pannedFrom;
};

} // namespace lacuna
