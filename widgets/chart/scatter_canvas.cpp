#include "widgets/chart/scatter_canvas.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace lacuna {

namespace {

constexpr double kRadius = 5;
constexpr double kReach = 14; ///< pixels around a point that belong to it
constexpr int kMostTicks = 6;
constexpr int kMargin = 12;
constexpr int kGap = 6;
constexpr qsizetype kMostLetters = 32;

bool hasPlace(double x, double y)
{
    return std::isfinite(x) && std::isfinite(y);
}

void paintShape(QPainter& painter, MarkerShape shape, const QPointF& at, double radius)
{
    switch (shape) {
    case MarkerShape::Square:
    case MarkerShape::HollowSquare:
        painter.drawRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius));
        break;
    case MarkerShape::Diamond:
        painter.drawPolygon(QPolygonF({{at.x(), at.y() - radius * 1.3},
                                       {at.x() + radius * 1.3, at.y()},
                                       {at.x(), at.y() + radius * 1.3},
                                       {at.x() - radius * 1.3, at.y()}}));
        break;
    case MarkerShape::Cross:
        painter.drawLine(at - QPointF(radius, radius), at + QPointF(radius, radius));
        painter.drawLine(at - QPointF(radius, -radius), at + QPointF(radius, -radius));
        break;
    case MarkerShape::None:
    case MarkerShape::Disc:
        painter.drawEllipse(at, radius, radius);
        break;
    }
}

QString cut(const QString& label)
{
    return label.size() <= kMostLetters ? label : label.left(kMostLetters - 1) + u'\u2026';
}

AxisRange rangeOf(std::vector<double> values)
{
    if (values.empty())
        return {0, 1};
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return fittedRange(*low, *high, false);
}

} // namespace

