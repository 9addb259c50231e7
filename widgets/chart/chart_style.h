#pragma once

#include "widgets/base/colors.h"

#include <QString>
#include <QWidget>

#include <cstdint>

/// How things in a chart look: hue says which model, dash and marker say which corpus.
namespace lacuna {

enum class LineDash : std::uint8_t { None, Solid, Dash, Dot, LongDash };
enum class MarkerShape : std::uint8_t { None, Disc, Square, HollowSquare, Diamond, Cross };

struct SeriesStyle {
    QString label;
    ColorRole color = ColorRole::Unlearned;
    LineDash dash = LineDash::Solid;
    MarkerShape marker = MarkerShape::None;
    /// Measured points such as evaluations are not: they are few and exact.
    bool canBeSmoothed = true;
    /// Which of several laid over each other it is, see overlayColor(); -1: it has `color`.
    int overlay = -1;
    /// Many that look the same are told apart under the cursor, not by a legend.
    bool isInLegend = true;
};

[[nodiscard]] inline QColor seriesColor(const SeriesStyle& style, const QWidget& widget)
{
    return style.overlay < 0 ? themeColor(style.color, widget)
                             : overlayColor(style.overlay, isDark(widget.palette()));
}

struct RuleStyle {
    QString label;
    ColorRole color = ColorRole::Original;
    LineDash dash = LineDash::Solid;
};

enum class MarkKind : std::uint8_t {
    Tick, ///< a short line at the step axis: a checkpoint
    Line, ///< from bottom to top with its label: an ending, an interruption
};

enum class ChartFormat : std::uint8_t { Png, Pdf, Csv };

} // namespace lacuna
