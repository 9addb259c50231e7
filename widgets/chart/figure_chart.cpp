#include "widgets/chart/figure_chart.h"

#include "widgets/base/theme.h"
#include "widgets/chart/chart_axes.h"
#include "widgets/chart/chart_items.h"
#include "widgets/chart/chart_legend.h"
#include "widgets/chart/figure_canvas.h"

#include <QAccessible>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr double kFillOpacity = 0.12;
constexpr double kGuideWidth = 1.5;
constexpr double kUnlearnedWidth = 3; ///< interface reference 6.1: "solid, wider"
constexpr int kTickPixels = 56;
constexpr int kReach = 40; ///< pixels from the pointer to what it reads
constexpr double kCursorSize = 9;
constexpr int kNarrow = 640;
constexpr int kWordsWidth = 240;

QTableWidget* newTable()
{
    auto* table = new QTableWidget;
    table->setObjectName(u"figureTable"_s);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setTabKeyNavigation(false);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
    table->verticalHeader()->hide();
    table->horizontalHeader()->setHighlightSections(false);
    return table;
}

} // namespace

struct FigureChart::Parts {
    Content content;
    std::set<QString> hidden;      ///< ids of lines
    std::vector<QCPCurve*> curves; ///< one a line
    std::vector<QCPCurve*> guides;
    std::size_t line = 0;            ///< that is walked on
    std::optional<std::size_t> stop; ///< that is read out
    QLabel* title = heading({}, 3);
    QLabel* hint = secondaryText({});
    ChartLegend* legend = new ChartLegend;
    QToolButton* asTable = new QToolButton;
    QStackedWidget* stack = new QStackedWidget;
    FigureCanvas* canvas = new FigureCanvas;
    QTableWidget* table = newTable();
    QLabel* readout = new QLabel;
    QLabel* summary = secondaryText({});
    QCPItemEllipse* cursor = nullptr;
    QBoxLayout* columns = nullptr;

    [[nodiscard]] bool isShown(std::size_t at) const
    {
        return !hidden.contains(content.lines[at].id) && !content.lines[at].stops.empty();
    }
};

FigureChart::FigureChart(QWidget* parent) : QWidget(parent), m_parts(std::make_unique<Parts>())
{
    Parts& p = *m_parts;
    p.title->setWordWrap(true);
    p.readout->setObjectName(u"figureReadout"_s);
    p.summary->setObjectName(u"figureSummary"_s);
    p.asTable->setObjectName(u"figureAsTable"_s);
    p.asTable->setCheckable(true);
    p.asTable->setFocusPolicy(Qt::StrongFocus);
    p.asTable->setMinimumHeight(24);
    for (QCPAxis* axis : {p.canvas->xAxis, p.canvas->yAxis})
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new ChartTicker(
            *axis, axis == p.canvas->xAxis ? kTickPixels : kTickPixels / 2, false)));
    p.cursor = new QCPItemEllipse(p.canvas);
    p.cursor->setVisible(false);
    for (QCPItemPosition* corner : {p.cursor->topLeft, p.cursor->bottomRight})
        corner->setType(QCPItemPosition::ptAbsolute);
    p.stack->addWidget(p.canvas);
    p.stack->addWidget(p.table);

    for (QLabel* text : {p.readout, p.summary})
        text->setWordWrap(true);
    auto* side = new QWidget;
    auto* words = new QVBoxLayout(side);
    words->setContentsMargins(0, 0, 0, 0);
    words->setSpacing(8);
    words->addWidget(p.title);
    words->addWidget(p.hint);
    words->addWidget(p.legend);
    words->addWidget(p.asTable, 0, Qt::AlignLeft);
    words->addWidget(p.readout);
    words->addWidget(p.summary);
    words->addStretch();
    p.columns = new QBoxLayout(QBoxLayout::LeftToRight, this);
    p.columns->setContentsMargins(0, 0, 0, 0);
    p.columns->setSpacing(16);
    p.columns->addWidget(p.stack, 3);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setMinimumWidth(kWordsWidth);
    scroll->setWidget(side);
    p.columns->addWidget(scroll, 2);
    p.canvas->pressed = [this](int key) {
        switch (key) {
        case Qt::Key_Left:
        case Qt::Key_Right:
            walk(key == Qt::Key_Right ? 1 : -1, 0);
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down:
            walk(0, key == Qt::Key_Down ? 1 : -1);
            return true;
        case Qt::Key_Home:
        case Qt::Key_End:
            walk((key == Qt::Key_End ? 1 : -1) * std::numeric_limits<int>::max(), 0);
            return true;
        case Qt::Key_T:
            setTableShown(true);
            return true;
        default:
            return false;
        }
    };
    connect(p.canvas, &QCustomPlot::mouseMove, this,
            [this](QMouseEvent* event) { hover(event->position()); });
    connect(p.asTable, &QToolButton::toggled, this, &FigureChart::setTableShown);
    connect(p.legend, &ChartLegend::toggled, this, [this](const QString& id, bool shown) {
        shown ? void(m_parts->hidden.erase(id)) : void(m_parts->hidden.insert(id));
        draw();
    });
    retranslate();
    restyle();
}

