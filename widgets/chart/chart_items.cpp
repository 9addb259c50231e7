#include "widgets/chart/chart_items.h"

#include "widgets/chart/chart_series.h"
#include "widgets/chart/curve_graph.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr double kWidth = 2;
constexpr double kMarkerSize = 8;
constexpr double kRawOpacity = 0.25;

QList<qreal> dashPattern(LineDash dash)
{
    switch (dash) {
    case LineDash::Dash:
        return {4, 2.5};
    case LineDash::Dot:
        return {1, 2};
    case LineDash::LongDash:
        return {8, 3};
    case LineDash::None:
    case LineDash::Solid:
        break;
    }
    return {};
}

QPen dashed(const QColor& color, double width, LineDash dash)
{
    QPen pen(color, width);
    pen.setCapStyle(Qt::FlatCap);
    pen.setJoinStyle(Qt::RoundJoin);
    if (const QList<qreal> pattern = dashPattern(dash); !pattern.isEmpty())
        pen.setDashPattern(pattern);
    return pen;
}

QSizeF labelSize(const QCPItemText& label)
{
    const QFontMetricsF metrics(label.font());
    return {metrics.horizontalAdvance(label.text()) + 8, metrics.height() + 2};
}

QCPItemText* newLabel(QCustomPlot& plot)
{
    auto* label = new QCPItemText(&plot);
    label->setLayer(u"labels"_s);
    label->setClipToAxisRect(true);
    label->setPadding({4, 1, 4, 1});
    label->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    label->position->setType(QCPItemPosition::ptAbsolute);
    return label;
}

void styleLabel(QCPItemText& label, const QColor& color, QColor surface)
{
    surface.setAlphaF(0.7F);
    label.setColor(color);
    label.setBrush(surface);
    label.setPen(Qt::NoPen);
}

} // namespace

QPointF LabelRoom::place(const std::vector<QPointF>& wishes, const QSizeF& size)
{
    const auto isFree = [&](const QRectF& place) {
        return plot.contains(place) &&
               std::none_of(taken.begin(), taken.end(),
                            [&](const QRectF& other) { return other.intersects(place); });
    };
    std::optional<QPointF> best;
    for (const QPointF& wish : wishes) {
        const QRectF here(wish, size);
        if (!isFree(here))
            continue;
        if (!best)
            best = wish;
        if (!hasCurve(here)) {
            best = wish;
            break;
        }
    }
    const QPointF chosen = best.value_or(wishes.front());
    taken.emplace_back(chosen, size);
    return chosen;
}

void addChartLayers(QCustomPlot& plot)
{
    plot.addLayer(u"rules"_s, plot.layer(u"grid"_s));
    plot.addLayer(u"raw"_s, plot.layer(u"rules"_s));
    plot.addLayer(u"curves"_s, plot.layer(u"raw"_s));
    plot.addLayer(u"labels"_s, plot.layer(u"axes"_s));
}

QPen seriesPen(const SeriesStyle& style, const QColor& color)
{
    if (style.dash == LineDash::None)
        return Qt::NoPen;
    return dashed(color, kWidth, style.dash);
}

QCPScatterStyle markerStyle(MarkerShape shape, const QColor& color, const QColor& surface)
{
    const QPen pen(color, 1.5);
    switch (shape) {
    case MarkerShape::None:
        break;
    case MarkerShape::Disc:
        return {QCPScatterStyle::ssCircle, pen, color, kMarkerSize};
    case MarkerShape::Square:
        return {QCPScatterStyle::ssSquare, pen, color, kMarkerSize};
    case MarkerShape::HollowSquare:
        return {QCPScatterStyle::ssSquare, pen, surface, kMarkerSize};
    case MarkerShape::Diamond:
        return {QCPScatterStyle::ssDiamond, pen, color, kMarkerSize + 2};
    case MarkerShape::Cross:
        return {QCPScatterStyle::ssCross, QPen(color, 2), Qt::NoBrush, kMarkerSize};
    }
    return {};
}

void drawSwatch(QCPPainter& painter, const QRectF& place, const SeriesStyle& style,
                const QColor& color, const QColor& surface)
{
    if (style.dash != LineDash::None) {
        painter.setPen(seriesPen(style, color));
        painter.drawLine(
            QLineF(place.left(), place.center().y(), place.right(), place.center().y()));
    }
    if (style.marker != MarkerShape::None) {
        const QCPScatterStyle marker = markerStyle(style.marker, color, surface);
        marker.applyTo(&painter, QPen(color));
        marker.drawShape(&painter, place.center());
    }
}

