#include "app/pages/evaluate/evaluate_page.h"

#include "app/actions.h"
#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/evaluate/samples_view.h"
#include "app/pages/history/last_run.h"
#include "app/pages/history/run_row.h"
#include "app/run_controller.h"
#include "app/scores/metrics_view.h"
#include "app/settings.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/note_line.h"
#include "widgets/table/run_state.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRefreshPauseMs = 50;
constexpr auto kSplitterKey = "evaluate/splitter";
/// Whether nothing was measured of \p b that was not known from \p a.
bool measuredTheSame(const RunRecord& a, const RunRecord& b)
{
    return a.run.state == b.run.state && a.run.name == b.run.name &&
           a.evaluations.size() == b.evaluations.size() && a.artefacts.size() == b.artefacts.size();
}

} // namespace

EvaluatePage::EvaluatePage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_stack(new QStackedWidget)
{
    addActions();
    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(makeContent());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->addWidget(m_stack);
    connectServices();
    retranslate();
    updateActions();
}

QWidget* EvaluatePage::makeEmpty()
{
    auto* page = new QWidget;
    m_emptyTitle = heading({}, 2);
    m_emptyText = secondaryText({});
    m_toExperiment = new QPushButton;
    m_toExperiment->setObjectName(u"evaluateSampleButton"_s);
    m_toExperiment->setProperty("primary", true);
    m_toSetup = new QPushButton;
    m_toSetup->setObjectName(u"evaluateSetupButton"_s);
    connect(m_toExperiment, &QPushButton::clicked, this, &EvaluatePage::experimentRequested);
    connect(m_toSetup, &QPushButton::clicked, this, [this] { Q_EMIT pageRequested(u"setup"_s); });
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_toExperiment);
    buttons->addWidget(m_toSetup);
    buttons->addStretch();
    auto* column = new QVBoxLayout(page);
    column->setSpacing(12);
    column->addWidget(m_emptyTitle);
    column->addWidget(m_emptyText);
    column->addLayout(buttons);
    column->addStretch();
    return page;
}

QWidget* EvaluatePage::makeTop()
{
    auto* top = new QWidget;
    m_title = heading({}, 2);
    m_runTitle = new QLabel;
    m_run = new CalmComboBox;
    m_run->setObjectName(u"evaluateRun"_s);
    m_run->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_run->setMinimumContentsLength(32);
    m_runTitle->setBuddy(m_run);
    auto* row = new QHBoxLayout(top);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_title);
    row->addStretch();
    row->addWidget(m_runTitle);
    row->addWidget(m_run);
    for (const char* id : {"evaluate.measure", "evaluate.save"})
        row->addWidget(actionButton(*m_services.actions.action(QString::fromLatin1(id))));
    connect(m_run, &QComboBox::activated, this, [this](int index) {
        const bool foreign = m_foreign && index == 0;
        load(foreign ? m_foreign->first
                     : Place{.file = m_services.history.file(),
                             .id = m_run->itemData(index).toLongLong()});
    });
    return top;
}

QWidget* EvaluatePage::makeContent()
{
    m_metrics = new MetricsView;
    m_metrics->layout()->setContentsMargins(0, 0, 0, 0);
    m_samples = new SamplesView;
    m_histogram = new FigureChart;
    m_histogram->setObjectName(u"scoreHistogram"_s);
    m_rocChart = new FigureChart;
    m_rocChart->setObjectName(u"rocChart"_s);
    m_tabs = new QTabWidget;
    m_tabs->setObjectName(u"scoreTabs"_s);
    m_tabs->setDocumentMode(true);
    for (QWidget* tab : {static_cast<QWidget*>(m_samples), static_cast<QWidget*>(m_histogram),
                         static_cast<QWidget*>(m_rocChart)})
        m_tabs->addTab(tab, QString());
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->setObjectName(u"evaluateSplitter"_s);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(12);
    splitter->addWidget(m_metrics);
    splitter->addWidget(m_tabs);
    splitter->setSizes({1100, 900});
    splitter->restoreState(
        m_services.settings.value(QString::fromLatin1(kSplitterKey)).toByteArray());
    connect(splitter, &QSplitter::splitterMoved, this, [this, splitter] {
        m_services.settings.setValue(QString::fromLatin1(kSplitterKey), splitter->saveState());
    });
    connect(m_metrics, &MetricsView::samplesRequested, this, &EvaluatePage::drill);

    auto* content = new QWidget;
    m_notices = new QVBoxLayout;
    m_notices->setSpacing(4);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(makeTop());
    column->addLayout(m_notices);
    column->addWidget(splitter, 1);
    return content;
}