FigureChart::~FigureChart() = default;

const FigureChart::Content& FigureChart::content() const
{
    return m_parts->content;
}

void FigureChart::setContent(Content content)
{
    Parts& p = *m_parts;
    for (const Line& line : p.content.lines)
        if (std::none_of(content.lines.begin(), content.lines.end(),
                         [&](const Line& one) { return one.id == line.id; }))
            p.legend->removeSeries(line.id);
    p.content = std::move(content);
    for (const Line& line : p.content.lines)
        p.legend->setSeries(line.id, line.style);
    p.line = 0;
    p.stop.reset();
    p.readout->clear();
    p.title->setText(p.content.title);
    p.hint->setText(p.content.hint);
    p.hint->setVisible(!p.content.hint.isEmpty());
    p.summary->setText(p.content.summary);
    p.summary->setVisible(!p.content.summary.isEmpty());
    fillTable();
    draw();
    retranslate();
}

void FigureChart::draw()
{
    Parts& p = *m_parts;
    QCustomPlot& plot = *p.canvas;
    for (auto* curves : {&p.curves, &p.guides}) {
        for (QCPCurve* curve : *curves)
            plot.removePlottable(curve);
        curves->clear();
    }
    const auto add = [&](const Line& line) {
        auto* curve = new QCPCurve(plot.xAxis, plot.yAxis);
        curve->setData(QVector<double>(line.xs.begin(), line.xs.end()),
                       QVector<double>(line.ys.begin(), line.ys.end()));
        return curve;
    };
    plot.xAxis->setScaleType(p.content.logarithmicX ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    plot.xAxis->setRange(p.content.x.from, p.content.x.to);
    plot.yAxis->setRange(p.content.y.from, p.content.y.to);
    plot.xAxis->setLabel(p.content.xAxis);
    plot.yAxis->setLabel(p.content.yAxis);
    for (const Line& guide : p.content.guides)
        p.guides.push_back(add(guide));
    for (const Line& line : p.content.lines) {
        p.curves.push_back(add(line));
        p.curves.back()->setVisible(!p.hidden.contains(line.id));
    }
    p.cursor->setVisible(false);
    restyle();
}

void FigureChart::fillTable()
{
    Parts& p = *m_parts;
    p.table->clear();
    p.table->setColumnCount(static_cast<int>(p.content.tableHeader.size()));
    p.table->setHorizontalHeaderLabels(p.content.tableHeader);
    p.table->setRowCount(static_cast<int>(p.content.table.size()));
    for (int row = 0; row < p.table->rowCount(); ++row)
        for (int column = 0; column < p.table->columnCount(); ++column) {
            const QStringList& cells = p.content.table[static_cast<std::size_t>(row)];
            auto* item = new QTableWidgetItem(cells.value(column));
            item->setTextAlignment(Qt::AlignVCenter |
                                   (column == 0 ? Qt::AlignLeft : Qt::AlignRight));
            p.table->setItem(row, column, item);
        }
    p.table->resizeColumnsToContents();
}

void FigureChart::restyle()
{
    Parts& p = *m_parts;
    QCustomPlot& plot = *p.canvas;
    const QColor surface = themeColor(ColorRole::Surface, *this);
    const QColor words = themeColor(ColorRole::Secondary, *this);
    const QColor border = themeColor(ColorRole::Border, *this);
    plot.setBackground(surface);
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        axis->setBasePen(QPen(border));
        axis->setTickPen(QPen(border));
        axis->setSubTicks(false);
        axis->setTickLabelColor(words);
        axis->setLabelColor(words);
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(border, 1, Qt::DotLine));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    for (std::size_t i = 0; i < p.curves.size(); ++i) {
        const Line& line = p.content.lines[i];
        const QColor color = seriesColor(line.style, *this);
        QPen pen = seriesPen(line.style, color);
        if (line.style.color == ColorRole::Unlearned && line.style.overlay < 0)
            pen.setWidthF(kUnlearnedWidth);
        p.curves[i]->setPen(pen);
        QColor fill = color;
        fill.setAlphaF(kFillOpacity);
        p.curves[i]->setBrush(line.filled ? QBrush(fill) : QBrush(Qt::NoBrush));
    }
    for (std::size_t i = 0; i < p.guides.size(); ++i) {
        QPen pen = seriesPen(p.content.guides[i].style, words);
        pen.setWidthF(kGuideWidth);
        p.guides[i]->setPen(pen);
    }
    p.cursor->setPen(QPen(themeColor(ColorRole::Text, *this), 2));
    p.cursor->setBrush(surface);
    p.legend->retranslate();
    plot.replot(QCustomPlot::rpQueuedReplot);
}

