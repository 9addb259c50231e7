#include "app/pages/stress/stress_page.h"

#include "app/error_text.h"
#include "app/pages/run/chart_saving.h"
#include "app/pages/stress/battery_list.h"
#include "app/pages/stress/recovery_chart.h"
#include "app/pages/stress/stress_table.h"
#include "app/pages/stress/stress_words.h"
#include "widgets/base/theme.h"
#include "widgets/chart/live_chart.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/message_bar.h"
#include "widgets/table/value_text.h"
#include "widgets/text/model_mark.h"

#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kProgressSteps = 1000;
constexpr int kBatteryWidth = 420;
constexpr int kMostItems = 100000;

QFrame* card(QLayout* layout)
{
    auto* frame = new QFrame;
    frame->setProperty("card", true);
    layout->setContentsMargins(16, 16, 16, 16);
    frame->setLayout(layout);
    return frame;
}

} // namespace

StressPage::StressPage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_stack(new QStackedWidget), m_title(heading({}, 1)),
      m_intro(secondaryText({})), m_runTitle(new QLabel), m_runs(new CalmComboBox),
      m_itemsTitle(new QLabel), m_items(new QSpinBox), m_start(new QPushButton),
      m_state(secondaryText({})), m_progress(new QProgressBar), m_battery(new BatteryList),
      m_verdictTitle(heading({}, 2)), m_verdict(new QLabel), m_worst(secondaryText({})),
      m_limits(secondaryText({})), m_metricTitle(new QLabel), m_metric(new CalmComboBox),
      m_tabs(new QTabWidget), m_table(new StressTable), m_chart(new RecoveryChart),
      m_emptyTitle(heading({}, 2)), m_emptyText(secondaryText({})), m_emptySetup(new QPushButton),
      m_emptyLesson(new QPushButton)
{
    setObjectName(u"stressPage"_s);
    m_runs->setObjectName(u"stressRun"_s);
    m_runs->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_runs->setMinimumContentsLength(24);
    m_runTitle->setBuddy(m_runs);
    m_items->setObjectName(u"stressItems"_s);
    m_items->setRange(1, kMostItems);
    m_items->setValue(40);
    m_itemsTitle->setBuddy(m_items);
    m_start->setObjectName(u"startStressButton"_s);
    m_start->setProperty("primary", true);
    m_state->setObjectName(u"stressState"_s);
    m_progress->setObjectName(u"stressProgress"_s);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setTextVisible(false);
    m_progress->hide();

    auto* choice = new QHBoxLayout;
    choice->setSpacing(8);
    choice->addWidget(m_runTitle);
    choice->addWidget(m_runs, 1);
    choice->addWidget(m_itemsTitle);
    choice->addWidget(m_items);
    choice->addWidget(m_start);
    auto* splitter = new QSplitter;
    splitter->setHandleWidth(12);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildBattery());
    splitter->addWidget(buildFindings());
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({kBatteryWidth, 2 * kBatteryWidth});
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addLayout(choice);
    column->addWidget(m_state);
    column->addWidget(m_progress);
    column->addWidget(splitter, 1);
    m_stack->addWidget(buildEmptyState());
    m_stack->addWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(m_title);
    layout->addWidget(m_intro);
    layout->addWidget(m_stack, 1);
    connectParts();
    retranslate();
}

QWidget* StressPage::buildEmptyState()
{
    m_emptySetup->setObjectName(u"stressSetupButton"_s);
    m_emptySetup->setProperty("primary", true);
    m_emptyLesson->setObjectName(u"stressLessonButton"_s);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setMaximumWidth(520);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(16);
    buttons->addStretch();
    buttons->addWidget(m_emptySetup);
    buttons->addWidget(m_emptyLesson);
    buttons->addStretch();
    auto* text = new QHBoxLayout;
    text->addStretch();
    text->addWidget(m_emptyText, 1);
    text->addStretch();
    auto* layout = new QVBoxLayout;
    layout->setSpacing(16);
    layout->addStretch();
    layout->addWidget(m_emptyTitle, 0, Qt::AlignHCenter);
    layout->addLayout(text);
    layout->addLayout(buttons);
    layout->addStretch();
    return card(layout);
}