SeriesItem::SeriesItem(QCustomPlot& plot) : m_plot(plot)
{
    constexpr std::array kShapes = {QCPScatterStyle::ssTriangle, QCPScatterStyle::ssTriangle,
                                    QCPScatterStyle::ssTriangleInverted};
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        m_edges[i] = plot.addGraph(plot.xAxis, plot.yAxis2);
        m_edges[i]->setLayer(u"curves"_s);
        m_edges[i]->setLineStyle(QCPGraph::lsNone);
        m_edges[i]->setScatterStyle(QCPScatterStyle(kShapes[i], 10));
    }
}

SeriesItem::~SeriesItem()
{
    for (auto* graphs : {&m_raw, &m_main})
        for (QCPGraph* graph : *graphs)
            m_plot.removeGraph(graph);
    for (QCPGraph* graph : m_edges)
        m_plot.removeGraph(graph);
}

QCPGraph* SeriesItem::graphOf(std::vector<QCPGraph*>& graphs, std::size_t segment,
                              const QString& layer)
{
    while (graphs.size() <= segment) {
        auto* graph = new CurveGraph(m_plot.xAxis, m_plot.yAxis);
        graph->setLayer(layer);
        graph->setAdaptiveSampling(false); // what it gets is thinned already, by the extremes
        graphs.push_back(graph);
    }
    return graphs[segment];
}

void SeriesItem::restyle(const SeriesStyle& style, const QColor& color, const QColor& surface)
{
    m_style = style;
    m_color = color;
    m_surface = surface;
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        QCPScatterStyle edge = m_edges[i]->scatterStyle();
        edge.setPen(QPen(color, 1.5));
        edge.setBrush(i == 0 ? surface : color); // NaN is hollow
        m_edges[i]->setScatterStyle(edge);
    }
}

void SeriesItem::setVisible(bool visible)
{
    m_visible = visible;
}

void SeriesItem::style(QCPGraph& graph, bool isRaw, bool isDense) const
{
    QColor color = m_color;
    if (isRaw)
        color.setAlphaF(static_cast<float>(kRawOpacity));
    SeriesStyle line = m_style;
    if (isRaw && line.dash != LineDash::None)
        line.dash = LineDash::Solid; // thin and pale; the dash is the smoothed one's
    QPen pen = seriesPen(line, color);
    if (isRaw)
        pen.setWidthF(1);
    graph.setPen(pen);
    graph.setAntialiased(!isDense);
    graph.setLineStyle(line.dash == LineDash::None ? QCPGraph::lsNone : QCPGraph::lsLine);
    graph.setScatterStyle(isRaw ? QCPScatterStyle()
                                : markerStyle(m_style.marker, m_color, m_surface));
}

void SeriesItem::update(const ChartSeries& series, AxisRange x, int columns)
{
    const bool isSmoothed = series.smoothing() > 0;
    const auto fill = [&](QCPGraph* graph, const SeriesPyramid& points, bool isRaw) {
        const auto thinned = points.thinned(x.from, x.to, columns);
        QVector<QCPGraphData> data;
        data.reserve(static_cast<qsizetype>(thinned.size()));
        for (const SeriesPyramid::Point& point : thinned)
            data.append({point.x, point.y});
        style(*graph, isRaw, thinned.size() > static_cast<std::size_t>(columns));
        graph->data()->set(data, true);
        graph->setVisible(m_visible);
    };
    const auto& segments = series.segments();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        fill(graphOf(m_main, i, u"curves"_s), isSmoothed ? segments[i].smooth : segments[i].raw,
             false);
        if (isSmoothed)
            fill(graphOf(m_raw, i, u"raw"_s), segments[i].raw, true);
    }
    for (std::size_t i = segments.size(); i < m_main.size(); ++i)
        m_main[i]->setVisible(false);
    for (std::size_t i = isSmoothed ? segments.size() : 0; i < m_raw.size(); ++i)
        m_raw[i]->setVisible(false);
    updateEdges(series, x, columns);
}

