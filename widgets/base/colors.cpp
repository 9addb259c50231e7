#include "widgets/base/colors.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPalette>
#include <QWidget>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// The name of each role in a theme's file, by the order of ColorRole.
constexpr std::array kRoleNames = {
    "original",       "unlearned", "unlearned_text", "reference",     "guarded", "original_tint",
    "unlearned_tint", "text",      "secondary",      "disabled_text", "error",   "warning",
    "success",        "accent",    "on_accent",      "window",        "surface", "border"};
static_assert(kRoleNames.size() == static_cast<std::size_t>(ColorRole::Border) + 1);

constexpr std::size_t kOverlays = 6;

/// The colours of one file of resources/themes.
struct Theme {
    std::array<QColor, kRoleNames.size()> roles;
    std::array<QColor, kOverlays> overlays;
};

/// A theme that is damaged is a mistake of the build, and nothing could be shown to tell of it.
QColor requiredColor(const QJsonValue& value, const QString& file)
{
    const QColor color(value.toString());
    if (!color.isValid())
        qFatal("%s: a colour is missing", qPrintable(file));
    return color;
}

Theme readTheme(const QString& name)
{
    const QString path = u":/themes/%1.json"_s.arg(name);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s: there is no such theme", qPrintable(path));
    const QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
    Theme theme;
    for (std::size_t i = 0; i < theme.roles.size(); ++i)
        theme.roles.at(i) = requiredColor(json[QLatin1String(kRoleNames.at(i))], path);
    const QJsonArray overlays = json[u"overlays"_s].toArray();
    for (std::size_t i = 0; i < kOverlays; ++i)
        theme.overlays.at(i) = requiredColor(overlays[static_cast<qsizetype>(i)], path);
    return theme;
}

const Theme& themeOf(bool dark)
{
    static const Theme light = readTheme(u"light"_s);
    static const Theme night = readTheme(u"dark"_s);
    return dark ? night : light;
}

double channelLuminance(double value)
{
    return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color)
{
    return 0.2126 * channelLuminance(color.redF()) + 0.7152 * channelLuminance(color.greenF()) +
           0.0722 * channelLuminance(color.blueF());
}

QColor mixed(const QColor& from, const QColor& to, double share)
{
    const auto blend = [share](float a, float b) {
        return static_cast<float>(a + (b - a) * share);
    };
    return QColor::fromRgbF(blend(from.redF(), to.redF()), blend(from.greenF(), to.greenF()),
                            blend(from.blueF(), to.blueF()));
}

} // namespace

QColor themeColor(ColorRole role, bool dark)
{
    return themeOf(dark).roles.at(static_cast<std::size_t>(role));
}

bool isDark(const QPalette& palette)
{
    return luminance(palette.color(QPalette::Window)) <
           luminance(palette.color(QPalette::WindowText));
}

QColor themeColor(ColorRole role, const QWidget& widget)
{
    return themeColor(role, isDark(widget.palette()));
}

QColor overlayColor(int index, bool dark)
{
    const auto& colors = themeOf(dark).overlays;
    const auto at = static_cast<std::size_t>(index);
    return at < colors.size() ? colors.at(at) : QColor(128, 128, 128, 153);
}

QColor probabilityColor(double probability)
{
    constexpr std::array<QRgb, 6> kStops = {0xff00224e, 0xff35456c, 0xff666970,
                                            0xff948e77, 0xffc8b866, 0xfffee838};
    const double clamped = std::isnan(probability) ? 0 : std::clamp(probability, 0.0, 1.0);
    const double position = clamped * (kStops.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(position), kStops.size() - 2);
    return mixed(QColor::fromRgb(kStops.at(below)), QColor::fromRgb(kStops.at(below + 1)),
                 position - static_cast<double>(below));
}

QColor textOn(const QColor& background)
{
    return contrastRatio(background, Qt::white) >= contrastRatio(background, Qt::black)
               ? QColor(Qt::white)
               : QColor(Qt::black);
}

QColor deltaColor(double delta, double range, bool dark)
{
    const double share = std::isnan(delta) ? 0 : std::clamp(delta / range, -1.0, 1.0);
    const ColorRole end = share < 0 ? ColorRole::OriginalTint : ColorRole::UnlearnedTint;
    return mixed(themeColor(ColorRole::Surface, dark), themeColor(end, dark), std::abs(share));
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const auto [low, high] = std::minmax({luminance(a), luminance(b)});
    return (high + 0.05) / (low + 0.05);
}

} // namespace lacuna
