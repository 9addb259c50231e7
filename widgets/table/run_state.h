#pragma once

#include "core/store/records.h"
#include "widgets/base/colors.h"

#include <QIcon>
#include <QString>

/// How the state of a run is shown: always icon, word and colour together.
namespace lacuna {

[[nodiscard]] QString runStateText(RunState state);
/// One sentence for a tool tip.
[[nodiscard]] QString runStateHelp(RunState state);
[[nodiscard]] ColorRole runStateColor(RunState state);
/// A shape of its own for each, so that they are told apart in grey.
[[nodiscard]] QIcon runStateIcon(RunState state, const QColor& color);

} // namespace lacuna
