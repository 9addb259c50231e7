#include "app/pages/compare/compare_views.h"

#include "app/settings.h"

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

const QString kKey = u"compare/views"_s;

} // namespace

QVariantMap CompareView::toMap() const
{
    return {{u"runs"_s, runs},      {u"pinned"_s, pinned}, {u"tab"_s, tab},
            {u"series"_s, series},  {u"axes"_s, axes},     {u"only-differences"_s, onlyDifferences},
            {u"ignored"_s, ignored}};
}

CompareView CompareView::fromMap(const QVariantMap& map)
{
    return {.runs = map.value(u"runs"_s).toStringList(),
            .pinned = map.value(u"pinned"_s).toString(),
            .tab = map.value(u"tab"_s).toString(),
            .series = map.value(u"series"_s).toString(),
            .axes = map.value(u"axes"_s).toStringList(),
            .onlyDifferences = map.value(u"only-differences"_s, true).toBool(),
            .ignored = map.value(u"ignored"_s).toStringList()};
}

QStringList viewNames(const Settings& settings)
{
    return settings.value(kKey).toMap().keys();
}

std::optional<CompareView> savedView(const Settings& settings, const QString& name)
{
    const QVariantMap views = settings.value(kKey).toMap();
    const auto found = views.constFind(name);
    return found == views.constEnd() ? std::nullopt
                                     : std::optional(CompareView::fromMap(found->toMap()));
}

void saveView(Settings& settings, const QString& name, const CompareView& view)
{
    QVariantMap views = settings.value(kKey).toMap();
    views.insert(name, view.toMap());
    settings.setValue(kKey, views);
}

void removeView(Settings& settings, const QString& name)
{
    QVariantMap views = settings.value(kKey).toMap();
    views.remove(name);
    settings.setValue(kKey, views);
}

} // namespace lacuna