ScatterCanvas::ScatterCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("scatterCanvas"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void ScatterCanvas::setAxes(const ScatterAxis& x, const ScatterAxis& y)
{
    m_x = x;
    m_y = y;
    describe();
    update();
}

void ScatterCanvas::setPoints(std::vector<ScatterPoint> points)
{
    m_points = std::move(points);
    m_hovered.clear();
    fit();
}

void ScatterCanvas::setMarks(std::vector<ScatterMark> marks)
{
    m_marks = std::move(marks);
    std::erase_if(m_marks, [](const ScatterMark& mark) { return !hasPlace(mark.x, mark.y); });
    fit();
}

void ScatterCanvas::setEmptyText(const QString& text)
{
    m_emptyText = text;
    describe();
    update();
}

void ScatterCanvas::setCurrent(const QString& id)
{
    m_current = id;
    describe();
    update();
}

void ScatterCanvas::fit()
{
    std::vector<double> xs;
    std::vector<double> ys;
    const auto add = [&](double x, double y) {
        if (hasPlace(x, y)) {
            xs.push_back(x);
            ys.push_back(y);
        }
    };
    for (const ScatterPoint& point : m_points)
        add(point.x, point.y);
    for (const ScatterMark& mark : m_marks)
        add(mark.x, mark.y);
    m_xRange = rangeOf(std::move(xs));
    m_yRange = rangeOf(std::move(ys));
    describe();
    update();
}

QRectF ScatterCanvas::plot() const
{
    const QFontMetrics metrics = fontMetrics();
    int widest = 0;
    const std::vector<double> ticks = linearTicks(m_yRange, kMostTicks, false);
    for (const double tick : ticks)
        widest = std::max(widest, metrics.horizontalAdvance(
                                      tickText(tick, ticks.size() > 1 ? ticks[1] - ticks[0] : 1)));
    const int line = metrics.height();
    return QRectF(rect()).adjusted(kMargin + line + kGap + widest + kGap, kMargin, -kMargin - kGap,
                                   -(kMargin + 2 * line + 2 * kGap));
}

QPointF ScatterCanvas::positionOf(double x, double y) const
{
    const QRectF area = plot();
    return {area.left() + (x - m_xRange.from) / m_xRange.length() * area.width(),
            area.bottom() - (y - m_yRange.from) / m_yRange.length() * area.height()};
}

const ScatterPoint* ScatterCanvas::currentPoint() const
{
    const auto found = std::ranges::find(m_points, m_current, &ScatterPoint::id);
    return found == m_points.end() || !hasPlace(found->x, found->y) ? nullptr : &*found;
}

QString ScatterCanvas::sentence(const ScatterPoint& point) const
{
    QString text =
        tr("%1: %2 %3, %4 %5")
            .arg(point.label, m_x.name, shortNumber(point.x), m_y.name, shortNumber(point.y));
    if (point.onFront)
        text += tr("; no other beats it");
    return text;
}

const ScatterPoint* ScatterCanvas::pointAt(const QPointF& place) const
{
    const ScatterPoint* nearest = nullptr;
    double least = kReach;
    for (const ScatterPoint& point : m_points) {
        if (!hasPlace(point.x, point.y))
            continue;
        const QPointF away = positionOf(point.x, point.y) - place;
        const double distance = std::hypot(away.x(), away.y());
        if (distance < least) {
            least = distance;
            nearest = &point;
        }
    }
    return nearest;
}

void ScatterCanvas::choose(const ScatterPoint* point)
{
    if (!point || point->id == m_current)
        return;
    setCurrent(point->id);
    Q_EMIT chosen(m_current);
}

void ScatterCanvas::walk(bool byX, int direction)
{
    std::vector<const ScatterPoint*> order;
    for (const ScatterPoint& point : m_points)
        if (hasPlace(point.x, point.y))
            order.push_back(&point);
    if (order.empty())
        return;
    std::ranges::stable_sort(order, {},
                             [byX](const ScatterPoint* one) { return byX ? one->x : one->y; });
    const auto at = std::ranges::find(order, currentPoint());
    if (at == order.end())
        return choose(direction > 0 ? order.front() : order.back());
    const auto next = (at - order.begin()) + direction;
    if (next >= 0 && next < static_cast<std::ptrdiff_t>(order.size()))
        choose(order[static_cast<std::size_t>(next)]);
}

void ScatterCanvas::describe()
{
    const ScatterPoint* point = currentPoint();
    setAccessibleDescription(point ? sentence(*point)
                             : m_points.empty()
                                 ? m_emptyText
                                 : tr("%n points", nullptr, static_cast<int>(m_points.size())));
}

void ScatterCanvas::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        return walk(true, -1);
    case Qt::Key_Right:
        return walk(true, 1);
    case Qt::Key_Up:
        return walk(false, 1);
    case Qt::Key_Down:
        return walk(false, -1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (currentPoint())
            Q_EMIT activated(m_current);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void ScatterCanvas::mouseMoveEvent(QMouseEvent* event)
{
    const ScatterPoint* point = pointAt(event->position());
    const QString id = point ? point->id : QString();
    if (id != m_hovered) {
        m_hovered = id;
        setCursor(point ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }
}

void ScatterCanvas::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        choose(pointAt(event->position()));
}

void ScatterCanvas::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const ScatterPoint* point = pointAt(event->position()))
        Q_EMIT activated(point->id);
}

void ScatterCanvas::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    m_hovered.clear();
    update();
}

void ScatterCanvas::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

bool ScatterCanvas::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const ScatterPoint* point = pointAt(help->pos()))
        QToolTip::showText(help->globalPos(), sentence(*point), this);
    else
        QToolTip::hideText();
    return true;
}

void ScatterCanvas::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        describe();
    update();
}

