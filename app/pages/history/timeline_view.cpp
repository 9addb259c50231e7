#include "app/pages/history/timeline_view.h"

#include "widgets/base/theme.h"
#include "widgets/chart/live_chart.h"
#include "widgets/table/plain_table.h"
#include "widgets/table/value_text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>

#include <algorithm>
#include <array>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kHeight = 300;
constexpr std::array kMarkers = {MarkerShape::Disc, MarkerShape::Square, MarkerShape::Diamond,
                                 MarkerShape::Cross};

void append(LiveChart& chart, const QString& id, const std::vector<double>& known)
{
    std::vector<double> xs;
    std::vector<double> ys;
    for (std::size_t request = 0; request < known.size(); ++request)
        if (std::isfinite(known[request])) {
            xs.push_back(static_cast<double>(request));
            ys.push_back(known[request]);
        }
    chart.append(id, xs, ys);
}

/// Two values that were not measured are the same.
bool same(const Timeline::Curve& a, const Timeline::Curve& b)
{
    return a.label == b.label && std::ranges::equal(a.known, b.known, [](double x, double y) {
               return x == y || (std::isnan(x) && std::isnan(y));
           });
}

} // namespace

TimelineView::TimelineView(QWidget* parent)
    : QWidget(parent), m_title(heading({}, 3)), m_stack(new QStackedWidget),
      m_switch(new QToolButton), m_table(plainTable())
{
    m_table->setObjectName(u"timelineTable"_s);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_stack->setFixedHeight(kHeight);
    m_stack->addWidget(new QWidget); // until there is a chart
    m_stack->addWidget(m_table);
    m_switch->setObjectName(u"timelineSwitch"_s);
    m_switch->setFocusPolicy(Qt::StrongFocus);
    m_switch->setMinimumHeight(24);
    connect(m_switch, &QToolButton::clicked, this, [this] {
        m_stack->setCurrentIndex(1 - m_stack->currentIndex());
        retranslate();
    });
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_switch);
    foot->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_stack);
    layout->addLayout(foot);
    retranslate();
}

void TimelineView::setTimeline(const Timeline& timeline)
{
    if (m_chart && same(timeline.retain, m_timeline.retain) &&
        std::ranges::equal(timeline.targets, m_timeline.targets, same))
        return; // a view that was zoomed stays
    m_timeline = timeline;
    makeChart();
    fillTable();
}

/// A new one: the series of another sequence are others.
void TimelineView::makeChart()
{
    auto* chart = new LiveChart;
    chart->setObjectName(u"timelineChart"_s);
    chart->setTitle(m_title->text(),
                    tr("Targets: \u2193 lower is more forgotten. Retain set: \u2191 higher is "
                       "better kept. At 0: before the first request."));
    chart->setAxes(tr("Requests done"), tr("Probability of the answers"));
    for (std::size_t i = 0; i < m_timeline.targets.size(); ++i) {
        const Timeline::Curve& target = m_timeline.targets[i];
        const QString id = u"target-%1"_s.arg(i + 1);
        chart->setSeries(id, {.label = QString::fromStdString(target.label),
                              .marker = kMarkers.at(i % kMarkers.size()),
                              .canBeSmoothed = false,
                              .overlay = static_cast<int>(i)});
        append(*chart, id, target.known);
    }
    chart->setSeries(u"retain"_s, {.label = tr("Retain set"),
                                   .color = ColorRole::Secondary,
                                   .dash = LineDash::Dash,
                                   .marker = MarkerShape::HollowSquare,
                                   .canBeSmoothed = false});
    append(*chart, u"retain"_s, m_timeline.retain.known);
    const int shown = m_stack->currentIndex();
    delete m_stack->widget(0);
    m_stack->insertWidget(0, chart);
    m_stack->setCurrentIndex(shown);
    m_chart = chart;
}

void TimelineView::fillTable()
{
    QStringList titles = {tr("After request")};
    for (const Timeline::Curve& target : m_timeline.targets)
        titles << QString::fromStdString(target.label);
    titles << tr("Retain set");
    m_table->clear();
    m_table->setColumnCount(static_cast<int>(titles.size()));
    m_table->setHorizontalHeaderLabels(titles);
    m_table->horizontalHeaderItem(0)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setRowCount(static_cast<int>(m_timeline.retain.known.size()));
    const QLocale locale;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const auto request = static_cast<std::size_t>(row);
        setCell(*m_table, row, 0,
                row == 0 ? tr("none yet")
                         : QString::fromStdString(m_timeline.targets[request - 1].label));
        const auto putKnown = [&](int column, const Timeline::Curve& curve) {
            setNumber(*m_table, row, column, curve.known[request]);
        };
        for (std::size_t i = 0; i < m_timeline.targets.size(); ++i)
            putKnown(static_cast<int>(i) + 1, m_timeline.targets[i]);
        putKnown(m_table->columnCount() - 1, m_timeline.retain);
    }
    m_table->resizeColumnsToContents();
}

void TimelineView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        if (m_chart) {
            makeChart();
            fillTable();
        }
    }
}

void TimelineView::retranslate()
{
    const bool chart = m_stack->currentIndex() == 0;
    m_title->setText(tr("How much of each target is known after each request?"));
    m_title->setVisible(!chart); // which has it itself
    m_switch->setText(chart ? tr("Show as a table") : tr("Show as a chart"));
    m_table->setAccessibleName(tr("What is known of each target after each request"));
}

} // namespace lacuna
