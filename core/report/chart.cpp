#include "core/report/chart.h"

#include "core/report/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace lacuna {
namespace {

constexpr double kLine = 18;       ///< from one line of text to the next
constexpr double kCharacter = 6.4; ///< mean width of one at kDrawingTextSize, generously
constexpr int kMostTicks = 6;
constexpr double kPlotHeight = 200;

double textWidth(const std::string& text)
{
    const auto starts = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    });
    return kCharacter * static_cast<double>(starts);
}

/// \p text broken at spaces to fit \p width.
std::vector<std::string> brokenText(const std::string& text, double width)
{
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        const std::string longer = line.empty() ? word : fmt::format("{} {}", line, word);
        if (!line.empty() && textWidth(longer) > width) {
            lines.push_back(line);
            line = word;
        } else {
            line = longer;
        }
        at = end + 1;
    }
    lines.push_back(line);
    return lines;
}

/// A range of numbers and the stretch of the drawing it is laid on.
struct Axis {
    double low = 0;
    double high = 1;
    double from = 0;
    double to = 1;

    [[nodiscard]] double at(double value) const
    {
        return from + (value - low) / (high - low) * (to - from);
    }
};

/// Widened where there is but one value, and by a little otherwise.
Interval paddedRange(double low, double high)
{
    if (!(low <= high))
        return {0, 1};
    const double pad = low == high ? std::max(std::abs(low) * 0.1, 0.5) : 0.05 * (high - low);
    return {low >= 0 && low - pad < 0 ? 0 : low - pad, high + pad};
}

struct Legend {
    std::string label;
    Ink ink = Ink::Original;
    Dash dash = Dash::Solid;
    Marker marker = Marker::None;
    double width = 2;
    bool box = false;
};

/// Entries from left to right, on as many lines as they need.
/// \return the height taken
double addLegend(Drawing& drawing, const std::vector<Legend>& entries, double left, double top)
{
    constexpr double kSwatch = 28;
    double x = left;
    double y = top;
    for (const Legend& entry : entries) {
        const double width = kSwatch + 6 + textWidth(entry.label) + 18;
        if (x > left && x + width > drawing.width) {
            x = left;
            y += kLine;
        }
        const double middle = y + kLine / 2;
        if (entry.box)
            drawing.shapes.emplace_back(
                BoxShape{{x + kSwatch - 12, middle - 6}, 12, 12, entry.ink});
        else
            drawing.shapes.emplace_back(LineShape{
                {{x, middle}, {x + kSwatch, middle}}, entry.ink, entry.width, entry.dash});
        if (entry.marker != Marker::None)
            drawing.shapes.emplace_back(DotShape{
                {x + kSwatch / 2, middle}, entry.marker, entry.ink, entry.dash != Dash::Solid});
        drawing.shapes.emplace_back(
            TextShape{.base = {x + kSwatch + 6, middle + 4}, .text = entry.label});
        x += width;
    }
    return entries.empty() ? 0 : y + kLine - top;
}

/// Axis title over or under a plot, broken where it is too long.
double addTitle(Drawing& drawing, const std::string& title, double top)
{
    double y = top;
    for (const std::string& line : brokenText(title, drawing.width)) {
        drawing.shapes.emplace_back(
            TextShape{.base = {0, y + 13}, .text = line, .ink = Ink::Secondary});
        y += kLine;
    }
    return y - top;
}

void addFrame(Drawing& drawing, const Axis& x, const Axis& y, bool wholeSteps)
{
    for (const double tick : roundTicks(y.low, y.high, kMostTicks)) {
        const double at = y.at(tick);
        drawing.shapes.emplace_back(LineShape{{{x.from, at}, {x.to, at}}, Ink::Grid});
        drawing.shapes.emplace_back(TextShape{.base = {x.from - 6, at + 4},
                                              .text = numberText(tick),
                                              .anchor = TextShape::Anchor::End,
                                              .ink = Ink::Secondary});
    }
    for (const double tick : roundTicks(x.low, x.high, kMostTicks)) {
        if (wholeSteps && tick != std::floor(tick))
            continue;
        const double at = x.at(tick);
        drawing.shapes.emplace_back(LineShape{{{at, y.from}, {at, y.from + 4}}, Ink::Secondary});
        drawing.shapes.emplace_back(TextShape{.base = {at, y.from + 18},
                                              .text = numberText(tick),
                                              .anchor = TextShape::Anchor::Middle,
                                              .ink = Ink::Secondary});
    }
    drawing.shapes.emplace_back(LineShape{{{x.from, y.from}, {x.to, y.from}}, Ink::Secondary});
}

