#pragma once

#include "core/base/result.h"
#include "core/run/event.h"
#include "core/run/mailbox.h"
#include "core/store/store.h"

#include <chrono>
#include <string>
#include <vector>

namespace lacuna {

/// Writes what a run reports into the history and posts it to the mailbox. Series points are
/// gathered and written together, at the latest a second after they came. Failures throw
/// ErrorException: a run that cannot be recorded must not go on. Run thread only.
class Recorder {
public:
    Recorder(Store store, Run run, Mailbox& mailbox);

    [[nodiscard]] const Run& run() const { return m_run; }
    [[nodiscard]] Store& store() { return m_store; }

    void state(RunState state);
    void progress(const std::string& phase, double share);
    void log(const std::string& text);
    void step(const StepDone& step);
    void series(std::vector<SeriesPoint> points);
    void evaluations(std::int64_t step, EvaluationPhase phase,
                     const std::vector<Evaluation>& evaluations);
    void answer(const AnswerReady& answer);
    void interruption(std::int64_t step, InterruptionKind kind, const std::string& note = {});
    void artefact(const Artefact& artefact);
    /// Everything gathered is in the file after this.
    void flush();
    void post(RunEvent event) { m_mailbox.post(std::move(event)); }

private:
    using Clock = std::chrono::steady_clock;

    Store m_store;
    Run m_run;
    Mailbox& m_mailbox;
    std::vector<SeriesPoint> m_points;
    std::int64_t m_step = 0;
    std::int64_t m_totalSteps = 0;
    Clock::time_point m_flushed = Clock::now();
};

} // namespace lacuna
