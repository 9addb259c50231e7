#pragma once

#include <QString>
#include <QStringList>
#include <QVariant>

#include <optional>

namespace lacuna {

class Settings;

/// All that makes up a view of the page, so that it can be kept under a name.
struct CompareView {
    QStringList runs; ///< uids, in their order
    QString pinned;   ///< uid
    QString tab;
    QString series;
    QStringList axes; ///< of the trade-off: two names, or none for the usual ones
    bool onlyDifferences = true;
    QStringList ignored = {};

    [[nodiscard]] QVariantMap toMap() const;
    [[nodiscard]] static CompareView fromMap(const QVariantMap& map);
    friend bool operator==(const CompareView&, const CompareView&) = default;
};

/// The names under which views are kept, sorted.
[[nodiscard]] QStringList viewNames(const Settings& settings);
[[nodiscard]] std::optional<CompareView> savedView(const Settings& settings, const QString& name);
/// Replaces what was kept under the name.
void saveView(Settings& settings, const QString& name, const CompareView& view);
void removeView(Settings& settings, const QString& name);

} // namespace lacuna
