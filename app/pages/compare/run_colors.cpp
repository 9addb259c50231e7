#include "app/pages/compare/run_colors.h"

#include "app/settings.h"

#include <array>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

const QString kKey = u"compare/colors"_s;
/// "uid=colour", the newest last; older ones than so many are forgotten.
constexpr qsizetype kMostRemembered = 500;

} // namespace

std::vector<int> assignColors(const QStringList& uids, const QHash<QString, int>& remembered)
{
    std::array<bool, kRunColors> taken{};
    std::vector<int> colors(static_cast<std::size_t>(uids.size()), kRunColors);
    for (qsizetype i = 0; i < uids.size(); ++i) {
        const int own = remembered.value(uids[i], kRunColors);
        if (own < 0 || own >= kRunColors || taken.at(static_cast<std::size_t>(own)))
            continue;
        taken.at(static_cast<std::size_t>(own)) = true;
        colors[static_cast<std::size_t>(i)] = own;
    }
    for (int& color : colors)
        for (int free = 0; color == kRunColors && free < kRunColors; ++free)
            if (!std::exchange(taken.at(static_cast<std::size_t>(free)), true))
                color = free;
    return colors;
}

std::vector<int> rememberedColors(const QStringList& uids, Settings& settings)
{
    QStringList memory = settings.value(kKey).toStringList();
    QHash<QString, int> remembered;
    for (const QString& entry : memory)
        remembered.insert(entry.section(u'=', 0, 0), entry.section(u'=', 1).toInt());
    const std::vector<int> colors = assignColors(uids, remembered);
    bool learned = false;
    for (qsizetype i = 0; i < uids.size(); ++i) {
        const int color = colors[static_cast<std::size_t>(i)];
        if (color == kRunColors || remembered.contains(uids[i]))
            continue;
        memory << u"%1=%2"_s.arg(uids[i]).arg(color);
        learned = true;
    }
    if (learned)
        settings.setValue(kKey,
                          memory.mid(std::max<qsizetype>(0, memory.size() - kMostRemembered)));
    return colors;
}

SeriesStyle runStyle(const QString& name, int color, bool isCurrent)
{
    constexpr std::array kDashes = {LineDash::Solid,    LineDash::Dash,  LineDash::Dot,
                                    LineDash::LongDash, LineDash::Solid, LineDash::Dash};
    constexpr std::array kMarkers = {MarkerShape::None, MarkerShape::None,   MarkerShape::None,
                                     MarkerShape::None, MarkerShape::Square, MarkerShape::Diamond};
    SeriesStyle style{.label = name, .overlay = color};
    if (color < kRunColors) {
        style.dash = kDashes.at(static_cast<std::size_t>(color));
        style.marker = kMarkers.at(static_cast<std::size_t>(color));
    } else if (isCurrent) {
        style.overlay = -1;
        style.color = ColorRole::Accent;
    } else {
        style.isInLegend = false;
    }
    return style;
}

} // namespace lacuna