void EvaluatePage::connectServices()
{
    m_refreshing.setSingleShot(true);
    m_refreshing.setInterval(kRefreshPauseMs);
    connect(&m_refreshing, &QTimer::timeout, this, &EvaluatePage::refresh);
    const auto markStale = [this] {
        m_stale = true;
        if (isVisible())
            m_refreshing.start();
    };
    RunController& run = m_services.run;
    connect(&m_services.history, &History::changed, this, markStale);
    connect(&run, &RunController::evaluationArrived, this, markStale);
    connect(&run, &RunController::ended, this, markStale);
    connect(&run, &RunController::identified, this, [this, markStale] {
        if (m_services.run.place().number <= 1) { // not the next one of a group
            setLastRun(m_services.run.record().run.uid);
            m_foreign.reset();
            m_chosen.reset(); // whoever starts a run looks at that one
        }
        markStale();
    });
}

QString EvaluatePage::lastRun() const
{
    return m_services.settings.value(QString::fromLatin1(kLastRunKey)).toString();
}

void EvaluatePage::setLastRun(const std::string& uid)
{
    m_lastRun = QString::fromStdString(uid);
    m_services.settings.setValue(QString::fromLatin1(kLastRunKey), m_lastRun);
}

void EvaluatePage::shown()
{
    if (lastRun() != m_lastRun) { // another one was opened meanwhile
        m_lastRun = lastRun();
        m_chosen.reset();
        m_stale = true;
    }
    if (m_stale)
        refresh();
    updateActions();
}

void EvaluatePage::openRun(qint64 id)
{
    m_wish = Place{.file = m_services.history.file(), .id = id};
    m_stale = true;
    if (isVisible())
        refresh();
}

void EvaluatePage::openFrom(const std::filesystem::path& file, const Run& run)
{
    m_foreign = std::pair(Place{.file = file, .id = run.id}, run);
    m_wish = m_foreign->first;
    m_stale = true;
    if (isVisible())
        refresh();
}

void EvaluatePage::refresh()
{
    m_refreshing.stop();
    m_stale = false;
    m_services.history.list(
        this, [this](const Result<std::vector<RunOverview>>& overviews) { take(overviews); });
}

void EvaluatePage::take(const Result<std::vector<RunOverview>>& overviews)
{
    if (!overviews) {
        m_stale = true; // tried again when the page is shown again
        return report(overviews.error());
    }
    m_overviews = *overviews;
    fillChooser();
    const std::filesystem::path own = m_services.history.file();
    const auto isThere = [&](const Place& place) {
        return (m_foreign && place == m_foreign->first) ||
               (place.file == own && std::ranges::any_of(m_overviews, [&](const RunOverview& one) {
                    return one.run.id == place.id;
                }));
    };
    std::optional<Place> place = std::exchange(m_wish, std::nullopt);
    if (!place || !isThere(*place))
        place = m_chosen;
    if (!place || !isThere(*place)) {
        const std::string last = lastRun().toStdString();
        const auto found = std::ranges::find_if(
            m_overviews, [&](const RunOverview& one) { return one.run.uid == last; });
        place.reset();
        if (!m_overviews.empty())
            place = Place{.file = own,
                          .id = found == m_overviews.end() ? m_overviews.front().run.id
                                                           : found->run.id};
    }
    m_stack->setCurrentIndex(place ? 1 : 0);
    if (place)
        return load(*place);
    m_chosen.reset();
    m_sheet.reset();
    updateActions();
}

void EvaluatePage::fillChooser()
{
    m_run->clear();
    if (m_foreign)
        m_run->addItem(
            tr("Finished experiment: %1").arg(QString::fromStdString(m_foreign->second.name)), -1);
    for (const RunOverview& overview : m_overviews)
        m_run->addItem(tr("%1 (%2)").arg(QString::fromStdString(overview.run.name),
                                         runStateText(currentState(overview.run))),
                       qint64{overview.run.id});
}

void EvaluatePage::load(const Place& place)
{
    const bool foreign = m_foreign && place == m_foreign->first;
    m_run->setCurrentIndex(foreign ? 0 : m_run->findData(qint64{place.id}));
    if (m_chosen != place)
        m_number.reset();
    m_chosen = place;
    m_services.history.loadWithSamples(
        this, place.file, place.id,
        [this, place, question = ++m_question](const Result<RunRecord>& record) {
            if (question == m_question)
                takeRecord(place, record);
        });
}

void EvaluatePage::takeRecord(const Place& place, const Result<RunRecord>& record)
{
    if (!record) {
        m_sheet.reset();
        m_metrics->setEvaluations({});
        updateActions();
        return report(record.error());
    }
    if (place.file == m_services.history.file())
        setLastRun(record->run.uid);
    if (m_sheet && m_sheetPlace == place && measuredTheSame(m_sheet->record, *record))
        return updateActions(); // what is looked at stays as it is
    m_services.background.run(
        this, [record = *record] { return scoreSheet(record); },
        [this, place, question = m_question](const ScoreSheetPtr& sheet) {
            if (question != m_question)
                return;
            m_sheetPlace = place;
            setSheet(sheet);
        });
}