void FigureChart::retranslate()
{
    Parts& p = *m_parts;
    p.asTable->setText(p.asTable->isChecked() ? tr("As a figure") : tr("As a table"));
    p.asTable->setToolTip(tr("Shows the same numbers as a figure or as a table (T)"));
    p.canvas->setAccessibleName(p.content.title);
    p.canvas->setAccessibleDescription(
        p.content.summary + u' ' +
        tr("Left and right walk along a line, up and down change the line, T shows a table."));
    p.table->setAccessibleName(p.content.title.isEmpty() ? tr("Figure as a table")
                                                         : p.content.title);
    p.readout->setVisible(!isTableShown());
    if (p.readout->text().isEmpty())
        p.readout->setText(tr("Point at a line, or walk along it with the arrow keys."));
}

bool FigureChart::isTableShown() const
{
    return m_parts->stack->currentWidget() == m_parts->table;
}

bool FigureChart::isLineShown(const QString& id) const
{
    return !m_parts->hidden.contains(id);
}

QString FigureChart::readout() const
{
    return m_parts->stop ? m_parts->readout->text() : QString();
}

QPointF FigureChart::positionOf(double x, double y) const
{
    const QPointF place(m_parts->canvas->xAxis->coordToPixel(x),
                        m_parts->canvas->yAxis->coordToPixel(y));
    return m_parts->canvas->mapTo(this, place);
}

void FigureChart::setTableShown(bool shown)
{
    Parts& p = *m_parts;
    const bool focused = p.canvas->hasFocus();
    p.stack->setCurrentWidget(shown ? static_cast<QWidget*>(p.table) : p.canvas);
    p.asTable->setChecked(shown);
    if (focused && shown)
        p.table->setFocus();
    retranslate();
}

void FigureChart::walk(int along, int across)
{
    Parts& p = *m_parts;
    const auto count = p.content.lines.size();
    std::size_t line = p.line;
    for (std::size_t tried = 0; tried < count; ++tried) { // to the next one that is shown
        if (across != 0 && p.stop)
            line = (line + (across > 0 ? 1 : count - 1)) % count;
        if (p.isShown(line))
            break;
        if (across == 0 || !p.stop)
            line = (line + 1) % count;
    }
    if (count == 0 || !p.isShown(line))
        return;
    const auto last = static_cast<long long>(p.content.lines[line].stops.size()) - 1;
    const bool fromEnd = along == -1 || along > 1;
    const long long from = p.stop ? static_cast<long long>(*p.stop) + along : (fromEnd ? last : 0);
    readOut(line, static_cast<std::size_t>(std::clamp(from, 0LL, last)));
}

void FigureChart::hover(const QPointF& position)
{
    const Parts& p = *m_parts;
    double nearest = kReach;
    std::optional<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t line = 0; line < p.content.lines.size(); ++line) {
        if (!p.isShown(line))
            continue;
        const std::vector<Stop>& stops = p.content.lines[line].stops;
        for (std::size_t i = 0; i < stops.size(); ++i) {
            const QPointF place(p.canvas->xAxis->coordToPixel(stops[i].x),
                                p.canvas->yAxis->coordToPixel(stops[i].y));
            const double distance = std::hypot(place.x() - position.x(), place.y() - position.y());
            if (distance < nearest) {
                nearest = distance;
                found = std::pair(line, i);
            }
        }
    }
    if (found)
        readOut(found->first, found->second);
}

void FigureChart::readOut(std::size_t line, std::size_t stop)
{
    Parts& p = *m_parts;
    p.line = line;
    p.stop = stop;
    const Stop& here = p.content.lines[line].stops[stop];
    const QPointF center(p.canvas->xAxis->coordToPixel(here.x),
                         p.canvas->yAxis->coordToPixel(here.y));
    const QPointF half(kCursorSize / 2, kCursorSize / 2);
    p.cursor->topLeft->setPixelPosition(center - half);
    p.cursor->bottomRight->setPixelPosition(center + half);
    p.cursor->setVisible(true);
    p.readout->setText(tr("%1: %2").arg(p.content.lines[line].style.label, here.text));
    p.canvas->setAccessibleDescription(p.readout->text());
    QAccessibleEvent event(p.canvas, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
    p.canvas->replot(QCustomPlot::rpQueuedReplot);
}

/// Words stand beside the figure where there is room for both, else below it.
void FigureChart::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_parts->columns->setDirection(width() < kNarrow ? QBoxLayout::TopToBottom
                                                     : QBoxLayout::LeftToRight);
}

void FigureChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        restyle();
    if (event->type() == QEvent::LanguageChange) {
        if (!m_parts->stop)
            m_parts->readout->clear();
        retranslate();
    }
}

} // namespace lacuna
