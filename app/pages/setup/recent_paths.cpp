#include "app/pages/setup/recent_paths.h"

#include "app/settings.h"

#include <QFileInfo>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kKept = 8;

QString key(const QString& purpose)
{
    return u"setup/recent-"_s + purpose;
}

} // namespace

QStringList recentPaths(const Settings& settings, const QString& purpose)
{
    QStringList paths = settings.value(key(purpose)).toStringList();
    paths.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
    return paths;
}

void rememberPath(Settings& settings, const QString& purpose, const QString& path)
{
    QStringList paths = settings.value(key(purpose)).toStringList();
    paths.removeAll(path);
    paths.prepend(path);
    settings.setValue(key(purpose), paths.mid(0, kKept));
}

} // namespace lacuna