QWidget* StressPage::buildBattery()
{
    m_battery->setObjectName(u"battery"_s);
    m_battery->setMinimumWidth(280);
    auto* layout = new QVBoxLayout;
    layout->addWidget(m_battery);
    return card(layout);
}

QWidget* StressPage::buildFindings()
{
    m_verdict->setObjectName(u"stressVerdict"_s);
    m_verdict->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_worst->setObjectName(u"stressWorst"_s);
    m_limits->setObjectName(u"stressLimits"_s);
    m_metric->setObjectName(u"stressMetric"_s);
    m_metricTitle->setBuddy(m_metric);
    auto* verdict = new QVBoxLayout;
    verdict->setSpacing(8);
    for (QWidget* part : {static_cast<QWidget*>(m_verdictTitle), static_cast<QWidget*>(m_verdict),
                          static_cast<QWidget*>(m_worst), static_cast<QWidget*>(m_limits)})
        verdict->addWidget(part);
    auto* metric = new QHBoxLayout;
    metric->setSpacing(8);
    metric->addWidget(m_metricTitle);
    metric->addWidget(m_metric);
    metric->addStretch();
    m_tabs->setObjectName(u"stressTabs"_s);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_table, QString());
    m_tabs->addTab(m_chart, QString());
    auto* numbers = new QVBoxLayout;
    numbers->setSpacing(8);
    numbers->addLayout(metric);
    numbers->addWidget(m_tabs, 1);
    auto* all = new QWidget;
    auto* layout = new QVBoxLayout(all);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(card(verdict));
    layout->addWidget(card(numbers), 1);
    return all;
}

void StressPage::connectParts()
{
    connect(m_runs, &QComboBox::currentIndexChanged, this, [this] {
        m_wanted = m_runs->currentData().toLongLong();
        loadRun();
    });
    connect(m_items, &QSpinBox::valueChanged, this, &StressPage::estimateAgain);
    connect(m_battery, &BatteryList::changed, this, &StressPage::showState);
    connect(m_start, &QPushButton::clicked, this, &StressPage::toggle);
    connect(m_metric, &QComboBox::activated, this, [this] {
        m_shownMetric = m_metric->currentData().toString().toStdString();
        showFindings();
    });
    connect(&m_chart->chart(), &LiveChart::exportRequested, this,
            [this](ChartFormat format) { saveChart(m_services, m_chart->chart(), format); });
    connect(m_emptySetup, &QPushButton::clicked, this,
            [this] { Q_EMIT pageRequested(u"setup"_s); });
    connect(m_emptyLesson, &QPushButton::clicked, this,
            [this] { Q_EMIT pageRequested(u"lesson"_s); });
    connect(&m_services.history, &History::changed, this, [this] {
        if (isVisible())
            listRuns();
    });
    connect(&m_job, &StressJob::progressed, this, &StressPage::showProgress);
    connect(&m_job, &StressJob::measured, this, [this](const StressSpeed& speed) {
        m_battery->setSpeed(speed);
        showState();
    });
    connect(&m_job, &StressJob::estimateEnded, this, [this](const std::optional<Error>& error) {
        if (std::exchange(m_startNext, false))
            return start();
        if (std::exchange(m_estimateNext, false))
            return estimateAgain();
        if (error)
            report(*error);
        showState();
    });
    connect(&m_job, &StressJob::found, this, [this](const std::vector<StressResult>& rows) {
        m_fresh.insert(m_fresh.end(), rows.begin(), rows.end());
        showFindings();
    });
    connect(&m_job, &StressJob::ended, this, &StressPage::keep);
}

void StressPage::shown()
{
    listRuns();
}

void StressPage::showRun(RunId id)
{
    m_wanted = id;
    listRuns();
}

void StressPage::listRuns()
{
    m_services.history.list(this, [this](const Result<std::vector<RunOverview>>& runs) {
        if (!runs)
            return report(runs.error());
        takeRuns(*runs);
    });
}

