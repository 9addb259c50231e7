#include "widgets/chart/chart_scale.h"

#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {

namespace {

constexpr double kRoom = 0.05;

AxisRange inDecades(AxisRange range)
{
    return {std::log10(range.from), std::log10(range.to)};
}

AxisRange outOfDecades(AxisRange range)
{
    return {std::pow(10, range.from), std::pow(10, range.to)};
}

} // namespace

bool isUsableRange(AxisRange range)
{
    const double size = std::max(std::abs(range.from), std::abs(range.to));
    return std::isfinite(range.from) && std::isfinite(range.to) && size < 1e250 &&
           range.length() > size * 1e-12 && range.length() > 1e-250;
}

AxisRange fittedRange(double lowest, double highest, bool logarithmic)
{
    if (logarithmic) {
        const AxisRange decades = inDecades({lowest, highest});
        const double room = std::max(kRoom * decades.length(), 0.05);
        return outOfDecades({decades.from - room, decades.to + room});
    }
    double room = kRoom * (highest - lowest);
    if (!(room > std::abs(highest) * 1e-12))
        room = highest == 0 ? 0.5 : std::abs(highest) * 0.1;
    return {lowest - room, highest + room};
}

AxisRange zoomedRange(AxisRange range, double factor, double fixed, bool logarithmic)
{
    if (logarithmic) {
        const AxisRange zoomed =
            outOfDecades(zoomedRange(inDecades(range), factor, std::log10(fixed), false));
        return isUsableRange(zoomed) && zoomed.from > 0 ? zoomed : range;
    }
    const AxisRange zoomed{fixed + (range.from - fixed) * factor,
                           fixed + (range.to - fixed) * factor};
    return isUsableRange(zoomed) ? zoomed : range;
}

AxisRange pannedRange(AxisRange range, double share, bool logarithmic)
{
    if (logarithmic) {
        const AxisRange panned = outOfDecades(pannedRange(inDecades(range), share, false));
        return isUsableRange(panned) && panned.from > 0 ? panned : range;
    }
    const double by = range.length() * share;
    const AxisRange panned{range.from + by, range.to + by};
    return isUsableRange(panned) ? panned : range;
}

std::vector<double> linearTicks(AxisRange range, int most, bool whole)
{
    most = std::max(most, 2);
    if (!isUsableRange(range))
        return {};
    double magnitude = std::pow(10, std::floor(std::log10(range.length() / most)));
    if (whole)
        magnitude = std::max(magnitude, 1.0);
    constexpr std::array kSteps = {1.0, 2.0, 5.0, 10.0, 20.0, 50.0};
    for (const double factor : kSteps) {
        const double step = factor * magnitude;
        const double first = std::ceil(range.from / step - 1e-9);
        const double last = std::floor(range.to / step + 1e-9);
        if (last - first + 1 > most)
            continue;
        std::vector<double> ticks;
        for (double i = first; i <= last; ++i)
            ticks.push_back(i * step);
        return ticks;
    }
    return {};
}

std::vector<double> logarithmicTicks(AxisRange range, int most)
{
    most = std::max(most, 2);
    if (!(range.from > 0) || !isUsableRange(range))
        return {};
    const int first = static_cast<int>(std::ceil(std::log10(range.from) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(range.to) + 1e-9));
    std::vector<double> ticks;
    if (last - first + 1 >= 3) {
        const int stride = (last - first) / most + 1;
        for (int decade = first; decade <= last; ++decade)
            if (decade % stride == 0)
                ticks.push_back(std::pow(10, decade));
        return ticks;
    }
    for (int decade = first - 1; decade <= last; ++decade)
        for (const double mantissa : {1.0, 2.0, 5.0}) {
            const double tick = mantissa * std::pow(10, decade);
            if (tick >= range.from && tick <= range.to)
                ticks.push_back(tick);
        }
    if (ticks.size() < 2)
        return linearTicks(range, most, false);
    while (static_cast<int>(ticks.size()) > most) {
        // Twos and fives go from the end on, whole decades stay.
        const auto extra = std::find_if(ticks.rbegin(), ticks.rend(), [](double tick) {
            const double decades = std::log10(tick);
            return std::abs(decades - std::round(decades)) > 1e-6;
        });
        ticks.erase(std::prev(extra == ticks.rend() ? ticks.end() : extra.base()));
    }
    return ticks;
}

QString tickText(double value, double distance)
{
    const QLocale locale;
    if (value == 0)
        return locale.toString(0);
    const double size = std::max(std::abs(value), distance);
    const double finest = std::floor(std::log10(distance) + 1e-9);
    if (size < 1e6 && finest >= -5)
        return locale.toString(value, 'f', std::max(0, static_cast<int>(-finest)));
    const int digits =
        static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9) - finest) + 1;
    return locale.toString(value, 'g', std::clamp(digits, 1, 15));
}

QString shortNumber(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    if (value != 0 && std::abs(value) >= 1e4 && std::abs(value) < 1e6 && value == std::round(value))
        return QLocale().toString(value, 'f', 0);
    return QLocale().toString(value, 'g', 4);
}

} // namespace lacuna
