#include "app/pages/run/run_view.h"

#include "core/base/set_names.h"
#include "widgets/chart/live_chart.h"
#include "widgets/chart/smoothing_control.h"
#include "widgets/form/calm_combo_box.h"

#include <QCheckBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QStandardItemModel>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

// From Gradient on, one of them is shown at a time.
enum Place : std::size_t {
    Forget,
    Retain,
    Probability,
    Gradient,
    Cosine,
    TokenWeight,
    RetainWeight,
    Terms,
    LearningRate,
    Repetition,
    Change
};
constexpr std::size_t kPlaces = Change + 1;

constexpr int kChartHeight = 250;
constexpr std::string_view kChange = "weight_change."; // and the number of a block
constexpr auto kUtility = "utility-1";                 // the first of the sets is drawn
constexpr std::array kQuarters = {"change 1", "change 2", "change 3", "change 4"};

struct OfSet {
    Place place;
    std::string_view series;
    const char* set;
};
/// Curves that only a run with the set has.
constexpr std::array<OfSet, 6> kOfSets = {{{Retain, "retain_nll", "retain"},
                                           {Retain, "retain nll", "retain"},
                                           {Terms, "retain_loss", "retain"},
                                           {Probability, "retain probability", "retain"},
                                           {Probability, "holdout probability", "holdout"},
                                           {Probability, "utility-1 probability", kUtility}}};

std::set<std::string> setsOf(const Recipe& recipe)
{
    std::set<std::string> sets;
    if (!recipe.retain.empty())
        sets.insert("retain");
    if (!recipe.holdout.empty())
        sets.insert("holdout");
    if (!recipe.utility.empty())
        sets.insert(kUtility);
    return sets;
}

/// Where a curve of the training steps is drawn.
std::optional<Place> placeOf(const std::string& key)
{
    static const std::map<std::string, Place, std::less<>> places = {
        {"forget_nll", Forget},
        {"retain_nll", Retain},
        {"gradient_norm", Gradient},
        {"gradient_cosine", Cosine},
        {"mean_token_weight", TokenWeight},
        {"retain_weight", RetainWeight},
        {"forget_loss", Terms},
        {"retain_loss", Terms},
        {"loss", Terms},
        {"learning_rate", LearningRate},
        {"repetition", Repetition}};
    if (key.starts_with(kChange))
        return Change;
    const auto found = places.find(key);
    return found == places.end() ? std::nullopt : std::optional(found->second);
}

/// What somebody who runs the method wants to see first.
Place diagnosticOf(const std::string& method)
{
    return method == "pdu" ? RetainWeight : method == "ngdiff" ? Cosine : Gradient;
}

