#pragma once

#include "core/base/evaluation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lacuna {

// What a chart shows

/// Hue says which model (interface reference 6.1).
enum class Ink : std::uint8_t { Original, Unlearned, Reference, Text, Secondary, Grid };
/// Dash and marker say which corpus.
enum class Dash : std::uint8_t { Solid, Long, Short, Dot };
enum class Marker : std::uint8_t { None, Circle, Square, Diamond };

struct ChartCurve {
    std::string label;
    Ink ink = Ink::Unlearned;
    Dash dash = Dash::Solid;
    Marker marker = Marker::None; ///< at every point: they are measured, the line between is not
    std::vector<std::pair<double, double>> points; ///< x ascending; one that is not finite: a gap
};

/// A value that curves are read against.
struct ChartRule {
    std::string label;
    Ink ink = Ink::Original;
    double value = 0;
};

struct CurveChart {
    std::string title;
    std::string description; ///< for who does not see it
    std::string xTitle;      ///< with the unit
    std::string yTitle;      ///< with the unit and the direction of good
    std::vector<ChartCurve> curves;
    std::vector<ChartRule> rules = {};
    std::optional<Interval> range = {}; ///< of y; nothing: what there is
};

struct ChartBar {
    std::string label;
    Ink ink = Ink::Original;
    double value = 0; ///< finite
    std::optional<Interval> interval = {};
};

struct ChartBarGroup {
    std::string label;
    std::vector<ChartBar> bars;
};

/// Bars from zero to the right, one group below the other.
struct BarChart {
    std::string title;
    std::string description;
    std::string xTitle; ///< with the unit and the direction of good
    std::vector<ChartBarGroup> groups;
    double most = 1; ///< where the axis ends
};

// How it is drawn: plain shapes, for SVG and for a painter alike

struct DrawnPoint {
    double x = 0;
    double y = 0; ///< downwards
};
struct LineShape {
    std::vector<DrawnPoint> points;
    Ink ink = Ink::Grid;
    double width = 1;
    Dash dash = Dash::Solid;
};
struct BoxShape {
    DrawnPoint corner; ///< top left
    double width = 0;
    double height = 0;
    Ink ink = Ink::Original;
};
struct DotShape {
    DrawnPoint center;
    Marker marker = Marker::Circle;
    Ink ink = Ink::Original;
    bool hollow = false;
};
struct TextShape {
    enum class Anchor : std::uint8_t { Start, Middle, End };
    DrawnPoint base; ///< on the base line
    std::string text;
    Anchor anchor = Anchor::Start;
    Ink ink = Ink::Text;
    bool bold = false;
};
using DrawnShape = std::variant<LineShape, BoxShape, DotShape, TextShape>;

/// In units that are pixels at 100 %; texts have kDrawingTextSize.
struct Drawing {
    double width = 0;
    double height = 0;
    std::string title;
    std::string description;
    std::vector<DrawnShape> shapes; ///< later ones lie on top
};

constexpr double kDrawingWidth = 640;
constexpr double kDrawingTextSize = 12;

[[nodiscard]] Drawing drawn(const CurveChart& chart);
[[nodiscard]] Drawing drawn(const BarChart& chart);

/// At most \p most round numbers from within [low, high], evenly spaced; low < high.
[[nodiscard]] std::vector<double> roundTicks(double low, double high, int most);

} // namespace lacuna
