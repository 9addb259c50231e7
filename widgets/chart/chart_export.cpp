#include "widgets/chart/chart_export.h"

#include "widgets/chart/chart_items.h"
#include "widgets/chart/chart_series.h"

#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>

#include <array>
#include <charconv>
#include <cmath>

namespace lacuna {

namespace {

constexpr int kMargin = 12;
constexpr int kPdfDpi = 96;
constexpr double kPointsAnInch = 72;

/// Title and legend around the plot, in the widget's pixels.
void draw(QCPPainter& painter, const ChartPicture& picture, const QSize& size)
{
    const QWidget& widget = *picture.widget;
    painter.fillRect(QRect({0, 0}, size), themeColor(ColorRole::Surface, widget));
    const QFont font = widget.font();
    QFont titleFont = font;
    titleFont.setPointSizeF(font.pointSizeF() * 1.3);
    titleFont.setWeight(QFont::DemiBold);
    const int width = size.width() - 2 * kMargin;

    int top = kMargin;
    const auto line = [&](const QFont& with, ColorRole role, const QString& text) {
        if (text.isEmpty())
            return;
        painter.setFont(with);
        painter.setPen(themeColor(role, widget));
        const int height = QFontMetrics(with).height();
        painter.drawText(QRect(kMargin, top, width, height), Qt::AlignLeft | Qt::AlignVCenter,
                         text);
        top += height + 2;
    };
    line(titleFont, ColorRole::Text, picture.title);
    line(font, ColorRole::Secondary, picture.hint);

    const int rowHeight = QFontMetrics(font).height() + 6;
    const int noteHeight = picture.note.isEmpty() ? 0 : rowHeight;
    const int legendHeight = picture.legend.empty() ? 0 : rowHeight;
    const int plotHeight = size.height() - top - legendHeight - noteHeight - kMargin;
    painter.save();
    painter.translate(kMargin, top + 4);
    picture.plot->toPainter(&painter, width, plotHeight);
    painter.restore();

    int x = kMargin;
    const int y = top + plotHeight + 4;
    painter.setFont(font);
    for (const SeriesStyle& style : picture.legend) {
        drawSwatch(painter, QRectF(x, y, 30, rowHeight), style, seriesColor(style, widget),
                   themeColor(ColorRole::Surface, widget));
        painter.setPen(themeColor(ColorRole::Text, widget));
        const int text = QFontMetrics(font).horizontalAdvance(style.label);
        painter.drawText(QRect(x + 36, y, text + 4, rowHeight), Qt::AlignVCenter, style.label);
        x += 36 + text + 20;
    }
    top = y + legendHeight;
    line(font, ColorRole::Secondary, picture.note);
}

std::string plainNumber(double value)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

std::string quoted(const QString& text)
{
    std::string field = text.toStdString();
    if (field.find_first_of(",\"\r\n") == std::string::npos)
        return field;
    std::string result = "\"";
    for (const char c : field)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

} // namespace

QImage drawnChart(const ChartPicture& picture, const QSize& size, double scale)
{
    QImage image(size * scale, QImage::Format_RGB32);
    QCPPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.scale(scale, scale);
    draw(painter, picture, size);
    return image;
}

Status savePdf(const ChartPicture& picture, const QSize& size, const QString& path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return Error{ErrorCode::Io, "cannot write the picture: " + file.errorString().toStdString(),
                     path.toStdString()};
    {
        QPdfWriter writer(&file);
        writer.setTitle(picture.title);
        writer.setResolution(kPdfDpi);
        writer.setPageSize(QPageSize(QSizeF(size) * kPointsAnInch / kPdfDpi, QPageSize::Point, {},
                                     QPageSize::ExactMatch));
        writer.setPageMargins({});
        QCPPainter painter(&writer);
        painter.setMode(QCPPainter::pmVectorized);
        painter.setMode(QCPPainter::pmNoCaching);
        draw(painter, picture, size);
    }
    if (!file.commit())
        return Error{ErrorCode::Io, "cannot write the picture: " + file.errorString().toStdString(),
                     path.toStdString()};
    return {};
}

std::string chartCsv(const std::vector<CsvSeries>& series, const std::vector<CsvLine>& lines)
{
    std::string csv = "kind,series,label,step,value,smoothed\n";
    for (const CsvSeries& one : series) {
        const std::string begin = "point," + quoted(one.id) + ',' + quoted(one.label) + ',';
        for (const ChartSeries::Segment& segment : one.data->segments())
            for (std::size_t i = 0; i < segment.xs.size(); ++i) {
                csv += begin + plainNumber(segment.xs[i]) + ',' + plainNumber(segment.ys[i]) + ',';
                if (!segment.smoothed.empty())
                    csv += plainNumber(segment.smoothed[i]);
                csv += '\n';
            }
    }
    for (const CsvLine& line : lines) {
        const std::string value = plainNumber(line.value);
        csv += line.kind.toStdString() + ',' + quoted(line.id) + ',' + quoted(line.label) + ',';
        csv += line.kind == QLatin1StringView("mark") ? value + ",,\n" : ',' + value + ",\n";
    }
    return csv;
}

} // namespace lacuna
