#pragma once

#include "core/run/event.h"
#include "core/run/recorder.h"
#include "core/run/run_control.h"
#include "core/run/session.h"

#include <chrono>

namespace lacuna {

/// Serves what is asked of a run while it works: commands of this process (RunControl), requests of
/// other processes (the store), and probes. Run thread only, between micro-batches, when the
/// weights are those of the last whole step.
class CommandService {
public:
    /// All references outlive it.
    CommandService(Session& session, Recorder& recorder, RunControl& control);

    /// Does what waits, and sleeps while the run is paused.
    /// \param step  the last whole step
    /// \param state  of the run, to return to after a pause
    /// \return false when the run is to stop
    [[nodiscard]] bool serve(std::int64_t step, RunState state);

    /// Answers the probes that wait, unless they are held.
    void answerWaiting(std::int64_t step);
    /// Lets probes wait while the weights are not those of a whole step.
    void holdProbes(bool hold) { m_holdsProbes = hold; }
    [[nodiscard]] AnswerReady answer(Decoder& decoder, const ProbeRequest& request, ModelRole role,
                                     std::int64_t step);

private:
    void pollRequests();
    void waitWhilePaused(std::int64_t step, RunState state);

    Session& m_session;
    Recorder& m_recorder;
    RunControl& m_control;
    bool m_holdsProbes = false;
    std::chrono::steady_clock::time_point m_polled = std::chrono::steady_clock::now();
};

} // namespace lacuna
