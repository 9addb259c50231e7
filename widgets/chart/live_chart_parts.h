#pragma once

#include "widgets/chart/chart_canvas.h"
#include "widgets/chart/chart_export.h"
#include "widgets/chart/chart_items.h"
#include "widgets/chart/chart_legend.h"
#include "widgets/chart/chart_readout.h"
#include "widgets/chart/chart_series.h"
#include "widgets/chart/live_chart.h"

#include <QLabel>
#include <QTimer>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace lacuna {

/// What a LiveChart is made of, for the files that implement it.
struct LiveChart::Parts {
    struct Curve {
        QString id;
        SeriesStyle style;
        ChartSeries data;
        std::unique_ptr<SeriesItem> item;
        bool isShown = true;
    };

    [[nodiscard]] Curve* curve(const QString& id);
    /// Of the curves that are shown and the rules, where there is something to see.
    [[nodiscard]] std::optional<AxisRange> xExtent() const;
    [[nodiscard]] std::optional<AxisRange> yExtent() const;

    /// Whether a shown curve has a point in \p place, in the canvas's pixels.
    [[nodiscard]] bool hasCurve(const QRectF& place) const;
    /// What a saved picture shows; \p chart is the owner.
    [[nodiscard]] ChartPicture picture(const LiveChart& chart) const;

    QString title;
    QString hint;
    QString xName;
    QString yName;
    QString emptyText;
    QLabel* titleLabel = nullptr;
    QLabel* hintLabel = nullptr;
    QLabel* frozenLabel = nullptr;
    QLabel* noteLabel = nullptr;
    QLabel* emptyLabel = nullptr;
    ChartCanvas* canvas = nullptr;
    ChartReadout* readout = nullptr;
    ChartLegend* legend = nullptr;
    QCPItemStraightLine* cursorLine = nullptr;
    std::optional<double> cursor;
    std::vector<std::unique_ptr<Curve>> curves;
    std::map<QString, std::unique_ptr<RuleItem>> rules;
    std::map<QString, std::unique_ptr<MarkItem>> marks;
    QTimer refreshTimer;
    double smoothing = 0;
    bool isFitted = true;
    bool isStale = true;
};

} // namespace lacuna
