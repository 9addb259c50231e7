#include "widgets/chart/chart_canvas.h"

#include "widgets/base/colors.h"

#include <QGuiApplication>
#include <QLabel>
#include <QPainter>
#include <QRubberBand>

#include <algorithm>
#include <cmath>

namespace lacuna {

namespace {

constexpr int kHintMs = 3000;
constexpr int kLeastBox = 6; ///< pixels; a shorter side of the box leaves its axis alone
constexpr double kKeyZoom = 0.8;
constexpr double kKeyPan = 0.1;

} // namespace

ChartCanvas::ChartCanvas(QWidget* parent)
    : QCustomPlot(parent), m_band(new QRubberBand(QRubberBand::Rectangle, this)),
      m_hint(new QLabel(this))
{
    setObjectName(QStringLiteral("chartCanvas"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setMinimumSize(200, 120);
    m_hint->setObjectName(QStringLiteral("chartHint"));
    m_hint->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_hint->setAutoFillBackground(true);
    m_hint->setFrameShape(QFrame::StyledPanel);
    m_hint->setMargin(6);
    m_hint->hide();
    m_hintTimer.setSingleShot(true);
    m_hintTimer.setInterval(kHintMs);
    connect(&m_hintTimer, &QTimer::timeout, m_hint, &QWidget::hide);
    retranslate();
}

void ChartCanvas::retranslate()
{
    m_hint->setText(tr("Hold Ctrl and turn the wheel to zoom"));
    m_hint->adjustSize();
}

bool ChartCanvas::isLogarithmic() const
{
    return yAxis->scaleType() == QCPAxis::stLogarithmic;
}

void ChartCanvas::setLogarithmic(bool logarithmic)
{
    yAxis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
}

void ChartCanvas::paintEvent(QPaintEvent* event)
{
    QCustomPlot::paintEvent(event);
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setPen(QPen(themeColor(ColorRole::Accent, *this), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

void ChartCanvas::resizeEvent(QResizeEvent* event)
{
    QCustomPlot::resizeEvent(event);
    Q_EMIT resized();
}

void ChartCanvas::mousePressEvent(QMouseEvent* event)
{
    const bool pans = event->button() == Qt::MiddleButton ||
                      (event->button() == Qt::LeftButton && event->modifiers() & Qt::ShiftModifier);
    if (!pans && event->button() != Qt::LeftButton) {
        QWidget::mousePressEvent(event);
        return;
    }
    m_drag = pans ? Drag::Pan : Drag::Box;
    m_pressedAt = event->pos();
    m_pannedFrom = event->position();
    if (pans)
        setCursor(Qt::ClosedHandCursor);
}

void ChartCanvas::mouseMoveEvent(QMouseEvent* event)
{
    switch (m_drag) {
    case Drag::None:
        Q_EMIT hovered(event->position());
        break;
    case Drag::Box: {
        const QRect box = QRect(m_pressedAt, event->pos()).normalized();
        QRect shown = box & axisRect()->rect();
        // A box of one direction shows that it leaves the other axis alone.
        if (box.height() < kLeastBox)
            shown = {shown.left(), axisRect()->top(), shown.width(), axisRect()->height()};
        else if (box.width() < kLeastBox)
            shown = {axisRect()->left(), shown.top(), axisRect()->width(), shown.height()};
        m_band->setGeometry(shown);
        m_band->setVisible(std::max(box.width(), box.height()) >= kLeastBox);
        break;
    }
    case Drag::Pan:
        panTo(event->position());
        break;
    }
}

void ChartCanvas::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_drag == Drag::Box)
        zoomToBox(QRect(m_pressedAt, event->pos()).normalized() & axisRect()->rect());
    endDrag();
}

void ChartCanvas::endDrag()
{
    m_drag = Drag::None;
    m_band->hide();
    unsetCursor();
}

void ChartCanvas::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_drag = Drag::None;
    Q_EMIT fitRequested();
}

void ChartCanvas::zoomToBox(const QRect& box)
{
    const bool x = box.width() >= kLeastBox;
    const bool y = box.height() >= kLeastBox;
    if (!x && !y)
        return;
    const AxisRange xs{xAxis->pixelToCoord(box.left()), xAxis->pixelToCoord(box.right())};
    const AxisRange ys{yAxis->pixelToCoord(box.bottom()), yAxis->pixelToCoord(box.top())};
    if (x && isUsableRange(xs))
        setXView(xs);
    if (y && isUsableRange(ys))
        setYView(ys);
    Q_EMIT viewChangedByUser();
}

void ChartCanvas::panTo(const QPointF& position)
{
    const QSize size = axisRect()->size();
    pan((m_pannedFrom.x() - position.x()) / size.width(),
        (position.y() - m_pannedFrom.y()) / size.height());
    m_pannedFrom = position;
}

void ChartCanvas::pan(double xShare, double yShare)
{
    setXView(pannedRange(xView(), xShare, false));
    setYView(pannedRange(yView(), yShare, isLogarithmic()));
    Q_EMIT viewChangedByUser();
}

void ChartCanvas::zoom(double factor, const QPointF& fixed, bool x, bool y)
{
    if (x)
        setXView(zoomedRange(xView(), factor, xAxis->pixelToCoord(fixed.x()), false));
    if (y)
        setYView(zoomedRange(yView(), factor, yAxis->pixelToCoord(fixed.y()), isLogarithmic()));
    Q_EMIT viewChangedByUser();
}

void ChartCanvas::wheelEvent(QWheelEvent* event)
{
    const QPointF at = event->position();
    const QRect plot = axisRect()->rect();
    const bool overX = at.y() > plot.bottom() && at.x() >= plot.left();
    const bool overY = at.x() < plot.left() && at.y() <= plot.bottom();
    const bool both = event->modifiers() & Qt::ControlModifier;
    if (!overX && !overY && !both) {
        showHint();
        event->ignore();
        return;
    }
    // Some platforms turn a wheel with a modifier sideways.
    const int delta =
        event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    zoom(std::pow(0.85, delta / 120.0), at, both || overX, both || overY);
    event->accept();
}

void ChartCanvas::showHint()
{
    const QRect plot = axisRect()->rect();
    m_hint->move(plot.center().x() - m_hint->width() / 2, plot.bottom() - m_hint->height() - 8);
    m_hint->show();
    m_hint->raise();
    m_hintTimer.start();
}

void ChartCanvas::keyPressEvent(QKeyEvent* event)
{
    const QPointF center = axisRect()->center();
    const bool control = event->modifiers() & Qt::ControlModifier;
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(kKeyZoom, center, true, true);
        break;
    case Qt::Key_Minus:
        zoom(1 / kKeyZoom, center, true, true);
        break;
    case Qt::Key_Left:
        control ? Q_EMIT walked(-1) : pan(-kKeyPan, 0);
        break;
    case Qt::Key_Right:
        control ? Q_EMIT walked(1) : pan(kKeyPan, 0);
        break;
    case Qt::Key_Up:
        pan(0, kKeyPan);
        break;
    case Qt::Key_Down:
        pan(0, -kKeyPan);
        break;
    case Qt::Key_Home:
        Q_EMIT fitRequested();
        break;
    case Qt::Key_L:
        Q_EMIT logarithmicToggled();
        break;
    case Qt::Key_Escape:
        if (m_drag == Drag::None) {
            event->ignore();
            return;
        }
        endDrag();
        break;
    default:
        event->ignore();
    }
}

void ChartCanvas::leaveEvent(QEvent* event)
{
    QCustomPlot::leaveEvent(event);
    Q_EMIT left();
}

void ChartCanvas::focusInEvent(QFocusEvent* event)
{
    QCustomPlot::focusInEvent(event);
    update();
}

void ChartCanvas::focusOutEvent(QFocusEvent* event)
{
    QCustomPlot::focusOutEvent(event);
    update();
}

} // namespace lacuna
