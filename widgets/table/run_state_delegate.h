#pragma once

#include "widgets/table/padded_delegate.h"

namespace lacuna {

/// Paints the state of a run as icon, word and colour.
class RunStateDelegate : public PaddedDelegate {
    Q_OBJECT

public:
    using PaddedDelegate::PaddedDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace lacuna
