#include "app/pages/home/home_page.h"

#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/history/run_row.h"
#include "app/pages/home/home_card.h"
#include "app/pages/home/interrupted_banner.h"
#include "app/pages/home/recent_runs.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/message_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr std::size_t kRecent = 5;
constexpr int kCardHeight = 224;
constexpr int kTitleGap = 8; ///< more than between other parts
constexpr auto kKeptKey = "home/kept-interrupted";

/// The step of the newest checkpoint in a run's folder: checkpoints are folders "step-000120".
std::optional<qint64> newestCheckpoint(const std::filesystem::path& folder)
{
    constexpr std::string_view kPrefix = "step-";
    std::optional<qint64> newest;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints", ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(kPrefix))
            continue;
        qint64 step = 0;
        const char* end = name.data() + name.size();
        const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
        if (error == std::errc() && stop == end)
            newest = std::max(newest.value_or(step), step);
    }
    return newest;
}

} // namespace

HomePage::HomePage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_banner(new InterruptedBanner), m_title(heading({}, 1)),
      m_text(secondaryText({})), m_see(new HomeCard(u"see"_s, "seeExperimentButton")),
      m_lesson(new HomeCard(u"lesson"_s, "runLessonButton")),
      m_model(new HomeCard(u"folder"_s, "openModelButton")), m_recent(new RecentRuns)
{
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(24, 16, 24, 16);
    column->setSpacing(8);
    m_title->setContentsMargins(0, kTitleGap, 0, 0);
    column->addWidget(m_banner);
    column->addWidget(m_title);
    column->addWidget(m_text);
    column->addSpacing(8);
    column->addWidget(makeCards());
    column->addSpacing(8);
    column->addWidget(m_recent);
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);

    m_banner->hide();
    connectServices();
    retranslate();
}

QWidget* HomePage::makeCards()
{
    auto* cards = new QWidget;
    cards->setMinimumHeight(kCardHeight);
    auto* row = new QHBoxLayout(cards);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(16);
    for (HomeCard* card : {m_see, m_lesson, m_model})
        row->addWidget(card, 1);
    m_see->button()->setProperty("primary", true);
    m_model->setTakesFolders(true);
    connect(m_see, &HomeCard::chosen, this, &HomePage::experimentRequested);
    connect(m_lesson, &HomeCard::chosen, this, &HomePage::lessonRequested);
    connect(m_model, &HomeCard::chosen, this, &HomePage::chooseModel);
    connect(m_model, &HomeCard::folderDropped, this, &HomePage::modelRequested);
    return cards;
}

void HomePage::connectServices()
{
    connect(m_recent, &RecentRuns::openRequested, this, &HomePage::runRequested);
    connect(m_recent, &RecentRuns::lessonRequested, this, &HomePage::lessonRequested);
    connect(m_recent, &RecentRuns::allRequested, this,
            [this] { Q_EMIT pageRequested(u"history"_s); });
    connect(m_banner, &InterruptedBanner::continueRequested, this, &HomePage::resume);
    connect(m_banner, &InterruptedBanner::keepRequested, this, &HomePage::keep);
    connect(m_banner, &InterruptedBanner::discardRequested, this, &HomePage::discard);
    const auto markStale = [this] {
        m_stale = true;
        updateBanner();
        if (isVisible())
            refresh();
    };
    connect(&m_services.history, &History::changed, this, markStale);
    connect(&m_services.run, &RunController::identified, this, markStale);
    connect(&m_services.run, &RunController::ended, this, markStale);
    connect(&m_services.run, &RunController::held, this, &HomePage::updateBanner);
}

void HomePage::shown()
{
    if (m_stale)
        refresh();
    updateBanner();
}

void HomePage::refresh()
{
    m_stale = false;
    m_services.history.list(
        this, [this](const Result<std::vector<RunOverview>>& overviews) { take(overviews); });
}

void HomePage::take(const Result<std::vector<RunOverview>>& overviews)
{
    if (!overviews) {
        m_stale = true; // tried again when the page is shown again
        report(overviews.error());
        return;
    }
    std::vector<RunRow> rows;
    for (std::size_t i = 0; i < std::min(kRecent, overviews->size()); ++i)
        rows.push_back(runRow((*overviews)[i]));
    m_recent->setRows(std::move(rows));
    offerInterrupted(*overviews);
}

