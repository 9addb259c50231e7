#pragma once

#include "app/run_record.h"
#include "core/base/result.h"
#include "core/probe/answer.h"
#include "core/run/event.h"
#include "core/run/run_control.h"

#include <QObject>
#include <QTimer>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

class RunThread;

/// Where a run stands among others that are done one after another.
struct GroupPlace {
    std::string group; ///< what the history files them under; empty: it stands alone
    std::string label = {};
    int number = 0; ///< from 1
    int count = 0;
    std::optional<RunId> parent = {}; ///< the run whose result it starts from
};

/// The run that is going on in this program, or the last one that did: commands in, signals out at
/// 30 Hz at most. Starting and stopping never wait for the engine.
class RunController : public QObject {
    Q_OBJECT

public:
    struct Places {
        std::filesystem::path store;
        std::filesystem::path runsFolder;
    };

    explicit RunController(Places places, QObject* parent = nullptr);
    ~RunController() override;

    /// Whether a run thread is at work, paused ones included.
    [[nodiscard]] bool isActive() const { return m_thread != nullptr; }
    /// Whether somebody may start a run: none goes on, and none is about to.
    [[nodiscard]] bool isFree() const { return !m_thread && !m_held; }
    [[nodiscard]] bool isPaused() const;
    /// Of the active run or of the last one.
    [[nodiscard]] const GroupPlace& place() const { return m_place; }
    /// Whether somebody here asked the active run, or the last one, to stop.
    [[nodiscard]] bool wasStopped() const { return m_stopped; }
    /// Of the active run or of the last one; Prepared with an empty uid when there was none.
    [[nodiscard]] const RunRecord& record() const { return m_record; }
    [[nodiscard]] RunState state() const { return m_record.run.state; }
    /// Newest numbers: the last step, the phase that goes on, seconds left where they can be told.
    [[nodiscard]] const std::optional<StepDone>& lastStep() const { return m_lastStep; }
    [[nodiscard]] const PhaseProgress& phase() const { return m_phase; }
    [[nodiscard]] std::optional<double> secondsLeft() const;

    /// Refused while a run is active, and to a run that stands alone unless isFree().
    [[nodiscard]] Status start(const Recipe& recipe, const GroupPlace& place = {});
    /// Continues an interrupted run.
    [[nodiscard]] Status resume(const RunRecord& record, const GroupPlace& place = {});
    /// Keeps others from starting a run between two of a group.
    void hold(bool on);
    void pause();
    void proceed();
    void stop(StopKind kind);
    /// Asks the model as it is now; answerToken and answerArrived carry the returned token.
    std::uint64_t probe(ProbeRequest request);
    /// Ends the answer after the token it is at.
    void cancelProbe(std::uint64_t request);

Q_SIGNALS:
    void started();
    /// See hold().
    void held();
    /// The run has its uid, its folder and its number of steps.
    void identified();
    /// State, phase, step or time left changed.
    void progressed();
    void pointsArrived(const std::vector<lacuna::SeriesPoint>& points);
    void evaluationArrived(const lacuna::EvaluationDone& evaluation);
    /// A pinned probe's answer (request 0) or the end of one that probe() asked for.
    void answerArrived(const lacuna::AnswerReady& answer);
    /// One more token of an answer to probe().
    void answerTokenArrived(std::uint64_t request, const lacuna::ProbeAnswer::Token& token,
                            const QString& textSoFar);
    void ended(const lacuna::RunEnded& end);

private:
    [[nodiscard]] Status checkFree(const GroupPlace& place) const;
    void begin(std::unique_ptr<RunThread> thread, const GroupPlace& place);
    void poll();
    void take(const RunStarted& event);
    void take(const StepDone& step, std::vector<SeriesPoint>& points);
    void take(const std::vector<SeriesPoint>& added, std::vector<SeriesPoint>& points);
    void take(const EvaluationDone& event);
    void take(const AnswerReady& event);
    void finish(const RunEnded& end);

    Places m_places;
    std::unique_ptr<RunThread> m_thread;
    QTimer m_timer;
    RunRecord m_record;
    GroupPlace m_place;
    bool m_held = false;
    bool m_stopped = false;
    std::optional<StepDone> m_lastStep;
    PhaseProgress m_phase;
    double m_secondsPerStep = 0;
};

} // namespace lacuna