/// Triangles at the edge, one a kind and pixel column.
void SeriesItem::updateEdges(const ChartSeries& series, AxisRange x, int columns)
{
    std::array<QVector<QCPGraphData>, 3> data;
    std::array<int, 3> lastColumn = {-1, -1, -1};
    for (const ChartSeries::NonFinite& point : series.nonFinite()) {
        if (point.x < x.from || point.x > x.to)
            continue;
        const std::size_t kind = std::isnan(point.y) ? 0 : point.y > 0 ? 1 : 2;
        const int column = static_cast<int>((point.x - x.from) / x.length() * columns);
        if (column == lastColumn[kind])
            continue;
        lastColumn[kind] = column;
        data[kind].append({point.x, kind == 2 ? 0.03 : 0.97});
    }
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        m_edges[i]->data()->set(data[i]);
        m_edges[i]->setVisible(m_visible);
    }
}

RuleItem::RuleItem(QCustomPlot& plot)
    : m_plot(plot), m_line(new QCPItemStraightLine(&plot)), m_label(newLabel(plot))
{
    m_line->setLayer(u"rules"_s);
}

RuleItem::~RuleItem()
{
    m_plot.removeItem(m_line);
    m_plot.removeItem(m_label);
}

void RuleItem::set(double value, const RuleStyle& style)
{
    m_value = value;
    m_style = style;
    m_line->point1->setCoords(0, value);
    m_line->point2->setCoords(1, value);
    m_label->setText(style.label);
}

void RuleItem::restyle(const QColor& color, const QColor& surface)
{
    m_line->setPen(dashed(color, 1.5, m_style.dash));
    m_label->setFont(m_plot.font());
    styleLabel(*m_label, color, surface);
}

void RuleItem::placeLabel(LabelRoom& room)
{
    const QCPAxis& axis = *m_plot.yAxis;
    const bool canStand = axis.scaleType() == QCPAxis::stLinear || m_value > 0;
    m_line->setVisible(canStand);
    m_label->setVisible(canStand && axis.range().contains(m_value));
    if (!m_label->visible())
        return;
    const QRectF& plot = room.plot;
    const QSizeF size = labelSize(*m_label);
    const double y = axis.coordToPixel(m_value);
    const double above = y - size.height() - 2;
    const double below = y + 3;
    const double left = plot.left() + 4;
    const double right = plot.right() - size.width() - 4;
    std::vector<QPointF> wishes;
    for (const double side : {above, below})
        for (const double share : {1.0, 0.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1})
            wishes.emplace_back(left + share * (right - left), side);
    m_label->position->setCoords(room.place(wishes, size));
}

MarkItem::MarkItem(QCustomPlot& plot)
    : m_plot(plot), m_line(new QCPItemLine(&plot)), m_label(newLabel(plot))
{
    m_line->setLayer(u"rules"_s);
    m_line->setClipToAxisRect(true);
    for (QCPItemPosition* end : {m_line->start, m_line->end}) {
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
}

MarkItem::~MarkItem()
{
    m_plot.removeItem(m_line);
    m_plot.removeItem(m_label);
}

void MarkItem::set(double x, const QString& label, MarkKind kind)
{
    m_x = x;
    m_text = label;
    m_line->start->setCoords(x, 1);
    m_line->end->setCoords(x, kind == MarkKind::Line ? 0 : 0.94);
    m_label->setText(kind == MarkKind::Line ? label : QString());
}

void MarkItem::restyle(const QColor& color, const QColor& surface)
{
    m_line->setPen(dashed(color, 1.5, m_text.isEmpty() ? LineDash::Solid : LineDash::Dash));
    m_label->setFont(m_plot.font());
    styleLabel(*m_label, color, surface);
}

void MarkItem::placeLabel(LabelRoom& room)
{
    m_label->setVisible(!m_label->text().isEmpty() && m_plot.xAxis->range().contains(m_x));
    if (!m_label->visible())
        return;
    const QRectF& plot = room.plot;
    const QSizeF size = labelSize(*m_label);
    const double x = m_plot.xAxis->coordToPixel(m_x);
    std::vector<QPointF> wishes;
    for (int row = 0; row < 6; ++row) {
        const double y = plot.top() + 2 + row * (size.height() + 2);
        wishes.emplace_back(x + 3, y);
        wishes.emplace_back(x - size.width() - 3, y);
    }
    m_label->position->setCoords(room.place(wishes, size));
}

} // namespace lacuna
