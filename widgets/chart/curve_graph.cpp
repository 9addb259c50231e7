#include "widgets/chart/curve_graph.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace lacuna {

namespace {

constexpr std::size_t kFewLines = 200;
constexpr double kThicket = 20000; ///< pixels of line
constexpr double kMargin = 8;      ///< pixels around the plot; more than a line is wide

/// The part of \p line inside \p rect (Liang and Barsky 1984).
std::optional<QLineF> clippedLine(const QLineF& line, const QRectF& rect)
{
    double from = 0;
    double to = 1;
    const auto cut = [&](double towards, double distance) {
        if (towards == 0)
            return distance >= 0;
        const double at = distance / towards;
        if (towards < 0)
            from = std::max(from, at);
        else
            to = std::min(to, at);
        return from <= to;
    };
    if (!cut(-line.dx(), line.x1() - rect.left()) || !cut(line.dx(), rect.right() - line.x1()) ||
        !cut(-line.dy(), line.y1() - rect.top()) || !cut(line.dy(), rect.bottom() - line.y1()))
        return std::nullopt;
    return QLineF(line.pointAt(from), line.pointAt(to));
}

/// The drawn parts of a line of \p pattern that runs through all of \p lines.
/// \param pattern  drawn and blank lengths in turn, in widths of the pen
std::vector<QLineF> dashes(const std::vector<QLineF>& lines, const QList<qreal>& pattern,
                           double width)
{
    std::vector<QLineF> drawn;
    qsizetype part = 0;
    double left = pattern.first() * width;
    for (const QLineF& line : lines) {
        const double length = line.length();
        double at = 0;
        while (at < length) {
            // Not "what is left is nothing": a rest too small to move `at` would never be used up.
            const bool ends = at + left <= length;
            const double to = ends ? at + left : length;
            if (part % 2 == 0)
                drawn.emplace_back(line.pointAt(at / length), line.pointAt(to / length));
            if (ends) {
                part = (part + 1) % pattern.size();
                left = pattern[part] * width;
            } else {
                left -= length - at;
            }
            at = to;
        }
    }
    return drawn;
}

} // namespace

void CurveGraph::drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const
{
    if (painter->modes().testFlag(QCPPainter::pmVectorized)) {
        QCPGraph::drawLinePlot(painter, lines);
        return;
    }
    // Zoomed in far, neighbours stand millions of pixels away.
    const QRectF around = QRectF(clipRect()).adjusted(-kMargin, -kMargin, kMargin, kMargin);
    std::vector<QLineF> visible;
    visible.reserve(static_cast<std::size_t>(lines.size()));
    double length = 0;
    for (qsizetype i = 1; i < lines.size(); ++i)
        if (const auto line = clippedLine(QLineF(lines[i - 1], lines[i]), around)) {
            visible.push_back(*line);
            length += line->length();
        }
    applyDefaultAntialiasingHint(painter);
    painter->setBrush(Qt::NoBrush);
    const bool areFew = visible.size() < kFewLines;
    // Lines drawn one by one meet in round corners, where they are few enough for that to be seen;
    // through pale ones the corners would show.
    const bool isRound = areFew && pen().style() == Qt::SolidLine && pen().color().alphaF() == 1.0F;
    QPen solid(pen().color(), pen().widthF(), Qt::SolidLine, isRound ? Qt::RoundCap : Qt::FlatCap);
    const bool isScaled = painter->deviceTransform().m11() > 1;
    if (solid.widthF() == 1 && !(isScaled && areFew))
        solid.setWidth(0); // one pixel of the screen, and drawn ten times as fast
    painter->setPen(solid);
    // No eye can follow dashes through a thicket.
    const bool isDashed = pen().style() != Qt::SolidLine && length < kThicket;
    if (isDashed)
        visible = dashes(visible, pen().dashPattern(), pen().widthF());
    for (const QLineF& line : visible)
        painter->drawLine(line);
}

} // namespace lacuna
