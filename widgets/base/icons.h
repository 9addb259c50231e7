#pragma once

#include <QIcon>
#include <QString>

namespace lacuna {

/// An icon of resources/icons, drawn in the text colour of the theme at the moment of painting. A
/// name that the program does not bring along gives an empty icon.
[[nodiscard]] QIcon lineIcon(const QString& name);

} // namespace lacuna
