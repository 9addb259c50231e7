#pragma once

#include "core/base/result.h"
#include "widgets/chart/chart_style.h"

#include <QImage>
#include <QSize>
#include <QString>

#include <functional>
#include <string>
#include <vector>

class QCustomPlot;
class QWidget;

namespace lacuna {

class ChartSeries;

/// What a saved picture of a chart shows: the same as the window, without its controls.
struct ChartPicture {
    QString title;
    QString hint;
    std::vector<SeriesStyle> legend;
    QString note;
    const QWidget* widget = nullptr; ///< palette and font
    QCustomPlot* plot = nullptr;
};

[[nodiscard]] QImage drawnChart(const ChartPicture& picture, const QSize& size, double scale);
[[nodiscard]] Status savePdf(const ChartPicture& picture, const QSize& size, const QString& path);

/// One row of the table that a chart is saved as.
struct CsvSeries {
    QString id;
    QString label;
    const ChartSeries* data = nullptr;
};
struct CsvLine {
    QString kind; ///< "rule" or "mark"
    QString id;
    QString label;
    double value = 0;
};
/// Every point of every series, plain numbers with all their digits: kind, series, label, step,
/// value, smoothed. Rules have no step, marks no value.
[[nodiscard]] std::string chartCsv(const std::vector<CsvSeries>& series,
                                   const std::vector<CsvLine>& lines);

} // namespace lacuna
