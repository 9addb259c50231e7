#include "app/run_controller.h"

#include "core/base/overloaded.h"
#include "core/run/mailbox.h"
#include "core/run/run_thread.h"

#include <algorithm>
#include <utility>

namespace lacuna {
namespace {

/// 30 Hz at most: what comes between two polls is one change for every view.
constexpr int kPollMs = 33;
/// Weight of the newest step in the mean that the time left is told from.
constexpr double kNewest = 0.1;

} // namespace

RunController::RunController(Places places, QObject* parent)
    : QObject(parent), m_places(std::move(places))
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, &RunController::poll);
}

RunController::~RunController() = default;

bool RunController::isPaused() const
{
    return m_thread && m_thread->control().paused();
}

std::optional<double> RunController::secondsLeft() const
{
    if (!m_thread || !m_lastStep || m_secondsPerStep <= 0)
        return std::nullopt;
    return static_cast<double>(m_lastStep->totalSteps - m_lastStep->step) * m_secondsPerStep;
}

Status RunController::checkFree(const GroupPlace& place) const
{
    if (!m_thread && (!m_held || !place.group.empty()))
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "a run is going on",
                 .context = m_record.run.name,
                 .remedy = "stop it first, or wait for it"};
}

Status RunController::start(const Recipe& recipe, const GroupPlace& place)
{
    if (Status free = checkFree(place); !free)
        return free;
    Result<std::unique_ptr<RunThread>> thread = RunThread::start({.recipe = recipe,
                                                                  .store = m_places.store,
                                                                  .runsFolder = m_places.runsFolder,
                                                                  .programVersion = LACUNA_VERSION,
                                                                  .group = place.group,
                                                                  .parent = place.parent});
    if (!thread)
        return thread.error();
    m_record = {.recipe = recipe};
    m_record.run.name = recipe.name;
    m_record.run.method = recipe.method.value("id", "");
    m_record.run.group = place.group;
    begin(std::move(thread).value(), place);
    return {};
}

Status RunController::resume(const RunRecord& record, const GroupPlace& place)
{
    if (Status free = checkFree(place); !free)
        return free;
    Result<std::unique_ptr<RunThread>> thread = RunThread::resume(m_places.store, record.run.uid);
    if (!thread)
        return thread.error();
    m_record = record;
    begin(std::move(thread).value(), place);
    return {};
}

void RunController::hold(bool on)
{
    if (std::exchange(m_held, on) != on)
        Q_EMIT held();
}

void RunController::begin(std::unique_ptr<RunThread> thread, const GroupPlace& place)
{
    m_thread = std::move(thread);
    m_place = place;
    m_stopped = false;
    m_lastStep.reset();
    m_phase = {};
    m_secondsPerStep = 0;
    m_record.run.state = RunState::Prepared;
    m_record.run.stopReason.clear();
    m_record.run.error.clear();
    m_timer.start();
    Q_EMIT started();
    Q_EMIT progressed();
}

void RunController::pause()
{
    if (m_thread)
        m_thread->control().pause();
    Q_EMIT progressed();
}

void RunController::proceed()
{
    if (m_thread)
        m_thread->control().proceed();
    Q_EMIT progressed();
}

void RunController::stop(StopKind kind)
{
    if (!m_thread)
        return;
    m_stopped = true;
    m_thread->control().stop(kind);
}

std::uint64_t RunController::probe(ProbeRequest request)
{
    return m_thread ? m_thread->control().probe(std::move(request)) : 0;
}

void RunController::cancelProbe(std::uint64_t request)
{
    if (m_thread)
        m_thread->control().cancelProbe(request);
}

void RunController::poll()
{
    const std::vector<RunEvent> events = m_thread->mailbox().drain();
    if (events.empty())
        return;
    std::vector<SeriesPoint> points;
    const auto flush = [&] {
        if (!points.empty())
            Q_EMIT pointsArrived(std::exchange(points, {}));
    };
    std::optional<RunEnded> end;
    for (const RunEvent& event : events)
        std::visit(Overloaded{[&](const RunStarted& e) { take(e); },
                              [&](const StateChanged& e) { m_record.run.state = e.state; },
                              [&](const PhaseProgress& e) { m_phase = e; },
                              [&](const StepDone& e) { take(e, points); },
                              [&](const SeriesAdded& e) { take(e.points, points); },
                              [&](const EvaluationDone& e) {
                                  flush();
                                  take(e);
                              },
                              [&](const AnswerReady& e) {
                                  flush();
                                  take(e);
                              },
                              [&](const AnswerToken& e) {
                                  Q_EMIT answerTokenArrived(e.request, e.token,
                                                            QString::fromStdString(e.text));
                              },
                              [](const LogLine&) {}, [&](const RunEnded& e) { end = e; }},
                   event);
    flush();
    if (end)
        finish(*end);
    Q_EMIT progressed();
}

void RunController::take(const RunStarted& event)
{
    m_record.run.uid = event.uid;
    m_record.run.folder = event.folder;
    m_record.run.totalSteps = event.totalSteps;
    m_record.run.step = event.firstStep;
    // What a continued run did after its checkpoint it does again.
    for (auto& [key, series] : m_record.series) {
        const auto kept = static_cast<std::size_t>(
            std::upper_bound(series.steps.begin(), series.steps.end(), event.firstStep) -
            series.steps.begin());
        series.steps.resize(kept);
        series.values.resize(kept);
    }
    const auto later = [&](const auto& entry) { return entry.step > event.firstStep; };
    std::erase_if(m_record.evaluations, later);
    std::erase_if(m_record.answers, later);
    Q_EMIT identified();
}

void RunController::take(const StepDone& step, std::vector<SeriesPoint>& points)
{
    m_secondsPerStep = m_secondsPerStep > 0
                           ? (1 - kNewest) * m_secondsPerStep + kNewest * step.seconds
                           : step.seconds;
    m_lastStep = step;
    m_record.run.step = step.step;
    m_record.run.totalSteps = step.totalSteps;
    take(seriesPoints(step), points);
}

void RunController::take(const std::vector<SeriesPoint>& added, std::vector<SeriesPoint>& points)
{
    for (const SeriesPoint& point : added) {
        Series& series = m_record.series[point.key];
        series.steps.push_back(point.step);
        series.values.push_back(point.value);
        points.push_back(point);
    }
}

void RunController::take(const EvaluationDone& event)
{
    for (const MetricValue& value : event.values)
        m_record.evaluations.push_back({.step = event.step,
                                        .phase = event.phase,
                                        .set = value.set,
                                        .metric = value.metric,
                                        .value = value.value,
                                        .count = value.count});
    Q_EMIT evaluationArrived(event);
}

void RunController::take(const AnswerReady& event)
{
    m_record.answers.push_back({.step = event.step,
                                .prompt = event.prompt,
                                .role = event.role,
                                .text = event.text,
                                .tokens = event.tokens});
    Q_EMIT answerArrived(event);
}

void RunController::finish(const RunEnded& end)
{
    m_timer.stop();
    m_record.run.state = end.state;
    m_record.run.stopReason = end.reason;
    m_record.run.error = end.error ? end.error->text() : std::string();
    m_record.run.summary = end.summary;
    m_thread.reset(); // it has posted its last event: joining waits for its return alone
    Q_EMIT ended(end);
}

} // namespace lacuna
