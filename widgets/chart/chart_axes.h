#pragma once

#include "widgets/chart/qcustomplot_shim.h"

namespace lacuna {

/// Ticks of the chart grammar: round, six at most, fewer where pixels are few; labels with just the
/// decimals that tell neighbours apart.
class ChartTicker : public QCPAxisTicker {
public:
    /// \param pixels  that a label needs along \p axis
    ChartTicker(const QCPAxis& axis, int pixels, bool wholeNumbers);

protected:
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    QVector<double> createSubTickVector(int subTickCount, const QVector<double>& ticks) override;
    QVector<QString> createLabelVector(const QVector<double>& ticks, const QLocale& locale,
                                       QChar formatChar, int precision) override;

private:
    const QCPAxis& m_axis;
    int m_pixels;
    bool m_wholeNumbers;
};

} // namespace lacuna
