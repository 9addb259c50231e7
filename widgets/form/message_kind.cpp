#include "widgets/form/message_kind.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>
#include <QWidget>

#include <cmath>
#include <numbers>

namespace lacuna {

namespace {

QPainterPath outline(MessageKind kind)
{
    QPainterPath path;
    if (kind == MessageKind::Warning) {
        path.moveTo(8, 1.2);
        path.lineTo(15.2, 14.4);
        path.lineTo(0.8, 14.4);
        path.closeSubpath();
    } else if (kind == MessageKind::Error) {
        for (int corner = 0; corner < 8; ++corner) {
            const double angle = (corner + 0.5) * std::numbers::pi / 4;
            const QPointF at(8 + 7.6 * std::cos(angle), 8 + 7.6 * std::sin(angle));
            corner == 0 ? path.moveTo(at) : path.lineTo(at);
        }
        path.closeSubpath();
    } else {
        path.addEllipse(QPointF(8, 8), 7.2, 7.2);
    }
    return path;
}

void drawSign(QPainter& painter, MessageKind kind)
{
    switch (kind) {
    case MessageKind::Info:
        painter.drawLine(QPointF(8, 7.2), QPointF(8, 11.6));
        painter.drawPoint(QPointF(8, 4.4));
        break;
    case MessageKind::Success:
        painter.drawPolyline(QPolygonF({{4.8, 8.4}, {7.2, 10.8}, {11.4, 5.6}}));
        break;
    case MessageKind::Warning:
        painter.drawLine(QPointF(8, 5.8), QPointF(8, 9.2));
        painter.drawPoint(QPointF(8, 12));
        break;
    case MessageKind::Error:
        painter.drawLine(QPointF(5.4, 5.4), QPointF(10.6, 10.6));
        painter.drawLine(QPointF(10.6, 5.4), QPointF(5.4, 10.6));
        break;
    }
}

} // namespace

QString messageWord(MessageKind kind)
{
    switch (kind) {
    case MessageKind::Info:
        return QCoreApplication::translate("MessageKind", "Note");
    case MessageKind::Success:
        return QCoreApplication::translate("MessageKind", "Done");
    case MessageKind::Warning:
        return QCoreApplication::translate("MessageKind", "Warning");
    case MessageKind::Error:
        return QCoreApplication::translate("MessageKind", "Error");
    }
    return {};
}

ColorRole messageColor(MessageKind kind)
{
    switch (kind) {
    case MessageKind::Info:
        return ColorRole::Accent;
    case MessageKind::Success:
        return ColorRole::Success;
    case MessageKind::Warning:
        return ColorRole::Warning;
    case MessageKind::Error:
        return ColorRole::Error;
    }
    return ColorRole::Text;
}

QPixmap messageIcon(MessageKind kind, int size, const QWidget& widget)
{
    const double ratio = widget.devicePixelRatioF();
    QPixmap pixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(size / 16.0, size / 16.0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(themeColor(messageColor(kind), widget));
    painter.drawPath(outline(kind));
    painter.setPen(QPen(themeColor(ColorRole::Surface, widget), 1.8, Qt::SolidLine, Qt::RoundCap,
                        Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    drawSign(painter, kind);
    return pixmap;
}

} // namespace lacuna
