#pragma once

#include "widgets/chart/chart_style.h"

#include <QHash>
#include <QStringList>

#include <vector>

namespace lacuna {

class Settings;

/// Runs that have a colour of their own; the others are grey, see overlayColor().
inline constexpr int kRunColors = 6;

/// The colour of each of \p uids, 0 to kRunColors - 1, or kRunColors for grey: the one that it is
/// \p remembered to have, if no earlier one of \p uids has that, else the first free one.
[[nodiscard]] std::vector<int> assignColors(const QStringList& uids,
                                            const QHash<QString, int>& remembered);

/// assignColors() with the memory of \p settings, which learns the new ones: a run keeps its colour
/// over views and sessions.
[[nodiscard]] std::vector<int> rememberedColors(const QStringList& uids, Settings& settings);

/// How the curve of a run looks: colours differ in dash and marker too.
[[nodiscard]] SeriesStyle runStyle(const QString& name, int color, bool isCurrent);

} // namespace lacuna