void EvaluatePage::setSheet(const ScoreSheetPtr& sheet)
{
    m_sheet = sheet;
    m_metrics->setRows(sheet->rows, sheet->record.evaluations);
    showNotices();
    updateActions();
    const std::vector<MetricRow>& rows = m_metrics->rows();
    const auto same = std::ranges::find_if(rows, [&](const MetricRow& one) {
        return m_number && one.set == m_number->row.set && one.metric == m_number->row.metric &&
               one.variant == m_number->row.variant;
    });
    if (same == rows.end())
        return chooseFirst();
    drill(static_cast<std::size_t>(same - rows.begin()), m_number->role);
}

/// What tells most at first sight: how likely the forget set's answers are now.
void EvaluatePage::chooseFirst()
{
    const std::vector<MetricRow>& rows = m_metrics->rows();
    m_number.reset();
    if (rows.empty()) {
        m_samples->clear(tr("Where something was measured, the samples behind a number are here."));
        m_roc.clear();
        return showFigures();
    }
    const auto found = std::ranges::find_if(rows, [](const MetricRow& one) {
        return one.set == "forget" && one.metric == "probability";
    });
    const auto row = static_cast<std::size_t>(found == rows.end() ? 0 : found - rows.begin());
    const ModelRole role =
        rows[row].source(ModelRole::Current) ? ModelRole::Current : ModelRole::Original;
    m_metrics->choose(row, role);
    drill(row, role);
}

void EvaluatePage::drill(std::size_t row, ModelRole role)
{
    m_number = Number{.row = m_metrics->rows().at(row), .role = role};
    m_samples->clear(tr("Reading the samples\u2026"));
    m_services.background.run(
        this,
        [sheet = m_sheet, number = m_number->row] {
            Behind behind{.texts = corpusTexts(sheet->record, number.set)};
            behind.samples = sampleRows(*sheet, number, behind.texts);
            behind.roc = rocResults(*sheet, number);
            return behind;
        },
        [this, drill = ++m_drill](const Behind& behind) {
            if (drill == m_drill)
                showBehind(behind);
        });
}

void EvaluatePage::showBehind(const Behind& behind)
{
    m_roc = behind.roc;
    showFigures();
    const QString reason = m_metrics->missingText(m_number->row, m_number->role);
    const bool measured = m_number->row.source(m_number->role).has_value();
    if (!behind.samples.empty() && (reason.isEmpty() || !measured))
        return m_samples->setSamples(m_number->row, m_number->role, behind.samples, behind.texts);
    m_samples->clear(reason.isEmpty()
                         ? tr("This number was kept without the values of its samples.")
                         : tr("There is no number here: %1").arg(reason));
}

void EvaluatePage::showFigures()
{
    const FigureChart::Content histogram =
        m_sheet && m_number ? histogramFigure(*m_sheet, m_number->row) : FigureChart::Content();
    m_tabs->setTabVisible(1, !histogram.lines.empty());
    m_tabs->setTabVisible(2, !m_roc.empty());
    m_histogram->setContent(histogram);
    m_rocChart->setContent(m_number ? rocFigure(m_roc, m_number->row.metric)
                                    : FigureChart::Content());
}

void EvaluatePage::report(const Error& error)
{
    m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
}

void EvaluatePage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    updateActions();
}

void EvaluatePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() != QEvent::LanguageChange)
        return;
    retranslate();
    if (m_sheet) {
        fillChooser();
        m_run->setCurrentIndex(
            m_foreign && m_chosen == m_foreign->first ? 0 : m_run->findData(qint64{m_chosen->id}));
        showNotices();
        showFigures();
    }
}

void EvaluatePage::retranslate()
{
    m_emptyTitle->setText(tr("Nothing to evaluate yet"));
    m_emptyText->setText(
        tr("Here stand the scores of a run: what the original knew, what the unlearned model still "
           "knows, what a model knows that never saw the forget set, and how sure that is."));
    m_toExperiment->setText(tr("See the finished experiment"));
    m_toSetup->setText(tr("Set a run up"));
    m_title->setText(tr("Has it forgotten?"));
    m_runTitle->setText(tr("Run"));
    m_run->setAccessibleName(tr("Run whose scores are shown"));
    m_tabs->setAccessibleName(tr("Behind the number"));
    m_tabs->setTabText(0, tr("Samples"));
    m_tabs->setTabText(1, tr("Spread"));
    m_tabs->setTabText(2, tr("Membership (ROC)"));
    Actions& actions = m_services.actions;
    actions.setText(u"evaluate.measure"_s, tr("Evaluate\u2026"),
                    tr("Measure the models of the run anew, with other samples or another suite."));
    actions.setText(
        u"evaluate.save"_s, tr("Save scores\u2026"),
        tr("Save the scores as a table (CSV), or those of the model whose number is chosen "
           "as an evaluation log of open-unlearning (JSON)."));
    updateActions();
}

} // namespace lacuna
