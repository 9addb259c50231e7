#include "widgets/table/score_delegate.h"

#include "widgets/base/colors.h"

#include <QApplication>
#include <QPainter>
#include <QStyle>

#include <algorithm>

namespace lacuna {

namespace {

constexpr int kPadding = 6;
/// A missing number's reason is cut to fit: it makes no column wider.
constexpr int kReasonWidth = 96;

QRect inside(const QRect& cell)
{
    return cell.adjusted(kPadding, 0, -kPadding, 0);
}

} // namespace

void ScoreDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const bool dark = isDark(cell.palette);
    const bool selected = cell.state & QStyle::State_Selected;
    const bool missing = index.data(Missing).toBool();
    const QString interval = index.data(Interval).toString();
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, cell.widget);

    painter->save();
    painter->setClipRect(cell.rect);
    if (missing && !selected)
        painter->fillRect(cell.rect.adjusted(1, 1, -1, -1),
                          QBrush(themeColor(ColorRole::Border, dark), Qt::BDiagPattern));
    const QColor ink = selected
                           ? cell.palette.color(QPalette::HighlightedText)
                           : themeColor(missing ? ColorRole::Secondary : ColorRole::Text, dark);
    const int height = cell.fontMetrics.height();
    QRect line = inside(cell.rect);
    line.setTop(cell.rect.center().y() - (interval.isEmpty() ? height / 2 : height));
    line.setHeight(height);
    const auto put = [&](const QString& text, const QColor& color) {
        const QString shown = cell.fontMetrics.elidedText(text, Qt::ElideRight, line.width());
        const Qt::Alignment side = QStyle::visualAlignment(
            cell.direction, cell.displayAlignment & Qt::AlignHorizontal_Mask);
        if (missing && !selected) { // letters on hatching are hard to read
            const int width = cell.fontMetrics.horizontalAdvance(shown) + 4;
            QRect patch = QStyle::alignedRect(Qt::LeftToRight, side, {width, height}, line);
            painter->fillRect(patch.adjusted(-2, 0, 2, 0), cell.palette.color(QPalette::Base));
        }
        painter->setPen(color);
        painter->drawText(line, static_cast<int>(side | Qt::AlignVCenter), shown);
        line.translate(0, height);
    };
    painter->setFont(cell.font);
    put(cell.text, ink);
    if (!interval.isEmpty())
        put(interval, selected ? ink : themeColor(ColorRole::Secondary, dark));
    if (cell.state & QStyle::State_HasFocus) {
        painter->setPen(
            QPen(themeColor(selected ? ColorRole::OnAccent : ColorRole::Accent, dark), 1));
        painter->drawRect(cell.rect.adjusted(1, 1, -2, -2));
    }
    painter->restore();
}

QSize ScoreDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QString interval = index.data(Interval).toString();
    const auto width = [&](const QString& text) {
        return cell.fontMetrics.horizontalAdvance(text);
    };
    const int text =
        index.data(Missing).toBool() ? kReasonWidth : std::max(width(cell.text), width(interval));
    const int lines = interval.isEmpty() ? 1 : 2;
    return {text + 2 * kPadding + 2, lines * cell.fontMetrics.height() + kPadding};
}

} // namespace lacuna
