#include "widgets/table/run_state_delegate.h"

#include "widgets/table/run_state.h"
#include "widgets/table/run_table_model.h"

#include <QWidget>

namespace lacuna {

void RunStateDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    PaddedDelegate::initStyleOption(option, index);
    const QVariant value = index.data(RunTableModel::StateRole);
    if (!value.isValid() || !option->widget)
        return;
    const auto state = static_cast<RunState>(value.toInt());
    const bool selected = option->state.testFlag(QStyle::State_Selected);
    const QColor color = selected ? option->palette.color(QPalette::HighlightedText)
                                  : themeColor(runStateColor(state), *option->widget);
    option->palette.setColor(QPalette::Text, color);
    option->icon = runStateIcon(state, color);
    option->decorationSize = {16, 16};
    option->features |= QStyleOptionViewItem::HasDecoration;
}

} // namespace lacuna
