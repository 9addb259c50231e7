#include "widgets/text/token_flow.h"

#include "widgets/base/colors.h"

#include <QFontDatabase>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cstdlib>

namespace lacuna {

namespace {

constexpr int kMargin = 8;
constexpr int kPadding = 3; ///< between a token's text and its edge
constexpr int kGap = 2;     ///< between tokens
constexpr int kLeading = 6; ///< between lines

} // namespace

TokenFlow::TokenFlow(QWidget* parent) : QAbstractScrollArea(parent)
{
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPointSizeF(font().pointSizeF());
    setFont(fixed);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    viewport()->setBackgroundRole(QPalette::Base);
}

QRect TokenFlow::tokenRect(int index) const
{
    const Box& box = m_boxes.at(static_cast<std::size_t>(index));
    return {box.x, kMargin + box.line * lineHeight() - verticalScrollBar()->value(), box.width,
            lineHeight() - kLeading};
}

int TokenFlow::tokenAt(QPoint place) const
{
    const int line = (place.y() + verticalScrollBar()->value() - kMargin) / lineHeight();
    if (line < 0 || line >= static_cast<int>(m_lineStarts.size()))
        return -1;
    const auto at = static_cast<std::size_t>(line);
    const int end = at + 1 < m_lineStarts.size() ? m_lineStarts[at + 1] : count();
    for (int i = m_lineStarts[at]; i < end; ++i)
        if (tokenRect(i).adjusted(0, 0, kGap, kLeading).contains(place))
            return i;
    return -1;
}

void TokenFlow::clear()
{
    setTokens({});
}

void TokenFlow::append(const Token& token)
{
    const bool follow = verticalScrollBar()->value() == verticalScrollBar()->maximum();
    m_boxes.push_back({.token = token, .width = widthOf(token.text)});
    place(m_boxes.back());
    updateRange();
    if (follow)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    viewport()->update();
}

void TokenFlow::setTokens(const std::vector<Token>& tokens)
{
    m_boxes.clear();
    for (const Token& token : tokens)
        m_boxes.push_back({.token = token, .width = widthOf(token.text)});
    if (m_current >= count())
        m_current = -1;
    layoutAgain();
}

void TokenFlow::setFills(const std::vector<QColor>& fills)
{
    for (std::size_t i = 0; i < m_boxes.size(); ++i)
        m_boxes[i].token.fill = fills.at(i);
    viewport()->update();
}

void TokenFlow::setCurrent(int index)
{
    m_current = index < count() ? index : -1;
    viewport()->update();
}

void TokenFlow::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    painter.setFont(font());
    m_painted = 0;
    const int top = verticalScrollBar()->value();
    const int lines = static_cast<int>(m_lineStarts.size());
    const int firstLine = std::max(0, (event->rect().top() + top - kMargin) / lineHeight());
    const int lastLine = std::min(lines - 1, (event->rect().bottom() + top) / lineHeight());
    if (firstLine > lastLine)
        return;
    const auto behind = static_cast<std::size_t>(lastLine) + 1;
    const int end = behind < m_lineStarts.size() ? m_lineStarts[behind] : count();
    for (int i = m_lineStarts[static_cast<std::size_t>(firstLine)]; i < end; ++i) {
        const Box& box = m_boxes[static_cast<std::size_t>(i)];
        const QRect area = tokenRect(i);
        if (box.token.fill.isValid()) {
            painter.fillRect(area, box.token.fill);
            painter.setPen(textOn(box.token.fill));
        } else {
            painter.setPen(QPen(themeColor(ColorRole::Secondary, *this), 1, Qt::DotLine));
            painter.drawRect(area.adjusted(0, 0, -1, -1));
            painter.setPen(themeColor(ColorRole::Text, *this));
        }
        painter.drawText(area.adjusted(kPadding, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         box.token.text);
        ++m_painted;
    }
    if (m_current < 0)
        return;
    const ColorRole frame = hasFocus() ? ColorRole::Accent : ColorRole::Text;
    painter.setPen(QPen(themeColor(frame, *this), 2));
    painter.drawRect(tokenRect(m_current).adjusted(-1, -1, 1, 1));
}

void TokenFlow::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    layoutAgain();
}

