#include "widgets/chart/heat_grid.h"

#include "widgets/base/colors.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace lacuna {

namespace {

constexpr int kCellHeight = 24;
constexpr int kWidestCell = 72;
constexpr int kNarrowestCell = 4;
constexpr int kGap = 1;
constexpr int kSpace = 8;
constexpr int kFrame = 2; ///< of a marked cell

} // namespace

HeatGrid::HeatGrid(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void HeatGrid::setContent(Content content)
{
    m_content = std::move(content);
    updateGeometry();
    update();
}

int HeatGrid::columns() const
{
    return m_content.cells.empty() ? 0 : static_cast<int>(m_content.cells.front().size());
}

int HeatGrid::namesWidth() const
{
    int widest = fontMetrics().horizontalAdvance(m_content.columnTitle);
    for (const QString& name : m_content.rows)
        widest = std::max(widest, fontMetrics().horizontalAdvance(name));
    return widest + kSpace;
}

int HeatGrid::cellWidth() const
{
    return std::clamp((width() - namesWidth()) / std::max(1, columns()), kNarrowestCell,
                      kWidestCell);
}

QRect HeatGrid::cellRect(int row, int column) const
{
    return QStyle::visualRect(layoutDirection(), rect(),
                              {namesWidth() + column * cellWidth(), row * kCellHeight,
                               cellWidth() - kGap, kCellHeight - kGap});
}

QSize HeatGrid::sizeHint() const
{
    return {namesWidth() + columns() * kWidestCell,
            static_cast<int>(m_content.rows.size()) * kCellHeight + fontMetrics().height() + 4};
}

QSize HeatGrid::minimumSizeHint() const
{
    return {namesWidth() + columns() * kNarrowestCell, sizeHint().height()};
}

const HeatGrid::Cell* HeatGrid::cellAt(QPoint place) const
{
    for (std::size_t row = 0; row < m_content.cells.size(); ++row)
        for (std::size_t column = 0; column < m_content.cells[row].size(); ++column)
            if (cellRect(static_cast<int>(row), static_cast<int>(column)).contains(place))
                return &m_content.cells[row][column];
    return nullptr;
}

void HeatGrid::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QWidget::changeEvent(event);
}

bool HeatGrid::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const Cell* cell = cellAt(help->pos()))
        QToolTip::showText(help->globalPos(), cell->toolTip, this);
    else
        QToolTip::hideText();
    return true;
}

void HeatGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    for (int row = 0; row < static_cast<int>(m_content.rows.size()); ++row) {
        painter.setPen(themeColor(ColorRole::Text, *this));
        paintName(painter, row * kCellHeight, kCellHeight - kGap, m_content.rows[row]);
        for (int column = 0; column < columns(); ++column)
            paintCell(
                painter, cellRect(row, column),
                m_content.cells[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)]);
    }
    paintNumbers(painter);
}

/// Beside the cells, in the pen of \p painter.
void HeatGrid::paintName(QPainter& painter, int top, int height, const QString& name) const
{
    const QRect area =
        QStyle::visualRect(layoutDirection(), rect(), {0, top, namesWidth() - kSpace, height});
    const Qt::Alignment start = QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft);
    painter.drawText(area, static_cast<int>(start | Qt::AlignAbsolute | Qt::AlignVCenter), name);
}

void HeatGrid::paintCell(QPainter& painter, const QRect& area, const Cell& cell) const
{
    const QColor fill = probabilityColor(cell.place);
    painter.fillRect(area, fill);
    const QColor ink = textOn(fill);
    if (cell.marked && area.width() > 4 * kFrame) {
        // In the ink of the fill, or it would vanish at one end of the scale.
        painter.setPen(QPen(ink, kFrame, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
        painter.drawRect(area.adjusted(kFrame, kFrame, -kFrame, -kFrame));
    } else if (cell.marked) {
        painter.fillRect(QRect(area.left(), area.center().y() - 1, area.width(), kFrame), ink);
    }
    if (fontMetrics().horizontalAdvance(cell.text) + 4 * kFrame > area.width())
        return;
    painter.setPen(ink);
    painter.drawText(area, Qt::AlignCenter, cell.text);
}

/// Below the columns: all of them, or as many as there is room for.
void HeatGrid::paintNumbers(QPainter& painter) const
{
    if (columns() == 0)
        return;
    painter.setPen(themeColor(ColorRole::Secondary, *this));
    const int top = static_cast<int>(m_content.rows.size()) * kCellHeight + 2;
    paintName(painter, top, fontMetrics().height(), m_content.columnTitle);
    const QLocale locale;
    const int widest = fontMetrics().horizontalAdvance(locale.toString(columns() - 1)) + kSpace;
    const int step = (widest + cellWidth() - 1) / cellWidth();
    for (int column = 0; column < columns(); column += step) {
        const QPoint middle = cellRect(0, column).center();
        painter.drawText(QRect(middle.x() - widest / 2, top, widest, fontMetrics().height()),
                         Qt::AlignHCenter, locale.toString(column));
    }
}

} // namespace lacuna
