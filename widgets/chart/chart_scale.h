#pragma once

#include <QString>

#include <vector>

/// The arithmetic of a chart's axes.
namespace lacuna {

struct AxisRange {
    double from = 0;
    double to = 1;
    [[nodiscard]] double length() const { return to - from; }
    friend bool operator==(const AxisRange&, const AxisRange&) = default;
};

/// Whether a double can hold \p range and still tell apart its pixels.
[[nodiscard]] bool isUsableRange(AxisRange range);

/// What an axis shows so that [\p lowest, \p highest] is in sight with a little room around it.
/// \param logarithmic  both are then > 0, and the room is a share of the decades
[[nodiscard]] AxisRange fittedRange(double lowest, double highest, bool logarithmic);

/// \p range made \p factor times as long (below 1: zoomed in) so that \p fixed stays where it is.
/// Ranges too short or too long for a double's digits come back unchanged.
[[nodiscard]] AxisRange zoomedRange(AxisRange range, double factor, double fixed, bool logarithmic);

/// \p range moved by \p share of its length.
[[nodiscard]] AxisRange pannedRange(AxisRange range, double share, bool logarithmic);

/// Round numbers inside \p range, \p most at most (at least 2).
/// \param whole  whole numbers only
[[nodiscard]] std::vector<double> linearTicks(AxisRange range, int most, bool whole);
/// Powers of ten; of less than two decades also their doubles and fivefolds; of less than that
/// linearTicks().
[[nodiscard]] std::vector<double> logarithmicTicks(AxisRange range, int most);

/// With just the decimals that tell apart neighbours that stand \p distance from each other.
[[nodiscard]] QString tickText(double value, double distance);
/// Four significant digits in the user's locale; "NaN" and infinities by name.
[[nodiscard]] QString shortNumber(double value);

} // namespace lacuna
