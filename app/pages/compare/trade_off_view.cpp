#include "app/pages/compare/trade_off_view.h"

#include "app/pages/compare/metric_deltas_model.h"
#include "core/metrics/direction.h"
#include "widgets/chart/scatter_chart.h"
#include "widgets/form/calm_combo_box.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

QString idOfRun(RunId id)
{
    return QString::number(id);
}

GoodEnd goodEnd(const Quantity& quantity)
{
    return goodDirection(quantity.set, quantity.metric) == Direction::Lower ? GoodEnd::Low
                                                                            : GoodEnd::High;
}

} // namespace

TradeOffView::TradeOffView(QWidget* parent)
    : QWidget(parent), m_forgetName(new QLabel), m_forget(new CalmComboBox(this)),
      m_keepName(new QLabel), m_keep(new CalmComboBox(this)), m_chart(new ScatterChart)
{
    m_forget->setObjectName(u"tradeOffForget"_s);
    m_keep->setObjectName(u"tradeOffKeep"_s);
    m_chart->setObjectName(u"tradeOffChart"_s);
    m_forgetName->setBuddy(m_forget);
    m_keepName->setBuddy(m_keep);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(m_forgetName);
    tools->addWidget(m_forget);
    tools->addSpacing(16);
    tools->addWidget(m_keepName);
    tools->addWidget(m_keep);
    tools->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addLayout(tools);
    layout->addWidget(m_chart, 1);
    for (QComboBox* box : {m_forget, m_keep}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        connect(box, &QComboBox::activated, this, [this] {
            m_wish = {m_forget->currentData().toString(), m_keep->currentData().toString()};
            draw();
            Q_EMIT axesChosen();
        });
    }
    connect(m_chart, &ScatterChart::currentChanged, this,
            [this](const QString& id) { Q_EMIT runChosen(id.toLongLong()); });
    connect(m_chart, &ScatterChart::activated, this,
            [this](const QString& id) { Q_EMIT runActivated(id.toLongLong()); });
    retranslate();
}

void TradeOffView::setAxes(const QStringList& names)
{
    m_wish = names;
    offer();
    draw();
}

void TradeOffView::show(const RunComparison& comparison)
{
    m_comparison = comparison;
    offer();
    draw();
}

void TradeOffView::offer()
{
    m_quantities.clear();
    for (const Quantity& quantity : quantitiesOf(m_comparison.list()))
        if (goodDirection(quantity.set, quantity.metric))
            m_quantities.push_back(quantity);
    const std::optional<TradeOffAxes> usual = usualAxes(m_comparison.list());
    const auto fill = [&](QComboBox& box, const QString& wish,
                          const std::optional<Quantity>& first) {
        box.clear();
        for (const Quantity& quantity : m_quantities)
            box.addItem(MetricDeltasModel::title(quantity),
                        QString::fromStdString(quantity.name()));
        int index = box.findData(wish);
        if (index < 0 && first)
            index = box.findData(QString::fromStdString(first->name()));
        box.setCurrentIndex(std::max(0, index));
        box.setEnabled(box.count() > 0);
    };
    fill(*m_forget, m_wish.value(0), usual ? std::optional(usual->forget) : std::nullopt);
    fill(*m_keep, m_wish.value(1), usual ? std::optional(usual->keep) : std::nullopt);
}

std::optional<Quantity> TradeOffView::chosen(const QComboBox& box) const
{
    const auto index = static_cast<std::size_t>(box.currentIndex());
    return index < m_quantities.size() ? std::optional(m_quantities[index]) : std::nullopt;
}

void TradeOffView::draw()
{
    const std::optional<Quantity> x = chosen(*m_forget);
    const std::optional<Quantity> y = chosen(*m_keep);
    if (!x || !y) {
        m_chart->setPoints({});
        m_chart->setMarks({});
        return;
    }
    const auto direction = [](const Quantity& quantity) {
        return goodDirection(quantity.set, quantity.metric).value_or(Direction::Higher);
    };
    const std::vector<TradeOff> places =
        tradeOffs(m_comparison.list(), *x, direction(*x), *y, direction(*y));
    std::vector<ScatterPoint> points;
    for (std::size_t i = 0; i < places.size(); ++i)
        points.push_back({.id = idOfRun(m_comparison.runs[i].run->run.id),
                          .label = m_comparison.runs[i].name,
                          .x = places[i].x,
                          .y = places[i].y,
                          .overlay = m_comparison.runs[i].overlay,
                          .onFront = places[i].onFront});
    std::vector<ScatterMark> marks;
    const ComparedRun& pinned = *m_comparison.runs[m_comparison.pinned].run;
    const Measurement* atX = pinned.find(*x);
    const Measurement* atY = pinned.find(*y);
    if (atX && atY)
        marks = {{.label = tr("Original"), .x = atX->before, .y = atY->before},
                 {.label = tr("Reference"),
                  .x = atX->reference,
                  .y = atY->reference,
                  .color = ColorRole::Reference,
                  .shape = MarkerShape::Diamond}};
    m_chart->setAxes({MetricDeltasModel::name(*x), goodEnd(*x)},
                     {MetricDeltasModel::name(*y), goodEnd(*y)});
    m_chart->setPoints(std::move(points));
    m_chart->setMarks(std::move(marks));
    m_chart->setCurrent(idOfRun(m_comparison.current));
}

void TradeOffView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void TradeOffView::retranslate()
{
    m_forgetName->setText(tr("Forgetting"));
    m_keepName->setText(tr("against"));
    m_chart->setTitle(tr("Which run forgets most and keeps most?"),
                      tr("Filled squares: no other run is better in both. The dashed line is as "
                         "far as the runs got."));
    m_chart->setEmptyText(tr("None of the runs has measured both. A run measures the forget set "
                             "and the retain set when it ends."));
    offer();
    draw();
}

} // namespace lacuna