QString id(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

RunView::RunView(QWidget* parent)
    : QWidget(parent), m_smoothing(new SmoothingControl), m_logarithmic(new QCheckBox),
      m_diagnostics(new QStackedWidget), m_diagnosticName(new QLabel),
      m_diagnostic(new CalmComboBox(this)), m_fit(new QPushButton), m_export(new QPushButton),
      m_exportMenu(new QMenu(this))
{
    static_assert(kPlaces == kCharts);
    auto* tools = new QHBoxLayout;
    tools->setContentsMargins(0, 0, 0, 0);
    tools->setSpacing(16);
    tools->addWidget(m_smoothing);
    tools->addWidget(m_logarithmic);
    tools->addStretch();
    tools->addWidget(m_diagnosticName);
    tools->addWidget(m_diagnostic);
    tools->addWidget(m_fit);
    tools->addWidget(m_export);
    auto* grid = new QGridLayout;
    grid->setSpacing(16);
    const std::array names = {u"forgetChart"_s,       u"retainChart"_s, u"probabilityChart"_s,
                              u"gradientChart"_s,     u"cosineChart"_s, u"tokenWeightChart"_s,
                              u"retainWeightChart"_s, u"termsChart"_s,  u"learningRateChart"_s,
                              u"repetitionChart"_s,   u"changeChart"_s};
    for (std::size_t i = 0; i < kCharts; ++i) {
        auto* chart = new LiveChart;
        chart->setObjectName(names.at(i));
        chart->setMinimumHeight(kChartHeight);
        m_charts.at(i) = chart;
        link(chart);
        if (i < Gradient)
            grid->addWidget(chart, static_cast<int>(i / 2), static_cast<int>(i % 2));
        else
            m_diagnostics->addWidget(chart);
    }
    grid->addWidget(m_diagnostics, 1, 1);
    for (const int column : {0, 1})
        grid->setColumnStretch(column, 1);
    m_diagnostic->setObjectName(u"diagnosticBox"_s);
    for (std::size_t i = Gradient; i < kCharts; ++i)
        m_diagnostic->addItem(QString(), static_cast<int>(i));
    m_diagnosticName->setBuddy(m_diagnostic);
    connect(m_diagnostic, &QComboBox::activated, this, [this] {
        showDiagnostic(static_cast<std::size_t>(m_diagnostic->currentData().toInt()));
    });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(tools);
    layout->addLayout(grid, 1);
    m_smoothing->setObjectName(u"smoothing"_s);
    m_logarithmic->setObjectName(u"logarithmicBox"_s);
    m_fit->setObjectName(u"fitButton"_s);
    m_export->setObjectName(u"exportButton"_s);
    m_exportMenu->setObjectName(u"exportMenu"_s);
    m_export->setMenu(m_exportMenu);
    connect(m_smoothing, &SmoothingControl::weightChanged, this, [this](double weight) {
        for (LiveChart* chart : m_charts)
            chart->setSmoothing(weight);
        Q_EMIT displayChanged();
    });
    connect(m_logarithmic, &QCheckBox::toggled, this, [this](bool on) {
        // Probabilities, cosines and sums of either sign have their own range.
        for (const Place place : {Forget, Retain, Gradient, Change})
            m_charts.at(place)->setLogarithmic(on);
        Q_EMIT displayChanged();
    });
    connect(m_fit, &QPushButton::clicked, this, [this] {
        for (LiveChart* chart : m_charts)
            chart->fit();
    });
    retranslate();
    updateFit();
}

void RunView::link(LiveChart* chart)
{
    connect(chart, &LiveChart::xViewChanged, this,
            [this, chart](const AxisRange& range, bool fitted) {
                for (LiveChart* other : m_charts)
                    if (other != chart)
                        fitted ? other->fit() : other->setXView(range);
                updateFit();
                Q_EMIT zoomChanged(QString::fromStdString(m_uid),
                                   fitted ? std::nullopt : std::optional(range));
            });
    connect(chart, &LiveChart::fittedChanged, this, &RunView::updateFit);
    const auto showCursor = [this, chart](std::optional<double> step) {
        for (LiveChart* other : m_charts)
            if (other != chart)
                other->showCursor(step);
    };
    connect(chart, &LiveChart::cursorMoved, this, [showCursor](double step) { showCursor(step); });
    connect(chart, &LiveChart::cursorLeft, this, [showCursor] { showCursor(std::nullopt); });
    connect(chart, &LiveChart::exportRequested, this,
            [this, chart](ChartFormat format) { Q_EMIT exportRequested(chart, format); });
}

void RunView::addSeries()
{
    const auto batch = [&](Place place, const char* key, const QString& label, LineDash dash) {
        m_charts.at(place)->setSeries(QString::fromLatin1(key), {.label = label, .dash = dash});
    };
    const auto measured = [&](Place place, const char* key, const QString& label, LineDash dash,
                              MarkerShape marker) {
        m_charts.at(place)->setSeries(
            QString::fromLatin1(key),
            {.label = label, .dash = dash, .marker = marker, .canBeSmoothed = false});
    };
    for (const auto& [place, key, set] : kOfSets)
        if (!m_sets.contains(set))
            m_charts.at(place)->removeSeries(id(key));
    batch(Forget, "forget_nll", tr("Forget batch"), LineDash::Solid);
    measured(Forget, "forget nll", tr("Forget set, evaluated"), LineDash::None,
             MarkerShape::Square);
    measured(Probability, "forget probability", tr("Forget set"), LineDash::Solid,
             MarkerShape::Square);
    if (m_sets.contains("retain")) {
        batch(Retain, "retain_nll", tr("Retain batch"), LineDash::Dash);
        measured(Retain, "retain nll", tr("Retain set, evaluated"), LineDash::None,
                 MarkerShape::HollowSquare);
        measured(Probability, "retain probability", tr("Retain set"), LineDash::Dash,
                 MarkerShape::HollowSquare);
    }
    if (m_sets.contains("holdout"))
        measured(Probability, "holdout probability", tr("Holdout set"), LineDash::LongDash,
                 MarkerShape::Diamond);
    if (m_sets.contains(kUtility))
        measured(Probability, "utility-1 probability", tr("Utility set"), LineDash::Dot,
                 MarkerShape::Cross);
    batch(Gradient, "gradient_norm", tr("Gradient norm"), LineDash::Solid);
    batch(Cosine, "gradient_cosine", tr("Cosine of the two gradients"), LineDash::Solid);
    batch(TokenWeight, "mean_token_weight", tr("Mean weight"), LineDash::Solid);
    batch(RetainWeight, "retain_weight", tr("Weight of the retain term"), LineDash::Solid);
    batch(Terms, "forget_loss", tr("Forget term"), LineDash::Solid);
    if (m_sets.contains("retain"))
        batch(Terms, "retain_loss", tr("Retain term"), LineDash::Dash);
    batch(Terms, "loss", tr("Weighted sum"), LineDash::Dot);
    batch(LearningRate, "learning_rate", tr("Learning rate"), LineDash::Solid);
    measured(Repetition, "repetition", tr("Answers to fixed prompts"), LineDash::Solid,
             MarkerShape::Square);
    const std::array quarters = {tr("First quarter of the blocks"), tr("Second quarter"),
                                 tr("Third quarter"), tr("Last quarter")};
    const std::array dashes = {LineDash::Solid, LineDash::LongDash, LineDash::Dash, LineDash::Dot};
    for (std::size_t i = 0; i < kQuarters.size(); ++i)
        measured(Change, kQuarters[i], quarters[i], dashes[i], MarkerShape::None);
}

void RunView::addSeries(std::string_view series)
{
    const auto found = std::ranges::find(kOfSets, series, &OfSet::series);
    if (found != kOfSets.end() && m_sets.insert(found->set).second)
        addSeries();
}

void RunView::setRecord(const RunRecord& record)
{
    for (LiveChart* chart : m_charts)
        chart->clear();
    const bool another = record.run.uid != m_uid;
    if (another)
        for (LiveChart* chart : m_charts)
            chart->fit();
    m_uid = record.run.uid;
    m_sets = setsOf(record.recipe);
    addSeries();
    std::vector<SeriesPoint> changes;
    for (const auto& [key, series] : record.series) {
        const auto place = placeOf(key);
        addSeries(key);
        if (place == Change)
            for (std::size_t i = 0; i < series.steps.size(); ++i)
                changes.push_back({series.steps[i], key, series.values[i]});
        else if (place)
            m_charts.at(*place)->append(
                id(key), std::vector<double>(series.steps.begin(), series.steps.end()),
                series.values);
    }
    appendChange(changes);
    offer(record);
    if (another)
        showDiagnostic(diagnosticOf(record.run.method));
    for (const Evaluation& evaluation : record.evaluations)
        addEvaluation(evaluation);
    m_clipNorm = record.recipe.training.clipNorm;
    if (!record.series.empty())
        showClipping();
    addMarks(record);
    explainGaps(record.recipe);
    setFrozen(record.run.state == RunState::Paused);
    if (another)
        Q_EMIT runShown(QString::fromStdString(m_uid));
}

void RunView::zoomTo(const AxisRange& steps)
{
    for (LiveChart* chart : m_charts)
        chart->setXView(steps);
    updateFit();
}

void RunView::addMarks(const RunRecord& record)
{
    int number = 0;
    for (const Interruption& one : record.interruptions) {
        QString label;
        switch (one.kind) {
        case InterruptionKind::Paused:
            label = tr("Paused");
            break;
        case InterruptionKind::Killed:
            label = tr("Interrupted");
            break;
        case InterruptionKind::Resumed: // where it was paused or interrupted it went on
        case InterruptionKind::Recovered:
            continue;
        }
        setMark(u"interruption-%1"_s.arg(++number), one.step, label);
    }
    if (record.run.state == RunState::Stopped)
        setMark(u"stop"_s, record.run.step, tr("Stopped"));
}

/// A chart that stays empty says why, and what would fill it.
void RunView::explainGaps(const Recipe& recipe)
{
    const QString later = tr("Appears with the first training step");
    for (LiveChart* chart : m_charts)
        chart->setEmptyText(later);
    m_charts[Retain]->setEmptyText(
        recipe.retain.empty()
            ? tr("This run has no retain set. Choose one in the setup to see what "
                 "is kept.")
            : later);
    m_charts[Probability]->setEmptyText(
        recipe.evaluation.everySteps == 0
            ? tr("Nothing is evaluated on the way. Set “Evaluate every … steps” in the setup.")
            : tr("Appears with the first evaluation"));
    m_charts[Change]->setEmptyText(tr("Appears with the first evaluation"));
}

void RunView::fillExportMenu()
{
    m_exportMenu->clear();
    const std::array formats = {std::pair(ChartFormat::Png, tr("Picture (PNG)…")),
                                std::pair(ChartFormat::Pdf, tr("Picture (PDF)…")),
                                std::pair(ChartFormat::Csv, tr("Numbers (CSV)…"))};
    for (LiveChart* chart : m_charts) {
        if (m_diagnostics->indexOf(chart) >= 0 && chart != m_diagnostics->currentWidget())
            continue;
        QMenu* menu = m_exportMenu->addMenu(chart->accessibleName());
        for (const auto& [format, name] : formats)
            connect(menu->addAction(name), &QAction::triggered, this,
                    [this, chart, format = format] { Q_EMIT exportRequested(chart, format); });
        connect(menu->addAction(tr("Copy picture")), &QAction::triggered, chart,
                &LiveChart::copyPicture);
    }
}

void RunView::showClipping()
{
    if (m_clipNorm > 0)
        m_charts[Gradient]->setRule(u"clip"_s, m_clipNorm,
                                    {.label = tr("Clipped above %1").arg(shortNumber(m_clipNorm)),
                                     .color = ColorRole::Secondary,
                                     .dash = LineDash::Dash});
}

void RunView::appendPoints(const std::vector<SeriesPoint>& points)
{
    std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> batches;
    std::vector<SeriesPoint> changes;
    for (const SeriesPoint& point : points) {
        const auto place = placeOf(point.key);
        if (place == Change) {
            changes.push_back(point);
        } else if (place) {
            batches[point.key].first.push_back(static_cast<double>(point.step));
            batches[point.key].second.push_back(point.value);
        }
    }
    for (const auto& [key, batch] : batches) {
        addSeries(key);
        m_charts.at(*placeOf(key))->append(id(key), batch.first, batch.second);
        offer(key);
    }
    appendChange(changes);
    showClipping();
}

/// \p points are whole: a value of each block at each of their steps. Shown are means over the
/// blocks of each quarter of the depth.
void RunView::appendChange(const std::vector<SeriesPoint>& points)
{
    std::map<std::int64_t, std::map<std::int64_t, double>> bySteps; // step, block
    std::int64_t last = 0;
    for (const SeriesPoint& point : points) {
        const std::int64_t block = std::stoll(point.key.substr(kChange.size()));
        bySteps[point.step][block] = point.value;
        last = std::max(last, block);
    }
    for (const auto& [step, blocks] : bySteps) {
        std::array<double, kQuarters.size()> sums{};
        std::array<double, kQuarters.size()> counts{};
        for (const auto& [block, value] : blocks) {
            const auto quarter = static_cast<std::size_t>(block * 4 / (last + 1));
            sums.at(quarter) += value;
            counts.at(quarter) += 1;
        }
        const auto x = static_cast<double>(step);
        for (std::size_t i = 0; i < sums.size(); ++i)
            if (counts.at(i) > 0) {
                const double mean = sums.at(i) / counts.at(i);
                m_charts[Change]->append(QString::fromLatin1(kQuarters.at(i)), {&x, 1}, {&mean, 1});
            }
    }
    if (!points.empty())
        offer(points.front().key);
}

void RunView::offer(const RunRecord& record)
{
    auto* model = qobject_cast<QStandardItemModel*>(m_diagnostic->model());
    for (int i = 1; i < m_diagnostic->count(); ++i) { // every run has a gradient
        const auto place = static_cast<std::size_t>(m_diagnostic->itemData(i).toInt());
        model->item(i)->setEnabled(std::ranges::any_of(
            record.series, [&](const auto& entry) { return placeOf(entry.first) == place; }));
    }
}

void RunView::offer(const std::string& key)
{
    const int index = m_diagnostic->findData(static_cast<int>(placeOf(key).value()));
    if (index >= 0)
        qobject_cast<QStandardItemModel*>(m_diagnostic->model())->item(index)->setEnabled(true);
}

void RunView::showDiagnostic(std::size_t place)
{
    m_diagnostic->setCurrentIndex(m_diagnostic->findData(static_cast<int>(place)));
    m_diagnostics->setCurrentWidget(m_charts.at(place));
    fillExportMenu();
}

void RunView::appendEvaluation(const EvaluationDone& evaluation)
{
    for (const MetricValue& value : evaluation.values)
        addEvaluation({.step = evaluation.step,
                       .phase = evaluation.phase,
                       .set = value.set,
                       .metric = value.metric,
                       .value = value.value});
}

void RunView::addEvaluation(const Evaluation& evaluation)
{
    const bool nll = evaluation.metric == "nll";
    if (!nll && evaluation.metric != "probability")
        return;
    const bool ofReference = evaluation.set.starts_with(kReferencePrefix);
    const std::string set =
        ofReference ? evaluation.set.substr(kReferencePrefix.size()) : evaluation.set;
    if (nll && set != "forget" && set != "retain")
        return;
    const Place place = !nll ? Probability : set == "forget" ? Forget : Retain;
    LiveChart* chart = m_charts.at(place);
    // With three sets in one chart their rules would be too many to read it against: the forget
    // set's are the marks to reach.
    const bool hasRule = nll || set == "forget";
    if (ofReference && hasRule)
        chart->setRule(
            u"reference"_s, evaluation.value,
            {.label = tr("Reference"), .color = ColorRole::Reference, .dash = LineDash::LongDash});
    else if (!ofReference && evaluation.phase == EvaluationPhase::Before && hasRule)
        chart->setRule(u"original"_s, evaluation.value,
                       {.label = tr("Original"), .color = ColorRole::Original});
    else if (!ofReference && evaluation.phase == EvaluationPhase::During) {
        const auto step = static_cast<double>(evaluation.step);
        const std::string series = set + " " + evaluation.metric;
        addSeries(series);
        chart->append(id(series), {&step, 1}, {&evaluation.value, 1});
    }
}

void RunView::setFrozen(bool frozen)
{
    for (LiveChart* chart : m_charts)
        chart->setFrozen(frozen);
}

void RunView::setMark(const QString& markId, std::int64_t step, const QString& label)
{
    for (LiveChart* chart : m_charts)
        chart->setMark(markId, static_cast<double>(step), label, MarkKind::Line);
}

double RunView::smoothing() const
{
    return m_smoothing->weight();
}

void RunView::setSmoothing(double weight)
{
    m_smoothing->setWeight(weight);
    for (LiveChart* chart : m_charts)
        chart->setSmoothing(weight);
}

bool RunView::isLogarithmic() const
{
    return m_logarithmic->isChecked();
}

void RunView::setLogarithmic(bool logarithmic)
{
    m_logarithmic->setChecked(logarithmic);
}

void RunView::updateFit()
{
    m_fit->setEnabled(!std::all_of(m_charts.begin(), m_charts.end(),
                                   [](const LiveChart* chart) { return chart->isFitted(); }));
}

void RunView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void RunView::retranslate()
{
    m_logarithmic->setText(tr("Logarithmic"));
    m_fit->setText(tr("Fit"));
    m_fit->setToolTip(tr("Show everything again, in all charts"));
    m_charts[Forget]->setTitle(tr("Is the forget set being forgotten?"),
                               tr("\u2191 higher is more forgotten"));
    m_charts[Retain]->setTitle(tr("Is everything else still known?"),
                               tr("\u2193 lower is better kept"));
    m_charts[Probability]->setTitle(
        tr("How likely are the right answers?"),
        tr("forget \u2193 lower, retain and holdout \u2191 higher is better"));
    m_charts[Gradient]->setTitle(tr("How hard is the push?"),
                                 tr("a sudden rise announces collapse"));
    m_charts[Cosine]->setTitle(tr("Do forgetting and keeping agree?"),
                               tr("above 0 they help each other, below 0 they pull apart"));
    m_charts[TokenWeight]->setTitle(tr("How much is still being pushed?"),
                                    tr("1 is plain ascent, near 0 the method has let go"));
    m_charts[RetainWeight]->setTitle(tr("What does keeping cost?"),
                                     tr("rises while the retain loss is over its bound"));
    m_charts[Terms]->setTitle(tr("What is being minimised?"),
                              tr("each term as it is, and their weighted sum"));
    m_charts[LearningRate]->setTitle(tr("How far does each step go?"),
                                     tr("the schedule, and what guards and methods make of it"));
    m_charts[Repetition]->setTitle(tr("Does it still write fluently?"),
                                   tr("\u2193 lower is more fluent; near 1 it repeats itself"));
    m_charts[Change]->setTitle(tr("Where do the weights change?"),
                               tr("relative to the original, mean of the blocks"));
    m_charts[Cosine]->setAxes(tr("Step"), tr("Cosine"));
    m_charts[TokenWeight]->setAxes(tr("Step"), tr("Weight"));
    m_charts[RetainWeight]->setAxes(tr("Step"), tr("Weight"));
    m_charts[Terms]->setAxes(tr("Step"), tr("Loss"));
    m_charts[LearningRate]->setAxes(tr("Step"), tr("Learning rate"));
    m_charts[Repetition]->setAxes(tr("Step"), tr("Repeated pairs of words"));
    m_charts[Change]->setAxes(tr("Step"), tr("Relative change"));
    m_diagnosticName->setText(tr("Diagnostic"));
    m_diagnostic->setAccessibleName(tr("Diagnostic that the fourth chart shows"));
    const std::array diagnostics = {tr("Gradient norm"),     tr("Cosine of the gradients"),
                                    tr("Mean token weight"), tr("Retain weight"),
                                    tr("Terms of the loss"), tr("Learning rate"),
                                    tr("Repetition"),        tr("Change of the weights")};
    for (int i = 0; i < m_diagnostic->count(); ++i)
        m_diagnostic->setItemText(i, diagnostics.at(static_cast<std::size_t>(i)));
    for (const Place place : {Forget, Retain})
        m_charts.at(place)->setAxes(tr("Step"), tr("NLL (nats a token)"));
    m_charts[Probability]->setAxes(tr("Step"), tr("Probability"));
    m_charts[Gradient]->setAxes(tr("Step"), tr("Gradient norm"));
    m_export->setText(tr("Export"));
    m_export->setToolTip(tr("Save a chart as a picture, or its numbers as a table"));
    explainGaps({});
    addSeries();
    fillExportMenu();
}

} // namespace lacuna
