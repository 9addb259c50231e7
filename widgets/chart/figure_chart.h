#pragma once

#include "widgets/chart/chart_scale.h"
#include "widgets/chart/chart_style.h"

#include <QStringList>
#include <QWidget>

#include <memory>
#include <vector>

namespace lacuna {

/// A finished figure, such as a histogram or a ROC curve: a question as title, axes with units, a
/// few lines laid over each other, a legend that shows and hides them, what it says in a sentence,
/// and the same as a table. Its points are walked with the arrow keys.
class FigureChart : public QWidget {
    Q_OBJECT

public:
    /// A place on a line that can be read out.
    struct Stop {
        double x = 0;
        double y = 0;
        QString text; ///< "0.25 to 0.5: 12 of 40 samples"
    };
    struct Line {
        QString id;
        SeriesStyle style;
        std::vector<double> xs; ///< the way of the line, in the order in which it is drawn
        std::vector<double> ys;
        bool filled = false; ///< lightly, down to zero
        std::vector<Stop> stops = {};
    };
    struct Content {
        QString title;
        QString hint = {}; ///< how to read it
        QString xAxis;
        QString yAxis;
        AxisRange x;
        AxisRange y;
        bool logarithmicX = false; ///< x is then > 0
        std::vector<Line> lines = {};
        /// Behind the lines and not in the legend: what they are read against.
        std::vector<Line> guides = {};
        QString summary = {}; ///< below the figure, in words
        QStringList tableHeader = {};
        std::vector<QStringList> table = {};
    };

    explicit FigureChart(QWidget* parent = nullptr);
    ~FigureChart() override;

    /// Lines that were hidden stay so, by id.
    void setContent(Content content);
    [[nodiscard]] const Content& content() const;
    [[nodiscard]] bool isTableShown() const;
    [[nodiscard]] bool isLineShown(const QString& id) const;
    /// What is read out at the moment; empty: nothing.
    [[nodiscard]] QString readout() const;
    /// Where a point stands, in this widget's coordinates.
    [[nodiscard]] QPointF positionOf(double x, double y) const;

    void setTableShown(bool shown);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Parts;

    void draw();
    void fillTable();
    void restyle();
    void retranslate();
    /// \param along  stops further; \param across  lines further
    void walk(int along, int across);
    void hover(const QPointF& position);
    void readOut(std::size_t line, std::size_t stop);

    std::unique_ptr<Parts> m_parts;
};

} // namespace lacuna
