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
#include <vector>

namespace lacuna {

class RunThread;

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
    [[nodiscard]] bool isPaused() const;
    /// Of the active run or of the last one; Prepared with an empty uid when there was none.
    [[nodiscard]] const RunRecord& record() const { return m_record; }
    [[nodiscard]] RunState state() const { return m_record.run.state; }
    /// Newest numbers: the last step, the phase that goes on, seconds left where they can be told.
    [[nodiscard]] const std::optional<StepDone>& lastStep() const { return m_lastStep; }
    [[nodiscard]] const PhaseProgress& phase() const { return m_phase; }
    [[nodiscard]] std::optional<double> secondsLeft() const;

    /// Refused while a run is active.
    [[nodiscard]] Status start(const Recipe& recipe);
    /// Continues an interrupted run.
    [[nodiscard]] Status resume(const RunRecord& record);
    void pause();
    void proceed();
    void stop(StopKind kind);
    /// Asks the model as it is now; answerToken and answerArrived carry the returned token.
    std::uint64_t probe(ProbeRequest request);
    /// Ends the answer after the token it is at.
    void cancelProbe(std::uint64_t request);

Q_SIGNALS:
    void started();
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
    void begin(std::unique_ptr<RunThread> thread);
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
    std::optional<StepDone> m_lastStep;
    PhaseProgress m_phase;
    double m_secondsPerStep = 0;
};

} // namespace lacuna
