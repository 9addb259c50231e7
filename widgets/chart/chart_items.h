#pragma once

#include "widgets/chart/chart_scale.h"
#include "widgets/chart/chart_style.h"
#include "widgets/chart/qcustomplot_shim.h"

#include <array>
#include <functional>
#include <vector>

/// What a LiveChart draws on its canvas: QCustomPlot's objects behind a series, a rule and a mark.
/// Private parts of it; the canvas owns the objects and outlives them.
namespace lacuna {

class ChartSeries;

/// Layers from back to front, on top of "grid": rules, raw curves, curves, labels and the cursor.
void addChartLayers(QCustomPlot& plot);

[[nodiscard]] QPen seriesPen(const SeriesStyle& style, const QColor& color);
[[nodiscard]] QCPScatterStyle markerStyle(MarkerShape shape, const QColor& color,
                                          const QColor& surface);
/// Line and marker as a legend shows them.
void drawSwatch(QCPPainter& painter, const QRectF& place, const SeriesStyle& style,
                const QColor& color, const QColor& surface);

class SeriesItem {
public:
    explicit SeriesItem(QCustomPlot& plot);
    ~SeriesItem();
    SeriesItem(const SeriesItem&) = delete;
    SeriesItem& operator=(const SeriesItem&) = delete;

    void restyle(const SeriesStyle& style, const QColor& color, const QColor& surface);
    void setVisible(bool visible);
    /// Draws of \p series what \p columns pixels can show of \p x.
    void update(const ChartSeries& series, AxisRange x, int columns);

private:
    QCPGraph* graphOf(std::vector<QCPGraph*>& graphs, std::size_t segment, const QString& layer);
    void style(QCPGraph& graph, bool isRaw, bool isDense) const;
    void updateEdges(const ChartSeries& series, AxisRange x, int columns);

    QCustomPlot& m_plot;
    SeriesStyle m_style;
    QColor m_color;
    QColor m_surface;
    bool m_visible = true;
    std::vector<QCPGraph*> m_raw;       ///< one a segment, thin under the smoothed one
    std::vector<QCPGraph*> m_main;      ///< one a segment
    std::array<QCPGraph*, 3> m_edges{}; ///< NaN, infinity, -infinity
};

/// Finds places for labels: on no other label, and off the curves where that can be had.
struct LabelRoom {
    QRectF plot;
    std::function<bool(const QRectF&)> hasCurve;
    std::vector<QRectF> taken = {};

    [[nodiscard]] QPointF place(const std::vector<QPointF>& wishes, const QSizeF& size);
};

/// A labelled horizontal line.
class RuleItem {
public:
    explicit RuleItem(QCustomPlot& plot);
    ~RuleItem();
    RuleItem(const RuleItem&) = delete;
    RuleItem& operator=(const RuleItem&) = delete;

    void set(double value, const RuleStyle& style);
    void restyle(const QColor& color, const QColor& surface);
    /// After the layout.
    void placeLabel(LabelRoom& room);

    [[nodiscard]] double value() const { return m_value; }
    [[nodiscard]] const RuleStyle& style() const { return m_style; }

private:
    QCustomPlot& m_plot;
    RuleStyle m_style;
    double m_value = 0;
    QCPItemStraightLine* m_line;
    QCPItemText* m_label;
};

/// A mark on the step axis.
class MarkItem {
public:
    explicit MarkItem(QCustomPlot& plot);
    ~MarkItem();
    MarkItem(const MarkItem&) = delete;
    MarkItem& operator=(const MarkItem&) = delete;

    void set(double x, const QString& label, MarkKind kind);
    void restyle(const QColor& color, const QColor& surface);
    void placeLabel(LabelRoom& room);

    [[nodiscard]] double x() const { return m_x; }
    [[nodiscard]] const QString& label() const { return m_text; }

private:
    QCustomPlot& m_plot;
    double m_x = 0;
    QString m_text;
    QCPItemLine* m_line;
    QCPItemText* m_label;
};

} // namespace lacuna