void ScatterCanvas::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), themeColor(ColorRole::Surface, *this));
    const bool any = std::ranges::any_of(
        m_points, [](const ScatterPoint& point) { return hasPlace(point.x, point.y); });
    if (any) {
        paintAxes(painter);
        paintGood(painter);
        paintFront(painter);
        for (const bool front : {false, true})
            for (const ScatterPoint& point : m_points)
                if (point.onFront == front && hasPlace(point.x, point.y))
                    paintPoint(painter, point, point.id == m_current || point.id == m_hovered);
        if (const ScatterPoint* point = currentPoint())
            paintPoint(painter, *point, true);
        paintLabels(painter);
    } else {
        painter.setPen(themeColor(ColorRole::Secondary, *this));
        painter.drawText(rect().adjusted(kMargin, kMargin, -kMargin, -kMargin),
                         Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    }
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(themeColor(ColorRole::Accent, *this), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void ScatterCanvas::paintAxes(QPainter& painter) const
{
    const QRectF area = plot();
    const QColor secondary = themeColor(ColorRole::Secondary, *this);
    const QColor border = themeColor(ColorRole::Border, *this);
    const int line = fontMetrics().height();
    const auto ticksOf = [](AxisRange range) { return linearTicks(range, kMostTicks, false); };
    const auto text = [](double tick, const std::vector<double>& ticks) {
        return tickText(tick, ticks.size() > 1 ? ticks[1] - ticks[0] : 1);
    };
    const std::vector<double> xs = ticksOf(m_xRange);
    for (const double tick : xs) {
        const double at = positionOf(tick, m_yRange.from).x();
        painter.setPen(border);
        painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()));
        painter.setPen(secondary);
        painter.drawText(QRectF(at - 60, area.bottom() + kGap, 120, line), Qt::AlignCenter,
                         text(tick, xs));
    }
    const std::vector<double> ys = ticksOf(m_yRange);
    for (const double tick : ys) {
        const double at = positionOf(m_xRange.from, tick).y();
        painter.setPen(border);
        painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at));
        painter.setPen(secondary);
        painter.drawText(QRectF(0, at - line, area.left() - kGap, 2 * line),
                         Qt::AlignVCenter | Qt::AlignRight, text(tick, ys));
    }
    painter.setPen(secondary);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    painter.drawLine(area.bottomLeft(), area.topLeft());
    const auto named = [](const ScatterAxis& axis) {
        return axis.good == GoodEnd::High ? tr("%1 \u2192 higher is better").arg(axis.name)
                                          : tr("%1 \u2190 lower is better").arg(axis.name);
    };
    painter.drawText(QRectF(area.left(), area.bottom() + 2 * kGap + line, area.width(), line),
                     Qt::AlignCenter, named(m_x));
    painter.save();
    painter.translate(kMargin, area.center().y());
    painter.rotate(-90);
    painter.drawText(QRectF(-area.height() / 2, 0, area.height(), line), Qt::AlignCenter,
                     named(m_y));
    painter.restore();
}

/// The corner to which good points lie.
void ScatterCanvas::paintGood(QPainter& painter) const
{
    const bool right = m_x.good == GoodEnd::High;
    const bool top = m_y.good == GoodEnd::High;
    const QChar arrow = top ? (right ? u'\u2197' : u'\u2196') : (right ? u'\u2198' : u'\u2199');
    painter.setPen(themeColor(ColorRole::Secondary, *this));
    painter.drawText(plot().adjusted(kGap, kGap, -kGap, -kGap),
                     (right ? Qt::AlignRight : Qt::AlignLeft) |
                         (top ? Qt::AlignTop : Qt::AlignBottom),
                     right ? tr("better") + u' ' + arrow : arrow + u' ' + tr("better"));
}

/// As stairs: beyond them lies what no run has reached.
void ScatterCanvas::paintFront(QPainter& painter) const
{
    std::vector<QPointF> front;
    for (const ScatterPoint& point : m_points)
        if (point.onFront && hasPlace(point.x, point.y))
            front.emplace_back(point.x, point.y);
    if (front.size() < 2)
        return;
    std::ranges::sort(front, {}, [](const QPointF& point) { return point.x(); });
    QPainterPath path(positionOf(front[0].x(), front[0].y()));
    for (std::size_t i = 1; i < front.size(); ++i) {
        // Of two neighbours the corner is the one that both of them beat.
        const double x = m_x.good == GoodEnd::Low ? front[i].x() : front[i - 1].x();
        const double y = m_x.good == GoodEnd::Low ? front[i - 1].y() : front[i].y();
        path.lineTo(positionOf(x, y));
        path.lineTo(positionOf(front[i].x(), front[i].y()));
    }
    QPen pen(themeColor(ColorRole::Secondary, *this), 2);
    pen.setDashPattern({4, 2.5});
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
}