/// What can be seen of a curve with many points: of those that fall on one pixel the first, the
/// lowest, the highest and the last.
std::vector<DrawnPoint> visiblePoints(const std::vector<DrawnPoint>& points)
{
    if (points.size() < 2000)
        return points;
    std::vector<DrawnPoint> kept;
    for (std::size_t i = 0; i < points.size();) {
        const double pixel = std::floor(points[i].x);
        std::size_t end = i;
        std::size_t lowest = i;
        std::size_t highest = i;
        for (; end < points.size() && std::floor(points[end].x) == pixel; ++end) {
            lowest = points[end].y > points[lowest].y ? end : lowest;
            highest = points[end].y < points[highest].y ? end : highest;
        }
        std::vector<std::size_t> chosen = {i, lowest, highest, end - 1};
        std::sort(chosen.begin(), chosen.end());
        chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
        for (const std::size_t one : chosen)
            kept.push_back(points[one]);
        i = end;
    }
    return kept;
}

void addCurve(Drawing& drawing, const ChartCurve& curve, const Axis& x, const Axis& y)
{
    std::vector<DrawnPoint> stretch;
    std::vector<DrawnPoint> marks;
    const auto flush = [&] {
        if (stretch.size() > 1)
            drawing.shapes.emplace_back(
                LineShape{visiblePoints(stretch), curve.ink, 2, curve.dash});
        stretch.clear();
    };
    for (const auto& [at, value] : curve.points) {
        if (!std::isfinite(value)) {
            flush();
            continue;
        }
        stretch.push_back({x.at(at), y.at(std::clamp(value, y.low, y.high))});
        marks.push_back(stretch.back());
    }
    flush();
    if (curve.marker != Marker::None)
        for (const DrawnPoint& mark : marks)
            drawing.shapes.emplace_back(
                DotShape{mark, curve.marker, curve.ink, curve.dash != Dash::Solid});
}

} // namespace

std::vector<double> roundTicks(double low, double high, int most)
{
    const double rough = (high - low) / most;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double factor : {1.0, 2.0, 2.5, 5.0})
        if (factor * power >= rough) {
            step = factor * power;
            break;
        }
    std::vector<double> ticks;
    for (double i = std::ceil(low / step); i * step <= high * (1 + 1e-12); ++i)
        ticks.push_back(i * step == 0 ? 0 : i * step);
    if (static_cast<int>(ticks.size()) > most)
        ticks.resize(static_cast<std::size_t>(most));
    return ticks;
}

Drawing drawn(const CurveChart& chart)
{
    Drawing drawing{.width = kDrawingWidth, .title = chart.title, .description = chart.description};
    double lowX = std::numeric_limits<double>::infinity();
    double highX = -lowX;
    Interval range = {lowX, highX};
    std::vector<Legend> legend;
    const auto widen = [&range](double value) {
        range = {std::min(range.low, value), std::max(range.high, value)};
    };
    for (const ChartCurve& curve : chart.curves) {
        for (const auto& [x, y] : curve.points) {
            lowX = std::min(lowX, x);
            highX = std::max(highX, x);
            if (std::isfinite(y))
                widen(y);
        }
        legend.push_back({curve.label, curve.ink, curve.dash, curve.marker});
    }
    for (const ChartRule& rule : chart.rules) {
        widen(rule.value);
        legend.push_back({rule.label, rule.ink, Dash::Long, Marker::None, 1.5});
    }
    range = chart.range ? *chart.range : paddedRange(range.low, range.high);
    if (!(lowX < highX))
        highX = (lowX = std::isfinite(lowX) ? lowX : 0) + 1;

    double top = addTitle(drawing, chart.yTitle, 0);
    top += addLegend(drawing, legend, 0, top) + 10;
    const Axis x{lowX, highX, 52, drawing.width - 10};
    const Axis y{range.low, range.high, top + kPlotHeight, top};
    addFrame(drawing, x, y, true);
    for (const ChartRule& rule : chart.rules)
        drawing.shapes.emplace_back(LineShape{
            {{x.from, y.at(rule.value)}, {x.to, y.at(rule.value)}}, rule.ink, 1.5, Dash::Long});
    for (const ChartCurve& curve : chart.curves)
        addCurve(drawing, curve, x, y);
    drawing.shapes.emplace_back(TextShape{.base = {(x.from + x.to) / 2, y.from + 36},
                                          .text = chart.xTitle,
                                          .anchor = TextShape::Anchor::Middle,
                                          .ink = Ink::Secondary});
    drawing.height = y.from + 44;
    return drawing;
}

