#include "widgets/table/padded_delegate.h"

#include <QApplication>
#include <QStyle>

namespace lacuna {

namespace {

constexpr int kPadding = 4;

} // namespace

void PaddedDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                           const QModelIndex& index) const
{
    QStyleOptionViewItem whole = option;
    initStyleOption(&whole, index);
    const QStyle* style = whole.widget ? whole.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &whole, painter, whole.widget);
    QStyleOptionViewItem content = option;
    content.rect.adjust(kPadding, 0, -kPadding, 0);
    QStyledItemDelegate::paint(painter, content, index);
}

QSize PaddedDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return QStyledItemDelegate::sizeHint(option, index) + QSize(2 * kPadding, 0);
}

} // namespace lacuna
