#include "app/pages/compare/curves_view.h"

#include "app/pages/compare/run_colors.h"
#include "core/metrics/direction.h"
#include "widgets/chart/smoothing_control.h"
#include "widgets/form/calm_combo_box.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kFirstChoice = "forget probability";
constexpr double kSmoothing = 0.6;

/// A curve of the training steps is named after a key, one that was measured after set and metric.
std::optional<Quantity> measuredQuantity(const std::string& key)
{
    const std::size_t space = key.find(' ');
    if (space == std::string::npos)
        return std::nullopt;
    return Quantity{.set = key.substr(0, space), .metric = key.substr(space + 1)};
}

} // namespace

CurvesView::CurvesView(QWidget* parent)
    : QWidget(parent), m_wish(QString::fromLatin1(kFirstChoice)), m_seriesName(new QLabel),
      m_series(new CalmComboBox(this)), m_smoothing(new SmoothingControl), m_chart(new LiveChart)
{
    m_series->setObjectName(u"compareSeries"_s);
    m_series->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_seriesName->setBuddy(m_series);
    m_chart->setObjectName(u"compareChart"_s);
    m_smoothing->setWeight(kSmoothing);
    m_chart->setSmoothing(kSmoothing);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(m_seriesName);
    tools->addWidget(m_series);
    tools->addStretch();
    tools->addWidget(m_smoothing);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addLayout(tools);
    layout->addWidget(m_chart, 1);
    connect(m_series, &QComboBox::activated, this, [this] {
        m_wish = series();
        draw();
        m_chart->fit();
        Q_EMIT seriesChosen(m_wish);
    });
    connect(m_smoothing, &SmoothingControl::weightChanged, m_chart, &LiveChart::setSmoothing);
    connect(m_chart, &LiveChart::exportRequested, this,
            [this](ChartFormat format) { Q_EMIT exportRequested(m_chart, format); });
    retranslate();
}

QString CurvesView::series() const
{
    return m_series->currentData().toString();
}

void CurvesView::setSeries(const QString& key)
{
    m_wish = key;
    offer();
    draw();
}

void CurvesView::show(const RunComparison& comparison)
{
    m_comparison = comparison;
    offer();
    draw();
}

void CurvesView::offer()
{
    std::set<std::string> keys;
    for (const ComparedEntry& entry : m_comparison.runs)
        for (const auto& [key, curve] : entry.run->curves)
            if (!curve.steps.empty())
                keys.insert(key);
    m_series->clear();
    for (const bool wasMeasured : {true, false}) // what says most comes first
        for (const std::string& key : keys) {
            const QString name = QString::fromStdString(key);
            if (measuredQuantity(key).has_value() == wasMeasured)
                m_series->addItem(name.left(1).toUpper() + name.mid(1).replace(u'_', u' '), name);
        }
    m_series->setCurrentIndex(std::max(0, m_series->findData(m_wish)));
    m_series->setEnabled(m_series->count() > 0);
}

void CurvesView::draw()
{
    const std::string key = series().toStdString();
    const std::optional<Quantity> quantity = measuredQuantity(key);
    std::set<QString> wanted;
    for (const ComparedEntry& entry : m_comparison.runs)
        wanted.insert(QString::fromStdString(entry.run->run.uid));
    for (const QString& id : m_drawn)
        if (!wanted.contains(id))
            m_chart->removeSeries(id);
    m_chart->clear();
    std::vector<ComparedEntry> order = m_comparison.runs; // what has a colour lies above the grey
    std::ranges::stable_partition(
        order, [](const ComparedEntry& entry) { return entry.overlay == kRunColors; });
    for (const ComparedEntry& entry : order) {
        const QString id = QString::fromStdString(entry.run->run.uid);
        SeriesStyle style =
            runStyle(entry.name, entry.overlay, entry.run->run.id == m_comparison.current);
        style.canBeSmoothed = !quantity.has_value();
        if (quantity && style.marker == MarkerShape::None)
            style.marker = MarkerShape::Disc; // measured there, and not in between
        m_chart->setSeries(id, style);
        const auto curve = entry.run->curves.find(key);
        if (curve == entry.run->curves.end())
            continue;
        const std::vector<double> steps(curve->second.steps.begin(), curve->second.steps.end());
        m_chart->append(id, steps, curve->second.values);
    }
    m_drawn = std::move(wanted);
    m_smoothing->setVisible(!quantity.has_value());
    drawRules(key);
    QString hint;
    if (const auto good = quantity ? goodDirection(quantity->set, quantity->metric) : std::nullopt)
        hint = *good == Direction::Lower ? tr("\u2193 lower is better")
                                         : tr("\u2191 higher is better");
    m_chart->setTitle(m_series->currentText(), hint);
    m_chart->setAxes(tr("Step"), m_series->currentText());
}

/// The original's value and the reference's, where the pinned run has measured them.
void CurvesView::drawRules(const std::string& key)
{
    double original = Measurement::kUnknown;
    double reference = Measurement::kUnknown;
    const std::optional<Quantity> quantity = measuredQuantity(key);
    if (quantity && !m_comparison.runs.empty())
        for (const Measurement& one : m_comparison.runs[m_comparison.pinned].run->measured)
            if (one.of.set == quantity->set && one.of.metric == quantity->metric &&
                !one.of.standalone) {
                original = one.before;
                reference = one.reference;
            }
    m_chart->setRule(u"original"_s, original, {.label = tr("Original")});
    m_chart->setRule(
        u"reference"_s, reference,
        {.label = tr("Reference"), .color = ColorRole::Reference, .dash = LineDash::LongDash});
}

void CurvesView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void CurvesView::retranslate()
{
    m_seriesName->setText(tr("Curve"));
    m_chart->setEmptyText(tr("None of the runs has this curve."));
    draw();
}

} // namespace lacuna
