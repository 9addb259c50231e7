#pragma once

#include <QStyledItemDelegate>

namespace lacuna {

/// A number with what is known of its place below it, in less weight. A number that is missing is
/// hatched, with the reason where it would stand.
class ScoreDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    enum Role : int {
        Interval = Qt::UserRole + 100, ///< text; empty: unknown
        Missing,                       ///< bool; the cell's text is then the reason
    };

    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override;
};

} // namespace lacuna