void HomePage::offerInterrupted(const std::vector<RunOverview>& overviews)
{
    const QStringList kept =
        m_services.settings.value(QString::fromLatin1(kKeptKey)).toStringList();
    const auto isOffered = [&](const RunOverview& overview) {
        const Run& run = overview.run;
        const bool active = m_services.run.isActive() && m_services.run.record().run.uid == run.uid;
        return !active && currentState(run) == RunState::Interrupted &&
               !kept.contains(QString::fromStdString(run.uid));
    };
    const auto found = std::find_if(overviews.begin(), overviews.end(), isOffered);
    if (found == overviews.end()) {
        m_interrupted.reset();
        m_banner->hide();
        return;
    }
    m_services.background.run(
        this, [folder = found->run.folder] { return newestCheckpoint(folder); },
        [this, run = found->run](std::optional<qint64> checkpoint) {
            showBanner(run, checkpoint);
        });
}

void HomePage::showBanner(const Run& run, std::optional<qint64> checkpoint)
{
    m_interrupted = run;
    m_banner->setContent({.name = QString::fromStdString(run.name),
                          .step = run.step,
                          .totalSteps = run.totalSteps,
                          .checkpoint = checkpoint});
    updateBanner();
    m_banner->show();
}

void HomePage::updateBanner()
{
    m_banner->setCannotContinue(m_services.run.isFree() ? QString() : tr("A run is going on."));
}

void HomePage::chooseModel()
{
    const QString folder = m_services.prompts.chooseFolder(
        tr("Open a model folder"), QString::fromStdString(m_services.workspace.recipe().model));
    if (!folder.isEmpty())
        Q_EMIT modelRequested(folder);
}

void HomePage::resume()
{
    if (!m_interrupted)
        return;
    m_services.history.load(this, m_interrupted->id, [this](const Result<RunRecord>& record) {
        const Status status = record ? m_services.run.resume(*record) : Status(record.error());
        if (!status)
            return report(status.error());
        m_banner->hide();
        Q_EMIT pageRequested(u"run"_s);
    });
}

void HomePage::keep()
{
    if (!m_interrupted)
        return;
    const QString key = QString::fromLatin1(kKeptKey);
    QStringList kept = m_services.settings.value(key).toStringList();
    kept << QString::fromStdString(m_interrupted->uid);
    m_services.settings.setValue(key, kept);
    m_interrupted.reset();
    m_banner->hide();
    refresh(); // there may be another one
}

void HomePage::discard()
{
    if (!m_interrupted)
        return;
    QString question = tr("The record of \u201c%1\u201d goes: its curves, metrics and answers.")
                           .arg(QString::fromStdString(m_interrupted->name));
    if (ownsFolder(*m_interrupted))
        question += u"\n\n"_s + tr("So does the folder %1 with its checkpoints.")
                                    .arg(QString::fromStdString(m_interrupted->folder));
    question += u"\n\n"_s + tr("This cannot be undone.");
    if (!m_services.prompts.confirm(tr("Discard this run?"), question, tr("Discard run")))
        return;
    m_banner->hide();
    m_services.history.remove(this, m_interrupted->id, [this](const Status& status) {
        if (!status)
            report(status.error());
    });
}

void HomePage::report(const Error& error)
{
    m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
}

void HomePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void HomePage::retranslate()
{
    m_title->setText(tr("Make a language model forget"));
    m_text->setText(tr("Choose what is to go, watch it go, and see what else went with it. "
                       "Everything stays on this computer."));
    m_see->setTexts(
        tr("See what unlearning does"),
        tr("A finished experiment: two people were removed from a small model. See what "
           "it answered before and after, and what happened to their neighbours."),
        tr("Open the experiment"));
    m_lesson->setTexts(
        tr("Run a lesson"),
        tr("Make the same small model forget them yourself. It takes about a minute, "
           "and the curves grow while you watch."),
        tr("Run the lesson"));
    m_model->setTexts(tr("Open a model folder"),
                      tr("Work on a model of your own: a folder with config.json and safetensors. "
                         "Drop it here or choose it."),
                      tr("Choose a folder\u2026"));
    updateBanner();
}

} // namespace lacuna
