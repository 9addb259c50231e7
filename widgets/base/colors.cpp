#include "widgets/base/colors.h"

#include <QPalette>
#include <QWidget>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {

namespace {

struct Pair {
    QRgb light;
    QRgb dark;
};

Pair valuesOf(ColorRole role)
{
    switch (role) {
    case ColorRole::Original:
        return {0xff0b5fa5, 0xff3d95db};
    case ColorRole::Unlearned:
        return {0xffc8550b, 0xfff59e42};
    case ColorRole::UnlearnedText:
        return {0xffa8460a, 0xfff59e42};
    case ColorRole::Reference:
        return {0xff2b2b2b, 0xfff2f2f2};
    case ColorRole::OriginalTint:
        return {0xffcfe3f6, 0xff1e3f5c};
    case ColorRole::UnlearnedTint:
        return {0xfffbddc6, 0xff5a3512};
    case ColorRole::Text:
        return {0xff1a1c1f, 0xffecedef};
    case ColorRole::Secondary:
        return {0xff5b616b, 0xffa7adb7};
    case ColorRole::Error:
        return {0xffb3261e, 0xffffb4ab};
    case ColorRole::Warning:
        return {0xff8a6100, 0xfff2c14e};
    case ColorRole::Success:
        return {0xff1d6f42, 0xff6fd19a};
    case ColorRole::Accent:
        return {0xff6b4fa0, 0xffb79cf0};
    case ColorRole::OnAccent:
        return {0xffffffff, 0xff1b1d21};
    case ColorRole::Window:
        return {0xfff5f6f8, 0xff1b1d21};
    case ColorRole::Surface:
        return {0xffffffff, 0xff24272c};
    case ColorRole::Border:
        return {0xffd5d9df, 0xff3b4048};
    }
    return {0xff000000, 0xffffffff};
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
    const Pair values = valuesOf(role);
    return QColor::fromRgb(dark ? values.dark : values.light);
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
    constexpr std::array<QRgb, 6> kLight = {0xff0b5fa5, 0xffc8550b, 0xff2b2b2b,
                                            0xff32a190, 0xffaf71fe, 0xff563305};
    constexpr std::array<QRgb, 6> kDark = {0xff3d95db, 0xfff59e42, 0xfff2f2f2,
                                           0xffc45521, 0xff916c83, 0xffa2bd9e};
    const auto& colors = dark ? kDark : kLight;
    const auto at = static_cast<std::size_t>(index);
    return at < colors.size() ? QColor::fromRgb(colors.at(at)) : QColor(128, 128, 128, 153);
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