void TokenFlow::mouseMoveEvent(QMouseEvent* event)
{
    if (const int index = tokenAt(event->pos()); index >= 0)
        choose(index);
}

void TokenFlow::mousePressEvent(QMouseEvent* event)
{
    mouseMoveEvent(event);
}

void TokenFlow::keyPressEvent(QKeyEvent* event)
{
    int target = 0;
    switch (event->key()) {
    case Qt::Key_Left:
        target = m_current - 1;
        break;
    case Qt::Key_Right:
        target = m_current + 1;
        break;
    case Qt::Key_Up:
        target = neighbourLine(-1);
        break;
    case Qt::Key_Down:
        target = neighbourLine(1);
        break;
    case Qt::Key_Home:
        target = 0;
        break;
    case Qt::Key_End:
        target = count() - 1;
        break;
    default:
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    if (m_boxes.empty())
        return;
    target = std::clamp(target, 0, count() - 1);
    reveal(target);
    choose(target);
}

void TokenFlow::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    // By Tab there is no mouse to say which.
    if (m_current < 0 && !m_boxes.empty() && event->reason() != Qt::MouseFocusReason)
        choose(0);
    viewport()->update();
}

void TokenFlow::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TokenFlow::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        m_widths.clear();
        for (Box& box : m_boxes)
            box.width = widthOf(box.token.text);
        layoutAgain();
    }
}

/// Puts \p box, the last one so far, behind the one before it.
void TokenFlow::place(Box& box)
{
    const auto index = static_cast<int>(&box - m_boxes.data());
    const bool starts = index == 0 || m_boxes[static_cast<std::size_t>(index) - 1].token.breaksLine;
    const bool overflows = m_nextX + box.width > viewport()->width() - kMargin;
    if (starts || overflows) {
        m_lineStarts.push_back(index);
        m_nextX = kMargin;
    }
    box.line = static_cast<int>(m_lineStarts.size()) - 1;
    box.x = m_nextX;
    m_nextX += box.width + kGap;
}

void TokenFlow::layoutAgain()
{
    m_lineStarts.clear();
    for (Box& box : m_boxes)
        place(box);
    updateRange();
    viewport()->update();
}

void TokenFlow::updateRange()
{
    const int height = 2 * kMargin + static_cast<int>(m_lineStarts.size()) * lineHeight();
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(lineHeight());
}

void TokenFlow::choose(int index)
{
    if (index == m_current)
        return;
    setCurrent(index);
    Q_EMIT currentChanged(index);
}

void TokenFlow::reveal(int index)
{
    const QRect area = tokenRect(index);
    QScrollBar* bar = verticalScrollBar();
    if (area.top() < kMargin)
        bar->setValue(bar->value() + area.top() - kMargin);
    else if (area.bottom() > viewport()->height() - kMargin)
        bar->setValue(bar->value() + area.bottom() - viewport()->height() + kMargin);
}

/// The token above or below the current one.
int TokenFlow::neighbourLine(int step) const
{
    if (m_current < 0)
        return 0;
    const Box& from = m_boxes[static_cast<std::size_t>(m_current)];
    const int line = from.line + step;
    if (line < 0 || line >= static_cast<int>(m_lineStarts.size()))
        return m_current;
    const auto at = static_cast<std::size_t>(line);
    const int end = at + 1 < m_lineStarts.size() ? m_lineStarts[at + 1] : count();
    const int middle = from.x + from.width / 2;
    int best = m_lineStarts[at];
    for (int i = best; i < end; ++i) {
        const auto distance = [this, middle](int token) {
            const Box& box = m_boxes[static_cast<std::size_t>(token)];
            return std::abs(box.x + box.width / 2 - middle);
        };
        if (distance(i) < distance(best))
            best = i;
    }
    return best;
}

int TokenFlow::lineHeight() const
{
    return fontMetrics().height() + 6 + kLeading;
}

int TokenFlow::widthOf(const QString& text)
{
    const auto known = m_widths.constFind(text);
    if (known != m_widths.constEnd())
        return *known;
    // A byte or control character that draws nothing still needs a place to point at.
    const int width = std::max(fontMetrics().horizontalAdvance(text), 4) + 2 * kPadding;
    m_widths.insert(text, width);
    return width;
}

} // namespace lacuna
