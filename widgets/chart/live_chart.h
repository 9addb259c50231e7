#pragma once

#include "core/base/result.h"
#include "widgets/chart/chart_scale.h"
#include "widgets/chart/chart_style.h"

#include <QImage>
#include <QWidget>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace lacuna {

/// Growing curves over the steps of a run: a question as title, axes with units, raw curves under
/// smoothed ones, rules to read them against, a legend that shows and hides.
///
/// While nobody has zoomed the view follows the data; once somebody has, only they move it. Points
/// of any number are thinned to what the pixels can show; a hidden chart draws nothing and catches
/// up when it is shown.
class LiveChart : public QWidget {
    Q_OBJECT

public:
    explicit LiveChart(QWidget* parent = nullptr);
    ~LiveChart() override;

    /// \param hint  the direction of good: "↑ higher is more forgotten"
    void setTitle(const QString& question, const QString& hint);
    /// Names with units: "Step", "NLL (nats a token)".
    void setAxes(const QString& x, const QString& y);
    /// What stands in the plot before the first point.
    void setEmptyText(const QString& text);
    /// Adds a series or changes how it looks.
    void setSeries(const QString& id, const SeriesStyle& style);
    /// With its points; one that nobody added is none.
    void removeSeries(const QString& id);
    /// O(batch). Points of a series nobody added are a std::logic_error.
    void append(const QString& id, std::span<const double> xs, std::span<const double> ys);
    /// Adds or moves a horizontal rule; one that is not finite is removed.
    void setRule(const QString& id, double value, const RuleStyle& style);
    /// Adds or moves a mark on the step axis.
    void setMark(const QString& id, double x, const QString& label, MarkKind kind);
    void removeMark(const QString& id);
    /// Forgets points, rules and marks; series, smoothing and what somebody zoomed stay.
    void clear();

    [[nodiscard]] bool isFitted() const;
    [[nodiscard]] bool isLogarithmic() const;
    [[nodiscard]] bool isSeriesShown(const QString& id) const;
    [[nodiscard]] double smoothing() const;
    [[nodiscard]] AxisRange xView() const;
    [[nodiscard]] AxisRange yView() const;
    /// Where a point stands, in this widget's coordinates.
    [[nodiscard]] QPointF positionOf(double x, double y) const;
    /// The newest values in words, as assistive technology reads them.
    [[nodiscard]] QString description() const;
    [[nodiscard]] QString note() const;

    void setSmoothing(double weight);
    void setLogarithmic(bool logarithmic);
    void setSeriesShown(const QString& id, bool shown);
    /// A chart that stands still because the run is paused says so.
    void setFrozen(bool frozen);
    void fit();
    /// As if somebody had zoomed.
    void setXView(AxisRange range);
    /// A line through all charts that are linked; nothing takes it away.
    void showCursor(std::optional<double> x);

    [[nodiscard]] QImage picture(double scale);
    /// The scale is that of the window's pixels: 2 for a picture twice as fine.
    [[nodiscard]] Status savePng(const QString& path, double scale);
    [[nodiscard]] Status savePdf(const QString& path);
    [[nodiscard]] Status saveCsv(const QString& path) const;
    void copyPicture();

Q_SIGNALS:
    /// Somebody zoomed, panned or fitted; not for what data did or setXView() asked.
    void xViewChanged(const lacuna::AxisRange& range, bool fitted);
    void fittedChanged(bool fitted);
    void logarithmicChanged(bool logarithmic);
    void seriesToggled(const QString& id, bool shown);
    void cursorMoved(double x);
    void cursorLeft();
    /// Asked for in the context menu; the owner knows where files go.
    void exportRequested(lacuna::ChartFormat format);

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Parts;

    void connectParts();
    void retranslate();
    void restyle();
    void scheduleRefresh();
    void refresh(int columns = 0);
    void fitView();
    void setFitted(bool fitted);
    void updateNote();
    void hover(const QPointF& position);
    void walk(int direction);
    void readOut(double x, const QPointF& cursor);
    void openMenu(const QPoint& position);

    std::unique_ptr<Parts> m_parts;
};

} // namespace lacuna
