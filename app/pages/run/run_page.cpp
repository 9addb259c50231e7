#include "app/pages/run/run_page.h"

#include "app/pages/history/answers_view.h"
#include "app/pages/run/findings.h"
#include "app/pages/run/run_display.h"
#include "app/pages/run/run_head.h"
#include "app/pages/run/run_view.h"
#include "app/run_controller.h"
#include "app/scores/metrics_view.h"
#include "app/services.h"
#include "widgets/base/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMetricsHeight = 300;

} // namespace

RunPage::RunPage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_stack(new QStackedWidget)
{
    setObjectName(u"runPage"_s);
    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(makeContent());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    connectRun();
    restoreDisplay(*m_view, m_services.settings);
    retranslate();
}

QWidget* RunPage::makeEmpty()
{
    m_emptyTitle = heading({}, 2);
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    m_emptyText = secondaryText({});
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_toSetup = new QPushButton;
    m_toSetup->setObjectName(u"toSetupButton"_s);
    m_toSetup->setProperty("primary", true);
    connect(m_toSetup, &QPushButton::clicked, this, [this] { Q_EMIT pageRequested(u"setup"_s); });
    auto* empty = new QWidget;
    auto* layout = new QVBoxLayout(empty);
    layout->addStretch();
    layout->addWidget(m_emptyTitle);
    layout->addWidget(m_emptyText);
    layout->addSpacing(8);
    layout->addWidget(m_toSetup, 0, Qt::AlignCenter);
    layout->addStretch();
    return empty;
}

QWidget* RunPage::makeContent()
{
    m_head = new RunHead(m_services);
    m_view = new RunView;
    m_answers = new AnswersView;
    m_answersTitle = heading({}, 3);
    m_metrics = new MetricsView;
    m_metrics->setMinimumHeight(kMetricsHeight);
    m_metricsTitle = heading({}, 3);
    for (QWidget* part : {static_cast<QWidget*>(m_answers), static_cast<QWidget*>(m_metrics)})
        part->layout()->setContentsMargins(0, 0, 0, 0); // the page has its own
    m_findings = new QLabel;
    m_findings->setObjectName(u"findings"_s);
    m_findings->setWordWrap(true);
    m_toCurrent = new QPushButton;
    m_toCurrent->setObjectName(u"toCurrentButton"_s);
    m_toProbe = new QPushButton;
    m_toProbe->setObjectName(u"toProbeButton"_s);
    m_toHistory = new QPushButton;
    m_toHistory->setObjectName(u"toHistoryButton"_s);
    connect(m_toCurrent, &QPushButton::clicked, this, &RunPage::showCurrent);
    connect(m_toProbe, &QPushButton::clicked, this, [this] { Q_EMIT pageRequested(u"probe"_s); });
    connect(m_toHistory, &QPushButton::clicked, this,
            [this] { Q_EMIT pageRequested(u"history"_s); });
    connect(m_metrics, &MetricsView::numberOpened, this,
            [this] { Q_EMIT pageRequested(u"evaluate"_s); });
    auto* ways = new QHBoxLayout;
    ways->addWidget(m_toCurrent);
    ways->addWidget(m_toProbe);
    ways->addWidget(m_toHistory);
    ways->addStretch();
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(24, 16, 24, 24);
    layout->setSpacing(12);
    layout->addWidget(m_head);
    layout->addWidget(m_findings);
    layout->addLayout(ways);
    layout->addWidget(m_view);
    layout->addWidget(m_answersTitle);
    layout->addWidget(m_answers);
    layout->addWidget(m_metricsTitle);
    layout->addWidget(m_metrics);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    return scroll;
}

void RunPage::connectRun()
{
    RunController& run = m_services.run;
    connect(&run, &RunController::started, this, [this] {
        if (m_services.run.place().number <= 1) // nobody asked for the next one of a group
            m_shown.reset();
        m_guess = std::exchange(m_nextGuess, std::nullopt);
        refresh();
    });
    connect(&run, &RunController::identified, this, &RunPage::refresh);
    connect(&run, &RunController::progressed, this, &RunPage::refreshHead);
    connect(&run, &RunController::pointsArrived, this,
            [this](const std::vector<SeriesPoint>& points) {
                if (!m_shown)
                    m_view->appendPoints(points);
            });
    connect(&run, &RunController::evaluationArrived, this,
            [this](const EvaluationDone& evaluation) {
                if (m_shown)
                    return;
                m_view->appendEvaluation(evaluation);
                refreshTexts();
            });
    connect(&run, &RunController::answerArrived, this, [this] {
        if (!m_shown)
            refreshTexts();
    });
    connect(&run, &RunController::ended, this, [this] {
        refreshHead();
        refreshTexts();
    });
    keepDisplay(*m_view, m_services);
}

const RunRecord& RunPage::record() const
{
    return m_shown ? *m_shown : m_services.run.record();
}

void RunPage::shown()
{
    refreshHead();
    if (m_stale)
        refreshTexts();
}

void RunPage::showRecord(const RunRecord& record)
{
    m_shown = record;
    refresh();
}

void RunPage::showCurrent()
{
    m_shown.reset();
    refresh();
}

void RunPage::refresh()
{
    const bool known = m_shown || m_services.run.isActive() || !record().run.uid.empty();
    m_stack->setCurrentIndex(known ? 1 : 0);
    m_view->setRecord(record()); // hidden charts take points and draw nothing
    refreshHead();
    refreshTexts();
}

void RunPage::refreshHead()
{
    if (!isVisible())
        return;
    const bool active = !m_shown && m_services.run.isActive();
    m_toCurrent->setVisible(m_shown && m_services.run.isActive());
    m_toProbe->setVisible(!active);
    m_toHistory->setVisible(!active);
    if (m_shown)
        m_head->showRecord(*m_shown);
    else
        m_head->showRun(m_services.run);
    m_view->setFrozen(active && m_services.run.state() == RunState::Paused);
}

void RunPage::refreshTexts()
{
    m_stale = !isVisible();
    if (m_stale)
        return;
    m_answers->setAnswers(record().answers);
    m_answers->setVisible(!record().answers.empty());
    m_answersTitle->setVisible(!record().answers.empty());
    const QStringList sentences = findings(record().evaluations, m_shown ? std::nullopt : m_guess);
    m_findings->setText(sentences.join(u' '));
    m_findings->setVisible(!sentences.isEmpty());
    m_metrics->setEvaluations(record().evaluations);
    m_metrics->setVisible(!record().evaluations.empty());
    m_metricsTitle->setVisible(!record().evaluations.empty());
}

void RunPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    shown();
}

void RunPage::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        refresh();
    }
    Page::changeEvent(event);
}

void RunPage::retranslate()
{
    m_emptyTitle->setText(tr("No run yet"));
    m_emptyText->setText(
        tr("Here you watch a model forget: curves of what is forgotten and of what is "
           "kept, and the answers to your questions as they change."));
    m_toSetup->setText(tr("Set a run up"));
    m_toCurrent->setText(tr("Back to the run that is going on"));
    m_toProbe->setText(tr("Ask the model"));
    m_toHistory->setText(tr("See all runs"));
    m_answersTitle->setText(tr("Pinned questions"));
    m_metricsTitle->setText(tr("What was measured"));
}

} // namespace lacuna
