#include "app/report/drawing_object.h"

#include "core/report/colors.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextDocument>

#include <algorithm>

namespace lacuna {
namespace {

constexpr double kMarkerRadius = 4;

QColor colorOf(Ink ink, bool dark)
{
    const std::string_view name = inkColor(ink, dark);
    return QColor(QLatin1String(name.data(), static_cast<qsizetype>(name.size())));
}

QList<qreal> dashes(Dash dash, double width)
{
    switch (dash) {
    case Dash::Long:
        return {9 / width, 5 / width};
    case Dash::Short:
        return {5 / width, 4 / width};
    case Dash::Dot:
        return {1.5 / width, 4 / width};
    case Dash::Solid:
        break;
    }
    return {};
}

/// The shapes of one drawing, in its own units.
class ShapePainter {
public:
    ShapePainter(QPainter& painter, bool dark) : m_painter(painter), m_dark(dark) {}

    void paint(const LineShape& line) const
    {
        QPen pen(colorOf(line.ink, m_dark), line.width);
        pen.setCapStyle(Qt::FlatCap);
        pen.setJoinStyle(Qt::RoundJoin);
        if (line.dash != Dash::Solid)
            pen.setDashPattern(dashes(line.dash, line.width));
        QPolygonF points;
        for (const DrawnPoint& point : line.points)
            points.append({point.x, point.y});
        m_painter.setPen(pen);
        m_painter.drawPolyline(points);
    }

    void paint(const BoxShape& box) const
    {
        m_painter.fillRect(QRectF(box.corner.x, box.corner.y, box.width, box.height),
                           colorOf(box.ink, m_dark));
    }

    void paint(const DotShape& shape) const
    {
        const double r = kMarkerRadius;
        const QPointF center(shape.center.x, shape.center.y);
        m_painter.setPen(QPen(colorOf(shape.ink, m_dark), 1.5));
        const std::string_view ground = reportColors(m_dark).ground;
        m_painter.setBrush(shape.hollow ? QColor(QLatin1String(
                                              ground.data(), static_cast<qsizetype>(ground.size())))
                                        : colorOf(shape.ink, m_dark));
        if (shape.marker == Marker::Circle)
            m_painter.drawEllipse(center, r, r);
        else if (shape.marker == Marker::Square)
            m_painter.drawRect(QRectF(center.x() - r, center.y() - r, 2 * r, 2 * r));
        else if (shape.marker == Marker::Diamond)
            m_painter.drawPolygon(
                QPolygonF({center + QPointF(0, -r - 1), center + QPointF(r + 1, 0),
                           center + QPointF(0, r + 1), center + QPointF(-r - 1, 0)}));
        m_painter.setBrush(Qt::NoBrush);
    }

    void paint(const TextShape& text) const
    {
        QFont font = m_painter.font();
        font.setBold(text.bold);
        m_painter.setFont(font);
        const QString words = QString::fromStdString(text.text);
        const double width = QFontMetricsF(font, m_painter.device()).horizontalAdvance(words);
        const double shift = text.anchor == TextShape::Anchor::Start    ? 0
                             : text.anchor == TextShape::Anchor::Middle ? width / 2
                                                                        : width;
        m_painter.setPen(colorOf(text.ink, m_dark));
        m_painter.drawText(QPointF(text.base.x - shift, text.base.y), words);
    }

private:
    QPainter& m_painter;
    bool m_dark;
};

} // namespace

void paintDrawing(QPainter& painter, const Drawing& drawing, double width, bool dark)
{
    painter.save();
    const double scale = width / drawing.width;
    painter.scale(scale, scale);
    painter.setRenderHint(QPainter::Antialiasing);
    QFont font = painter.font();
    font.setPixelSize(static_cast<int>(kDrawingTextSize));
    painter.setFont(font);
    const ShapePainter shapes(painter, dark);
    for (const DrawnShape& shape : drawing.shapes)
        std::visit([&shapes](const auto& one) { shapes.paint(one); }, shape);
    painter.restore();
}

DrawingObject::DrawingObject(bool dark, double mostWidth, QObject* parent)
    : QObject(parent), m_dark(dark), m_mostWidth(mostWidth)
{
}

QTextCharFormat DrawingObject::add(const Drawing& drawing)
{
    QTextCharFormat format;
    format.setObjectType(kDrawingType);
    format.setProperty(kNumber, static_cast<int>(m_drawings.size()));
    format.setToolTip(QString::fromStdString(drawing.description));
    m_drawings.push_back(drawing);
    return format;
}

QSizeF DrawingObject::intrinsicSize(QTextDocument* document, int, const QTextFormat& format)
{
    const Drawing& drawing = m_drawings.at(static_cast<std::size_t>(format.intProperty(kNumber)));
    const double text =
        document->textWidth() > 0 ? document->textWidth() : document->pageSize().width();
    const double room = text - 2 * document->documentMargin();
    const double width = room > 0 ? std::min(m_mostWidth, room) : m_mostWidth;
    return {width, width / drawing.width * drawing.height};
}

void DrawingObject::drawObject(QPainter* painter, const QRectF& box, QTextDocument* document, int,
                               const QTextFormat& format)
{
    painter->save();
    painter->translate(box.topLeft());
    painter->setFont(document->defaultFont());
    paintDrawing(*painter, m_drawings.at(static_cast<std::size_t>(format.intProperty(kNumber))),
                 box.width(), m_dark);
    painter->restore();
}

} // namespace lacuna
