#pragma once

#include "core/corpora/tokenise.h"

#include <QWidget>

class QCustomPlot;
class QCPBars;
class QCPItemLine;
class QCPItemText;

namespace lacuna {

/// How long the samples of a corpus are, as bars, with the length at which they are cut.
class LengthChart : public QWidget {
    Q_OBJECT

public:
    explicit LengthChart(QWidget* parent = nullptr);

    void setLengths(const LengthHistogram& lengths, qint64 maxLength);

protected:
    void changeEvent(QEvent* event) override;

private:
    void draw();
    void applyColors();

    LengthHistogram m_lengths;
    qint64 m_maxLength = 0;
    QCustomPlot* m_plot = nullptr;
    QCPBars* m_bars = nullptr;
    QCPItemLine* m_limit = nullptr;
    QCPItemText* m_limitText = nullptr;
};

} // namespace lacuna
