#pragma once

#include <QString>
#include <QStringList>

namespace lacuna {

class Settings;

/// The paths used last for one purpose ("model", "corpus"), newest first; those that are gone are
/// left out.
[[nodiscard]] QStringList recentPaths(const Settings& settings, const QString& purpose);
void rememberPath(Settings& settings, const QString& purpose, const QString& path);

} // namespace lacuna
