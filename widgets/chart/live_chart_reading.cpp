// How a LiveChart is read: words, colours, cursor, menu, files.

#include "widgets/chart/live_chart.h"
#include "widgets/chart/live_chart_parts.h"

#include "core/base/json.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLocale>
#include <QMenu>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

void LiveChart::retranslate()
{
    Parts& p = *m_parts;
    p.titleLabel->setText(p.title);
    p.hintLabel->setText(p.hint);
    p.hintLabel->setVisible(!p.hint.isEmpty());
    p.frozenLabel->setText(tr("❚❚ Paused: the data stands still"));
    p.canvas->retranslate();
    p.legend->retranslate();
    setAccessibleName(p.title);
    p.canvas->setAccessibleName(p.title);
    p.canvas->setToolTip({});
    p.canvas->setWhatsThis(tr(
        "Drag to zoom into a box, Shift and drag to move, double-click or Home to fit. The wheel "
        "over an axis zooms that axis, with Ctrl both. Plus, minus and the arrow keys zoom and "
        "move, Ctrl with left and right walks the points, L toggles the logarithmic axis."));
    scheduleRefresh();
}

void LiveChart::restyle()
{
    Parts& p = *m_parts;
    const QColor surface = themeColor(ColorRole::Surface, *this);
    const QColor secondary = themeColor(ColorRole::Secondary, *this);
    QColor grid = themeColor(ColorRole::Border, *this);
    p.canvas->setBackground(QBrush(surface));
    for (QCPAxis* axis : {p.canvas->xAxis, p.canvas->yAxis}) {
        axis->setBasePen(QPen(secondary, 1));
        axis->setTickPen(QPen(secondary, 1));
        axis->setTickLabelColor(secondary);
        axis->setLabelColor(secondary);
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(grid, 1));
    }
    for (const auto& curve : p.curves)
        curve->item->restyle(curve->style, seriesColor(curve->style, *this), surface);
    for (const auto& [id, rule] : p.rules)
        rule->restyle(themeColor(rule->style().color, *this), surface);
    for (const auto& [id, mark] : p.marks)
        mark->restyle(secondary, surface);
    p.cursorLine->setPen(QPen(themeColor(ColorRole::Accent, *this), 1));
    QPalette warning = palette();
    warning.setColor(QPalette::WindowText, themeColor(ColorRole::Warning, *this));
    p.frozenLabel->setPalette(warning);
    scheduleRefresh();
}

QString LiveChart::description() const
{
    QStringList parts;
    for (const auto& curve : m_parts->curves) {
        const auto last = curve->data.last();
        if (curve->isShown && curve->style.isInLegend && last)
            parts += tr("%1: %2 at step %3")
                         .arg(curve->style.label, shortNumber(last->smoothed),
                              QLocale().toString(last->x, 'f', 0));
    }
    if (parts.isEmpty())
        return m_parts->emptyText.isEmpty() ? tr("No data yet") : m_parts->emptyText;
    for (const auto& [id, rule] : m_parts->rules)
        parts += tr("%1: %2").arg(rule->style().label, shortNumber(rule->value()));
    return parts.join(u"; "_s);
}

QString LiveChart::note() const
{
    qsizetype nonFinite = 0;
    std::int64_t leftOut = 0;
    for (const auto& curve : m_parts->curves) {
        nonFinite += static_cast<qsizetype>(curve->data.nonFinite().size());
        leftOut += curve->isShown ? curve->data.leftOut() : 0;
    }
    QStringList notes;
    if (nonFinite > 0)
        notes += tr("%n values are not finite numbers: triangles at the edge.", nullptr,
                    static_cast<int>(nonFinite));
    if (leftOut > 0)
        notes += tr("%n points at or below zero have no place on a logarithmic axis.", nullptr,
                    static_cast<int>(leftOut));
    return notes.join(u' ');
}

void LiveChart::updateNote()
{
    const QString text = note();
    m_parts->noteLabel->setText(text);
    m_parts->noteLabel->setVisible(!text.isEmpty());
}

