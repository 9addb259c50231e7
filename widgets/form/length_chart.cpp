#include "widgets/form/length_chart.h"

#include "widgets/base/colors.h"
#include "widgets/chart/qcustomplot_shim.h"

#include <QEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

namespace {

constexpr int kHeight = 152;

} // namespace

LengthChart::LengthChart(QWidget* parent) : QWidget(parent)
{
    m_plot = new QCustomPlot(this);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setAttribute(Qt::WA_TransparentForMouseEvents); // nothing to do here but look
    m_bars = new QCPBars(m_plot->xAxis, m_plot->yAxis);
    m_limit = new QCPItemLine(m_plot);
    m_limitText = new QCPItemText(m_plot);
    for (QCPItemPosition* end : {m_limit->start, m_limit->end, m_limitText->position}) {
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptAxisRectRatio);
        end->setAxes(m_plot->xAxis, m_plot->yAxis);
        end->setAxisRect(m_plot->axisRect());
    }
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setSubTicks(false);
        // Tokens and samples are whole: a tick at 2.5 would be labelled with a wrong number.
        const QSharedPointer<QCPAxisTickerFixed> whole(new QCPAxisTickerFixed);
        whole->setTickStep(1);
        whole->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
        whole->setTickCount(4);
        axis->setTicker(whole);
        axis->setNumberFormat(QStringLiteral("f"));
        axis->setNumberPrecision(0);
    }
    m_plot->xAxis->grid()->setVisible(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setFixedHeight(kHeight);
    setMinimumWidth(320);
    applyColors();
}

void LengthChart::setLengths(const LengthHistogram& lengths, qint64 maxLength)
{
    m_lengths = lengths;
    m_maxLength = maxLength;
    draw();
}

void LengthChart::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        applyColors();
    if (event->type() == QEvent::LanguageChange)
        draw();
    QWidget::changeEvent(event);
}

void LengthChart::draw()
{
    const auto width = static_cast<double>(m_lengths.binWidth);
    QVector<double> middles;
    QVector<double> counts;
    double most = 1;
    for (std::size_t bin = 0; bin < m_lengths.counts.size(); ++bin) {
        middles += (static_cast<double>(bin) + 0.5) * width;
        counts += static_cast<double>(m_lengths.counts[bin]);
        most = std::max(most, counts.back());
    }
    m_bars->setWidth(width * 0.9);
    m_bars->setData(middles, counts, true);
    const auto limit = static_cast<double>(m_maxLength);
    const double end = width * static_cast<double>(m_lengths.counts.size());
    // A limit far to the right would squeeze the bars: it is then told in words only.
    const bool inSight = limit <= 2 * end;
    m_plot->xAxis->setRange(0, std::max(end, inSight ? limit * 1.02 : 0));
    m_plot->yAxis->setRange(0, most * 1.15);
    m_limit->setVisible(inSight);
    m_limitText->setVisible(inSight);
    m_limit->start->setCoords(limit, 0);
    m_limit->end->setCoords(limit, 1);
    m_limitText->position->setCoords(limit, 0);
    const bool leftOfLine = limit > m_plot->xAxis->range().upper / 2;
    m_limitText->setPositionAlignment(Qt::AlignTop | (leftOfLine ? Qt::AlignRight : Qt::AlignLeft));
    m_limitText->setPadding(QMargins(4, 0, 4, 0));
    m_limitText->setText(tr("cut at %1").arg(locale().toString(m_maxLength)));
    m_plot->xAxis->setLabel(tr("Tokens of a sample"));
    m_plot->yAxis->setLabel(tr("Samples"));
    setAccessibleName(tr("Lengths of the samples"));
    setAccessibleDescription(tr("From %1 to %2 tokens, half of them up to %3; cut at %4.")
                                 .arg(m_lengths.shortest)
                                 .arg(m_lengths.longest)
                                 .arg(m_lengths.median)
                                 .arg(m_maxLength));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LengthChart::applyColors()
{
    const QColor text = themeColor(ColorRole::Secondary, *this);
    const QColor line = themeColor(ColorRole::Border, *this);
    m_plot->setBackground(themeColor(ColorRole::Surface, *this));
    m_bars->setPen(Qt::NoPen);
    m_bars->setBrush(text);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(line));
        axis->setTickPen(QPen(line));
        axis->setTickLabelColor(text);
        axis->setLabelColor(text);
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(line, 1, Qt::DotLine));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    const QColor limit = themeColor(ColorRole::Warning, *this);
    m_limit->setPen(QPen(limit, 2, Qt::DashLine));
    m_limitText->setColor(limit);
    m_limitText->setFont(font());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

} // namespace lacuna