void StressPage::takeRuns(const std::vector<RunOverview>& runs)
{
    {
        const QSignalBlocker quiet(m_runs);
        m_runs->clear();
        for (const RunOverview& one : runs)
            if (isEnded(one.run.state))
                m_runs->addItem(QString::fromStdString(one.run.name),
                                static_cast<qlonglong>(one.run.id));
        const int found = m_runs->findData(static_cast<qlonglong>(m_wanted));
        m_runs->setCurrentIndex(found >= 0 ? found : std::min(0, m_runs->count() - 1));
        m_wanted = m_runs->currentData().toLongLong();
    }
    m_stack->setCurrentIndex(m_runs->count() > 0 ? 1 : 0);
    if (m_wanted != 0)
        loadRun();
}

void StressPage::loadRun()
{
    m_services.history.loadStress(this, m_wanted,
                                  [this, asked = m_wanted](const Result<StressRecord>& record) {
                                      if (asked != m_wanted)
                                          return;
                                      if (!record)
                                          return report(record.error());
                                      take(*record);
                                  });
}

void StressPage::take(const StressRecord& record)
{
    const bool another = !m_record || m_record->run.id != record.run.id;
    m_record = record;
    if (another)
        estimateAgain();
    showFindings();
    showState();
}

void StressPage::estimateAgain()
{
    if (m_working || m_startNext)
        return;
    m_battery->setSpeed(std::nullopt);
    m_estimateNext = m_job.isRunning();
    if (m_estimateNext)
        m_job.cancel(); // it measures something else
    else if (isVisible() && m_record && m_record->request) {
        StressRequest request = *m_record->request;
        request.maxSamples = m_items->value();
        m_job.estimate(request);
    }
    showState();
}

void StressPage::toggle()
{
    if (m_working || m_startNext) {
        m_startNext = false;
        m_job.cancel();
        return showState();
    }
    if (!m_job.isRunning())
        return start();
    m_startNext = true;
    m_job.cancel(); // an estimate
    showState();
}

void StressPage::start()
{
    const Result<std::vector<AttackSpec>> specs = m_battery->specs();
    if (!specs || !m_record || !m_record->request) {
        if (!specs)
            report(specs.error());
        return showState();
    }
    StressRequest request = *m_record->request;
    request.attacks = *specs;
    request.maxSamples = m_items->value();
    m_fresh.clear();
    m_attacked = m_record->run.id;
    m_working = true;
    m_progress->setValue(0);
    m_job.start(request);
    showFindings();
    showState();
}

void StressPage::keep(const Result<StressReport>& report)
{
    m_working = false;
    m_battery->setWorking({});
    m_fresh.clear();
    showState();
    if (!report)
        return this->report(report.error());
    if (report->results.empty())
        return;
    // The list that is read again for it brings them back.
    m_services.history.addStress(this, m_attacked, report->results, [this](const Status& stored) {
        if (!stored)
            this->report(stored.error());
    });
}

void StressPage::showProgress(const StressProgress& progress)
{
    m_battery->setWorking(progress.attack);
    m_progress->setValue(static_cast<int>(std::lround(kProgressSteps * progress.share)));
    if (m_job.isCancelled())
        return;
    const QString what = progress.attack.empty() ? tr("first pass, without an attack")
                                                 : attackTitle(progress.attack);
    m_state->setText(progress.secondsLeft ? tr("%1: %2; about %3 left")
                                                .arg(modelName(progress.role), what,
                                                     durationText(*progress.secondsLeft, QLocale()))
                                          : tr("%1: %2").arg(modelName(progress.role), what));
}

void StressPage::showState()
{
    const bool busy = m_working || m_startNext;
    const bool ready = m_record && m_record->request && m_battery->chosenCount() > 0;
    m_start->setEnabled(busy ? !m_job.isCancelled() || m_startNext : ready);
    m_start->setText(busy ? tr("Cancel") : tr("Start"));
    m_runs->setEnabled(!busy);
    m_items->setEnabled(!busy);
    m_battery->setEditable(!busy);
    m_progress->setVisible(busy);
    if (busy) {
        if (m_job.isCancelled() && !m_startNext)
            m_state->setText(tr("Ending\u2026 What was found so far is kept."));
        return;
    }
    if (m_record && !m_record->request)
        return m_state->setText(
            tr("%1. Choose another run.")
                .arg(QString::fromStdString(m_record->request.error().message)));
    if (m_battery->chosenCount() == 0)
        return m_state->setText(tr("Choose at least one attack."));
    int models = 1;
    if (m_record)
        models += (m_record->request->original.empty() ? 0 : 1) +
                  (m_record->request->reference.empty() ? 0 : 1);
    if (m_job.isRunning())
        return m_state->setText(tr("Measuring how long the attacks take\u2026"));
    const QString attacks = tr("%n attack(s)", nullptr, m_battery->chosenCount());
    const QString targets = tr("%n model(s)", nullptr, models);
    const std::optional<double> seconds = m_battery->seconds();
    m_state->setText(seconds
                         ? tr("%1 on %2, about %3.")
                               .arg(attacks, targets, durationText(*seconds * models, QLocale()))
                         : tr("%1 on %2.").arg(attacks, targets));
}