namespace {

constexpr double kBar = 16;
constexpr double kBarGap = 4;
constexpr double kModels = 84; ///< to the left of the bars: which model

std::string valueText(const ChartBar& bar)
{
    const std::string value = numberText(bar.value);
    return bar.interval ? fmt::format("{} [{}, {}]", value, numberText(bar.interval->low),
                                      numberText(bar.interval->high))
                        : value;
}

/// Room to the right of the bars for their numbers.
double valuesWidth(const BarChart& chart)
{
    double width = 0;
    for (const ChartBarGroup& group : chart.groups)
        for (const ChartBar& bar : group.bars)
            width = std::max(width, textWidth(valueText(bar)));
    return width + 16;
}

void addWhisker(Drawing& drawing, const Interval& interval, const Axis& x, double middle)
{
    const double low = x.at(std::clamp(interval.low, x.low, x.high));
    const double high = x.at(std::clamp(interval.high, x.low, x.high));
    // On a bar of its own colour it would not be seen without the wider line below it.
    for (const auto& [ink, width] : {std::pair{Ink::Grid, 3.5}, std::pair{Ink::Text, 1.5}}) {
        drawing.shapes.emplace_back(LineShape{{{low, middle}, {high, middle}}, ink, width});
        for (const double at : {low, high})
            drawing.shapes.emplace_back(
                LineShape{{{at, middle - 4}, {at, middle + 4}}, ink, width});
    }
}

void addBar(Drawing& drawing, const ChartBar& bar, const Axis& x, double top)
{
    const double middle = top + kBar / 2;
    const double end = x.at(std::clamp(bar.value, x.low, x.high));
    drawing.shapes.emplace_back(TextShape{.base = {x.from - 6, middle + 4},
                                          .text = bar.label,
                                          .anchor = TextShape::Anchor::End,
                                          .ink = Ink::Secondary});
    drawing.shapes.emplace_back(BoxShape{{x.from, top}, end - x.from, kBar, bar.ink});
    if (bar.interval)
        addWhisker(drawing, *bar.interval, x, middle);
    drawing.shapes.emplace_back(TextShape{.base = {x.to + 8, middle + 4}, .text = valueText(bar)});
}

} // namespace

Drawing drawn(const BarChart& chart)
{
    Drawing drawing{.width = kDrawingWidth, .title = chart.title, .description = chart.description};
    const Axis x{0, chart.most, kModels, drawing.width - valuesWidth(chart)};
    const std::vector<double> ticks = roundTicks(0, chart.most, kMostTicks);
    double y = 0;
    for (const ChartBarGroup& group : chart.groups) {
        drawing.shapes.emplace_back(
            TextShape{.base = {0, y + 14}, .text = group.label, .bold = true});
        y += kLine + 2;
        const double bottom = y + static_cast<double>(group.bars.size()) * (kBar + kBarGap);
        for (const double tick : ticks)
            drawing.shapes.emplace_back(
                LineShape{{{x.at(tick), y - 2}, {x.at(tick), bottom}}, Ink::Grid});
        for (const ChartBar& bar : group.bars) {
            addBar(drawing, bar, x, y);
            y += kBar + kBarGap;
        }
        y += 8;
    }
    for (const double tick : ticks)
        drawing.shapes.emplace_back(TextShape{.base = {x.at(tick), y + 6},
                                              .text = numberText(tick),
                                              .anchor = TextShape::Anchor::Middle,
                                              .ink = Ink::Secondary});
    y += 14;
    drawing.height = y + addTitle(drawing, chart.xTitle, y) + 4;
    return drawing;
}

} // namespace lacuna
