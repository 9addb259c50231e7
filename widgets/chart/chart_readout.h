#pragma once

#include "widgets/chart/chart_style.h"

#include <QLabel>

#include <vector>

namespace lacuna {

/// A row of the small table beside the cursor.
struct ReadoutRow {
    QString label;
    QColor color;
    double x = 0;
    double y = 0;
    double smoothed = 0;
    bool isSmoothed = false;
    bool isNearest = false; ///< bold
    bool isNamed = true;    ///< the legend has it too
};

/// The values under the cursor; floats over the plot and lets the mouse through.
class ChartReadout : public QLabel {
    Q_OBJECT

public:
    explicit ChartReadout(QWidget* parent);

    /// Stands inside \p plot on the side away from \p cursor.
    void present(const std::vector<ReadoutRow>& rows, const QString& xName, const QPointF& cursor,
                 const QRect& plot);
};

/// The rows in one line, for those who hear the chart.
[[nodiscard]] QString readoutSentence(const std::vector<ReadoutRow>& rows, const QString& xName);

} // namespace lacuna