std::vector<StressResult> StressPage::shownResults() const
{
    if (m_working && m_record && m_record->run.id == m_attacked)
        return m_fresh;
    return m_record ? latestOf(m_record->results) : std::vector<StressResult>();
}

void StressPage::showFindings()
{
    const std::vector<StressResult> results = shownResults();
    if (m_shownMetric.empty() || std::ranges::none_of(results, [&](const StressResult& result) {
            return result.metric == m_shownMetric;
        }))
        m_shownMetric = leadingMetric(results);
    {
        const QSignalBlocker quiet(m_metric);
        m_metric->clear();
        for (const char* id : {"rouge-l", "extraction-strength", "probability"})
            if (std::ranges::any_of(
                    results, [&](const StressResult& result) { return result.metric == id; }))
                m_metric->addItem(metricTitle(id), QString::fromLatin1(id));
        m_metric->setCurrentIndex(m_metric->findData(QString::fromStdString(m_shownMetric)));
    }
    const bool any = !results.empty();
    if (any) {
        const StressVerdict verdict = stressVerdict(results);
        m_verdict->setText(m_working ? tr("The verdict comes when all attacks are made.")
                                     : verdictWords(verdict));
        m_worst->setText(worstCaseWords(results, m_shownMetric));
        m_limits->setText(verdictLimits(verdict));
    } else {
        m_verdict->setText(m_working ? tr("The verdict comes when all attacks are made.")
                                     : tr("This run has not been attacked yet. Choose attacks and "
                                          "press Start."));
    }
    m_worst->setVisible(any && !m_worst->text().isEmpty());
    m_limits->setVisible(any && !m_working);
    m_metricTitle->setVisible(any);
    m_metric->setVisible(any);
    m_table->setResults(results, m_shownMetric);
    m_chart->setResults(results, m_shownMetric);
    m_tabs->setTabVisible(1, m_chart->hasCurves());
}

void StressPage::report(const Error& error)
{
    m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
}

void StressPage::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    Page::changeEvent(event);
}

void StressPage::retranslate()
{
    m_title->setText(tr("Does it come back?"));
    m_intro->setText(tr("A model can be silent about what it still knows. These attacks try to "
                        "bring it back, on throw-away copies: nothing of the model is changed."));
    m_runTitle->setText(tr("Run"));
    m_runs->setAccessibleName(tr("Run whose model is attacked"));
    m_itemsTitle->setText(tr("Items"));
    m_items->setToolTip(tr("Of the forget set, drawn by the run's seed; fewer are faster."));
    m_items->setAccessibleName(tr("Items of the forget set that are asked about"));
    m_progress->setAccessibleName(tr("Progress of the battery"));
    m_verdictTitle->setText(tr("Verdict"));
    m_metricTitle->setText(tr("Measured by"));
    m_tabs->setTabText(0, tr("Every attack"));
    m_tabs->setTabText(1, tr("Relearning curve"));
    m_metric->setAccessibleName(tr("Metric shown"));
    m_emptyTitle->setText(tr("Nothing to attack yet"));
    m_emptyText->setText(tr("The battery works on the model that a finished run has left. Set a "
                            "run up, or let a lesson make one in a minute."));
    m_emptySetup->setText(tr("Set up a run"));
    m_emptyLesson->setText(tr("Run a lesson"));
    showFindings();
    showState();
}

} // namespace lacuna
