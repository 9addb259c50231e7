#include "widgets/chart/live_chart.h"

#include "widgets/base/theme.h"
#include "widgets/chart/chart_axes.h"
#include "widgets/chart/live_chart_parts.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lacuna {

using namespace Qt::StringLiterals;

LiveChart::LiveChart(QWidget* parent) : QWidget(parent), m_parts(std::make_unique<Parts>())
{
    Parts& p = *m_parts;
    p.titleLabel = heading({}, 3);
    p.titleLabel->setObjectName(u"chartTitle"_s);
    p.titleLabel->setWordWrap(true);
    p.hintLabel = secondaryText({});
    p.hintLabel->setObjectName(u"chartDirection"_s);
    p.frozenLabel = new QLabel;
    p.frozenLabel->setObjectName(u"frozenLabel"_s);
    p.frozenLabel->hide();
    p.canvas = new ChartCanvas;
    p.emptyLabel = new QLabel(p.canvas);
    p.emptyLabel->setObjectName(u"chartEmptyText"_s);
    p.emptyLabel->setProperty("secondary", true);
    p.emptyLabel->setAttribute(Qt::WA_TransparentForMouseEvents);
    p.emptyLabel->setAlignment(Qt::AlignCenter);
    p.emptyLabel->setWordWrap(true);
    p.readout = new ChartReadout(p.canvas);
    p.legend = new ChartLegend;
    p.noteLabel = secondaryText({});
    p.noteLabel->setObjectName(u"chartNote"_s);
    p.noteLabel->hide();

    auto* head = new QHBoxLayout;
    head->addWidget(p.titleLabel, 1);
    head->addWidget(p.frozenLabel, 0, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    layout->addLayout(head);
    layout->addWidget(p.hintLabel);
    layout->addWidget(p.canvas, 1);
    layout->addWidget(p.legend);
    layout->addWidget(p.noteLabel);
    setMinimumSize(320, 200);

    QCustomPlot& plot = *p.canvas;
    addChartLayers(plot);
    plot.xAxis->setTicker(QSharedPointer<ChartTicker>::create(*plot.xAxis, 64, true));
    plot.yAxis->setTicker(QSharedPointer<ChartTicker>::create(*plot.yAxis, 28, false));
    plot.yAxis2->setRange(0, 1);
    plot.axisRect()->setMinimumMargins({8, 8, 8, 8});
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        axis->setSubTicks(false);
        axis->setTickLength(0, 4);
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    p.cursorLine = new QCPItemStraightLine(p.canvas);
    p.cursorLine->setLayer(u"overlay"_s);
    p.cursorLine->setVisible(false);
    p.refreshTimer.setSingleShot(true);
    p.refreshTimer.setInterval(0);

    connectParts();
    retranslate();
    restyle();
}

LiveChart::~LiveChart()
{
    // Items remove their graphs from the canvas, so they go first.
    m_parts->curves.clear();
    m_parts->rules.clear();
    m_parts->marks.clear();
}

void LiveChart::connectParts()
{
    Parts& p = *m_parts;
    connect(&p.refreshTimer, &QTimer::timeout, this, [this] { refresh(); });
    connect(p.canvas, &ChartCanvas::resized, this, &LiveChart::scheduleRefresh);
    connect(p.canvas, &ChartCanvas::viewChangedByUser, this, [this] {
        setFitted(false);
        Q_EMIT xViewChanged(xView(), false);
        m_parts->readout->hide();
        scheduleRefresh();
    });
    connect(p.canvas, &ChartCanvas::fitRequested, this, [this] {
        fit();
        Q_EMIT xViewChanged(xView(), true);
    });
    connect(p.canvas, &ChartCanvas::logarithmicToggled, this,
            [this] { setLogarithmic(!isLogarithmic()); });
    connect(p.canvas, &ChartCanvas::hovered, this, &LiveChart::hover);
    connect(p.canvas, &ChartCanvas::walked, this, &LiveChart::walk);
    connect(p.canvas, &ChartCanvas::left, this, [this] {
        m_parts->readout->hide();
        showCursor(std::nullopt);
        Q_EMIT cursorLeft();
    });
    connect(p.canvas, &QWidget::customContextMenuRequested, this, &LiveChart::openMenu);
    connect(p.canvas, &QCustomPlot::afterLayout, this, [this] {
        LabelRoom room{
            .plot = m_parts->canvas->axisRect()->rect(),
            .hasCurve = [this](const QRectF& place) { return m_parts->hasCurve(place); }};
        for (const auto& [id, rule] : m_parts->rules)
            rule->placeLabel(room);
        for (const auto& [id, mark] : m_parts->marks)
            mark->placeLabel(room);
        m_parts->emptyLabel->setGeometry(
            m_parts->canvas->axisRect()->rect().adjusted(16, 0, -16, 0));
    });
    connect(p.legend, &ChartLegend::toggled, this,
            [this](const QString& id, bool shown) { setSeriesShown(id, shown); });
}

void LiveChart::setTitle(const QString& question, const QString& hint)
{
    m_parts->title = question;
    m_parts->hint = hint;
    retranslate();
}

void LiveChart::setAxes(const QString& x, const QString& y)
{
    m_parts->xName = x;
    m_parts->yName = y;
    m_parts->canvas->xAxis->setLabel(x);
    m_parts->canvas->yAxis->setLabel(y);
    scheduleRefresh();
}

void LiveChart::setEmptyText(const QString& text)
{
    m_parts->emptyText = text;
    m_parts->emptyLabel->setText(text);
}

void LiveChart::setSeries(const QString& id, const SeriesStyle& style)
{
    Parts::Curve* curve = m_parts->curve(id);
    if (!curve) {
        m_parts->curves.push_back(std::make_unique<Parts::Curve>());
        curve = m_parts->curves.back().get();
        curve->id = id;
        curve->item = std::make_unique<SeriesItem>(*m_parts->canvas);
    }
    curve->style = style;
    curve->data.setSmoothing(style.canBeSmoothed ? m_parts->smoothing : 0);
    curve->data.setPositiveOnly(isLogarithmic());
    curve->item->restyle(style, seriesColor(style, *this), themeColor(ColorRole::Surface, *this));
    if (style.isInLegend)
        m_parts->legend->setSeries(id, style);
    else
        m_parts->legend->removeSeries(id);
    scheduleRefresh();
}

void LiveChart::removeSeries(const QString& id)
{
    std::erase_if(m_parts->curves, [&](const auto& curve) { return curve->id == id; });
    m_parts->legend->removeSeries(id);
    m_parts->readout->hide();
    scheduleRefresh();
}

void LiveChart::append(const QString& id, std::span<const double> xs, std::span<const double> ys)
{
    Parts::Curve* curve = m_parts->curve(id);
    if (!curve || xs.size() != ys.size())
        throw std::logic_error("points for a series that the chart does not have");
    curve->data.append(xs, ys);
    scheduleRefresh();
}

void LiveChart::setRule(const QString& id, double value, const RuleStyle& style)
{
    if (!std::isfinite(value)) {
        m_parts->rules.erase(id);
    } else {
        auto& rule = m_parts->rules[id];
        if (!rule)
            rule = std::make_unique<RuleItem>(*m_parts->canvas);
        rule->set(value, style);
        rule->restyle(themeColor(style.color, *this), themeColor(ColorRole::Surface, *this));
    }
    scheduleRefresh();
}

void LiveChart::setMark(const QString& id, double x, const QString& label, MarkKind kind)
{
    auto& mark = m_parts->marks[id];
    if (!mark)
        mark = std::make_unique<MarkItem>(*m_parts->canvas);
    mark->set(x, label, kind);
    mark->restyle(themeColor(ColorRole::Secondary, *this), themeColor(ColorRole::Surface, *this));
    scheduleRefresh();
}

void LiveChart::removeMark(const QString& id)
{
    m_parts->marks.erase(id);
    scheduleRefresh();
}

void LiveChart::clear()
{
    for (const auto& curve : m_parts->curves)
        curve->data.clear();
    m_parts->rules.clear();
    m_parts->marks.clear();
    m_parts->readout->hide();
    showCursor(std::nullopt);
    scheduleRefresh();
}

bool LiveChart::isFitted() const
{
    return m_parts->isFitted;
}

bool LiveChart::isLogarithmic() const
{
    return m_parts->canvas->isLogarithmic();
}

bool LiveChart::isSeriesShown(const QString& id) const
{
    const Parts::Curve* curve = m_parts->curve(id);
    return curve && curve->isShown;
}

double LiveChart::smoothing() const
{
    return m_parts->smoothing;
}

AxisRange LiveChart::xView() const
{
    return m_parts->canvas->xView();
}

AxisRange LiveChart::yView() const
{
    return m_parts->canvas->yView();
}

QPointF LiveChart::positionOf(double x, double y) const
{
    const ChartCanvas& canvas = *m_parts->canvas;
    return canvas.mapTo(this,
                        QPointF(canvas.xAxis->coordToPixel(x), canvas.yAxis->coordToPixel(y)));
}

void LiveChart::setSmoothing(double weight)
{
    m_parts->smoothing = weight;
    for (const auto& curve : m_parts->curves)
        curve->data.setSmoothing(curve->style.canBeSmoothed ? weight : 0);
    scheduleRefresh();
}

void LiveChart::setLogarithmic(bool logarithmic)
{
    if (logarithmic == isLogarithmic())
        return;
    m_parts->canvas->setLogarithmic(logarithmic);
    for (const auto& curve : m_parts->curves)
        curve->data.setPositiveOnly(logarithmic);
    // What somebody zoomed along the steps stays; heights mean something else now.
    const AxisRange x = xView();
    const bool wasFitted = isFitted();
    fitView();
    if (!wasFitted)
        m_parts->canvas->setXView(x);
    scheduleRefresh();
    Q_EMIT logarithmicChanged(logarithmic);
}

void LiveChart::setSeriesShown(const QString& id, bool shown)
{
    Parts::Curve* curve = m_parts->curve(id);
    if (!curve || curve->isShown == shown)
        return;
    curve->isShown = shown;
    curve->item->setVisible(shown);
    m_parts->legend->setShown(id, shown);
    scheduleRefresh();
    Q_EMIT seriesToggled(id, shown);
}

void LiveChart::setFrozen(bool frozen)
{
    m_parts->frozenLabel->setVisible(frozen);
}

void LiveChart::fit()
{
    setFitted(true);
    fitView();
    scheduleRefresh();
}

void LiveChart::setXView(AxisRange range)
{
    if (!isUsableRange(range) || (range == xView() && !isFitted()))
        return;
    setFitted(false);
    m_parts->canvas->setXView(range);
    scheduleRefresh();
}

void LiveChart::fitView()
{
    ChartCanvas& canvas = *m_parts->canvas;
    const auto xs = m_parts->xExtent();
    canvas.setXView(xs ? fittedRange(xs->from, xs->to, false) : AxisRange{-0.5, 10.5});
    const auto ys = m_parts->yExtent();
    const bool logarithmic = isLogarithmic();
    canvas.setYView(ys            ? fittedRange(ys->from, ys->to, logarithmic)
                    : logarithmic ? AxisRange{0.1, 10}
                                  : AxisRange{-0.05, 1.05});
}

void LiveChart::setFitted(bool fitted)
{
    if (fitted == m_parts->isFitted)
        return;
    m_parts->isFitted = fitted;
    Q_EMIT fittedChanged(fitted);
}

void LiveChart::scheduleRefresh()
{
    m_parts->isStale = true;
    if (isVisible() && !m_parts->refreshTimer.isActive())
        m_parts->refreshTimer.start();
}

void LiveChart::refresh(int columns)
{
    Parts& p = *m_parts;
    p.isStale = false;
    if (p.isFitted)
        fitView();
    const int pixels =
        columns > 0 ? columns : static_cast<int>(p.canvas->width() * p.canvas->devicePixelRatioF());
    bool isEmpty = true;
    for (const auto& curve : p.curves) {
        curve->item->update(curve->data, xView(), std::max(pixels, 1));
        isEmpty = isEmpty && curve->data.size() == 0;
    }
    p.emptyLabel->setVisible(isEmpty && !p.emptyText.isEmpty());
    updateNote();
    const QString words = description();
    setAccessibleDescription(words);
    p.canvas->setAccessibleDescription(words);
    if (columns == 0)
        p.canvas->replot(QCustomPlot::rpQueuedReplot);
}

void LiveChart::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_parts->isStale)
        refresh();
}

void LiveChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::FontChange:
    case QEvent::StyleChange:
        restyle();
        break;
    case QEvent::LanguageChange:
    case QEvent::LocaleChange:
        retranslate();
        break;
    default:
        break;
    }
}

} // namespace lacuna
