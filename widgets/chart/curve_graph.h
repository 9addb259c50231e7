#pragma once

#include "widgets/chart/qcustomplot_shim.h"

namespace lacuna {

/// A graph that stays quick when lines crowd: a path of hundreds of crossing lines takes up to
/// seconds to stroke, the same lines one by one take milliseconds.
class CurveGraph : public QCPGraph {
public:
    using QCPGraph::QCPGraph;

protected:
    void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const override;
};

} // namespace lacuna