void LiveChart::showCursor(std::optional<double> x)
{
    Parts& p = *m_parts;
    if (x == p.cursor)
        return;
    p.cursor = x;
    p.cursorLine->setVisible(x.has_value());
    if (x) {
        p.cursorLine->point1->setCoords(*x, 0);
        p.cursorLine->point2->setCoords(*x, 1);
        p.cursorLine->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
        p.cursorLine->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    // Only this layer: moving the mouse does not draw the curves again.
    if (isVisible())
        p.canvas->layer(u"overlay"_s)->replot();
}

void LiveChart::hover(const QPointF& position)
{
    Parts& p = *m_parts;
    if (!p.canvas->axisRect()->rect().contains(position.toPoint())) {
        p.readout->hide();
        showCursor(std::nullopt);
        Q_EMIT cursorLeft();
        return;
    }
    readOut(p.canvas->xAxis->pixelToCoord(position.x()), position);
}

void LiveChart::readOut(double x, const QPointF& cursor)
{
    Parts& p = *m_parts;
    std::vector<ReadoutRow> rows;
    std::size_t nearest = 0;
    double least = HUGE_VAL;
    for (const auto& curve : p.curves) {
        const auto point = curve->isShown ? curve->data.nearest(x) : std::nullopt;
        if (!point)
            continue;
        rows.push_back({.label = curve->style.label,
                        .color = seriesColor(curve->style, *this),
                        .x = point->x,
                        .y = point->y,
                        .smoothed = point->smoothed,
                        .isSmoothed = curve->data.smoothing() > 0,
                        .isNamed = curve->style.isInLegend});
        const QPointF place(p.canvas->xAxis->coordToPixel(point->x),
                            p.canvas->yAxis->coordToPixel(point->smoothed));
        const double distance = std::hypot(place.x() - cursor.x(), place.y() - cursor.y());
        if (distance < least) {
            least = distance;
            nearest = rows.size() - 1;
        }
    }
    if (rows.empty())
        return;
    rows[nearest].isNearest = true;
    const double at = rows[nearest].x;
    std::erase_if(rows, [](const ReadoutRow& row) { return !row.isNearest && !row.isNamed; });
    p.readout->present(rows, p.xName, cursor, p.canvas->axisRect()->rect());
    p.canvas->setAccessibleDescription(readoutSentence(rows, p.xName));
    showCursor(at);
    Q_EMIT cursorMoved(at);
}

/// To the next step at which some shown curve has a point; from the newest when there is no cursor.
void LiveChart::walk(int direction)
{
    Parts& p = *m_parts;
    const auto extent = p.xExtent();
    if (!extent)
        return;
    std::optional<double> next;
    if (!p.cursor) {
        next = extent->to;
    } else {
        for (const auto& curve : p.curves)
            for (const ChartSeries::Segment& segment : curve->data.segments()) {
                if (!curve->isShown)
                    continue;
                const auto& xs = segment.xs;
                if (direction > 0) {
                    const auto found = std::upper_bound(xs.begin(), xs.end(), *p.cursor);
                    if (found != xs.end())
                        next = next ? std::min(*next, *found) : *found;
                } else {
                    const auto found = std::lower_bound(xs.begin(), xs.end(), *p.cursor);
                    if (found != xs.begin())
                        next = next ? std::max(*next, *std::prev(found)) : *std::prev(found);
                }
            }
    }
    if (next)
        readOut(*next, {p.canvas->xAxis->coordToPixel(*next),
                        static_cast<double>(p.canvas->axisRect()->center().y())});
}

void LiveChart::openMenu(const QPoint& position)
{
    auto* menu = new QMenu(this);
    menu->setObjectName(u"chartMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [&](const QString& text, auto run) {
        QAction* action = menu->addAction(text);
        connect(action, &QAction::triggered, this, run);
        return action;
    };
    add(tr("Fit"), [this] { Q_EMIT m_parts->canvas->fitRequested(); })->setEnabled(!isFitted());
    QAction* logarithmic =
        add(tr("Logarithmic axis"), [this] { setLogarithmic(!isLogarithmic()); });
    logarithmic->setCheckable(true);
    logarithmic->setChecked(isLogarithmic());
    menu->addSeparator();
    add(tr("Copy picture"), [this] { copyPicture(); });
    add(tr("Save as PNG…"), [this] { Q_EMIT exportRequested(ChartFormat::Png); });
    add(tr("Save as PDF…"), [this] { Q_EMIT exportRequested(ChartFormat::Pdf); });
    add(tr("Save data as CSV…"), [this] { Q_EMIT exportRequested(ChartFormat::Csv); });
    menu->popup(m_parts->canvas->mapToGlobal(position));
}

QImage LiveChart::picture(double scale)
{
    showCursor(std::nullopt);
    refresh(static_cast<int>(m_parts->canvas->width() * scale));
    const QImage image = drawnChart(m_parts->picture(*this), size(), scale);
    refresh();
    return image;
}

Status LiveChart::savePng(const QString& path, double scale)
{
    if (!picture(scale).save(path, "PNG"))
        return Error{ErrorCode::Io, "cannot write the picture", path.toStdString(),
                     "choose a folder that can be written to and has room"};
    return {};
}

Status LiveChart::savePdf(const QString& path)
{
    constexpr int kFinerThanScreen = 4;
    showCursor(std::nullopt);
    refresh(m_parts->canvas->width() * kFinerThanScreen);
    const Status saved = lacuna::savePdf(m_parts->picture(*this), size(), path);
    refresh();
    return saved;
}

Status LiveChart::saveCsv(const QString& path) const
{
    std::vector<CsvSeries> series;
    for (const auto& curve : m_parts->curves)
        series.push_back({curve->id, curve->style.label, &curve->data});
    std::vector<CsvLine> lines;
    for (const auto& [id, rule] : m_parts->rules)
        lines.push_back({u"rule"_s, id, rule->style().label, rule->value()});
    for (const auto& [id, mark] : m_parts->marks)
        lines.push_back({u"mark"_s, id, mark->label(), mark->x()});
    return writeFileAtomically(path.toStdString(), chartCsv(series, lines));
}

void LiveChart::copyPicture()
{
    QGuiApplication::clipboard()->setImage(picture(devicePixelRatioF()));
}

} // namespace lacuna