void ScatterCanvas::paintPoint(QPainter& painter, const ScatterPoint& point, bool emphasised) const
{
    const QPointF at = positionOf(point.x, point.y);
    const QColor color = overlayColor(point.overlay, isDark(palette()));
    // Those on the front are squares, filled: colour is not what tells them apart.
    painter.setPen(QPen(color, 2));
    painter.setBrush(point.onFront ? QBrush(color) : QBrush(themeColor(ColorRole::Surface, *this)));
    paintShape(painter, point.onFront ? MarkerShape::Square : MarkerShape::Disc, at, kRadius);
    if (!emphasised)
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(themeColor(ColorRole::Accent, *this), 2));
    painter.drawEllipse(at, kRadius + 5, kRadius + 5);
}

/// Marks, then the chosen and the hovered point, then the front, as far as there is room.
void ScatterCanvas::paintLabels(QPainter& painter) const
{
    const QRectF area = plot();
    std::vector<QRectF> taken;
    for (const ScatterPoint& point : m_points)
        if (hasPlace(point.x, point.y)) {
            const QPointF at = positionOf(point.x, point.y);
            taken.emplace_back(at.x() - kRadius, at.y() - kRadius, 2 * kRadius, 2 * kRadius);
        }
    const auto write = [&](const QPointF& at, const QString& text, const QColor& color,
                           bool always) {
        const QSizeF size(fontMetrics().horizontalAdvance(text) + 2, fontMetrics().height());
        const double off = kRadius + kGap;
        // First where nothing lies that is better: the front does not run through there.
        const QPointF outward(
            m_x.good == GoodEnd::Low ? at.x() - kRadius - size.width() : at.x() + kRadius,
            m_y.good == GoodEnd::High ? at.y() - kRadius - size.height() : at.y() + kRadius);
        const std::vector<QPointF> wishes = {
            outward,
            {at.x() + off, at.y() - size.height() / 2},
            {at.x() - off - size.width(), at.y() - size.height() / 2},
            {at.x() - size.width() / 2, at.y() - off - size.height()},
            {at.x() - size.width() / 2, at.y() + off}};
        const auto isFree = [&](const QPointF& wish) {
            const QRectF place(wish, size);
            return area.contains(place) && std::ranges::none_of(taken, [&](const QRectF& one) {
                       return one.intersects(place);
                   });
        };
        const auto found = std::ranges::find_if(wishes, isFree);
        if (found == wishes.end() && !always)
            return;
        const auto inside = std::ranges::find_if(
            wishes, [&](const QPointF& wish) { return area.contains(QRectF(wish, size)); });
        const QRectF place(found != wishes.end()    ? *found
                           : inside != wishes.end() ? *inside
                                                    : wishes.front(),
                           size);
        taken.push_back(place);
        QColor ground = themeColor(ColorRole::Surface, *this);
        ground.setAlphaF(0.8F);
        painter.fillRect(place, ground);
        painter.setPen(color);
        painter.drawText(place, Qt::AlignCenter, text);
    };
    for (const ScatterMark& mark : m_marks) {
        const QPointF at = positionOf(mark.x, mark.y);
        const QColor color = themeColor(mark.color, *this);
        painter.setPen(QPen(color, 2));
        painter.setBrush(color);
        paintShape(painter, mark.shape, at, kRadius);
        write(at, mark.label, color, true);
    }
    const QColor text = themeColor(ColorRole::Text, *this);
    for (const ScatterPoint& point : m_points)
        if (hasPlace(point.x, point.y) && (point.id == m_current || point.id == m_hovered))
            write(positionOf(point.x, point.y), cut(point.label), text, true);
    for (const ScatterPoint& point : m_points)
        if (hasPlace(point.x, point.y) && point.onFront && point.id != m_current &&
            point.id != m_hovered)
            write(positionOf(point.x, point.y), cut(point.label), text, false);
}

} // namespace lacuna
