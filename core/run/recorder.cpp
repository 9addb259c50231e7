#include "core/run/recorder.h"

namespace lacuna {

Recorder::Recorder(Store store, Run run, Mailbox& mailbox)
    : m_store(std::move(store)), m_run(std::move(run)), m_mailbox(mailbox)
{
}

void Recorder::state(RunState state)
{
    flush();
    m_store.setState(m_run.id, state).value();
    m_mailbox.post(StateChanged{state});
}

void Recorder::progress(const std::string& phase, double share)
{
    m_mailbox.post(PhaseProgress{phase, share});
}

void Recorder::log(const std::string& text)
{
    m_mailbox.post(LogLine{text});
}

void Recorder::step(const StepDone& step)
{
    const std::vector<SeriesPoint> points = seriesPoints(step);
    m_points.insert(m_points.end(), points.begin(), points.end());
    m_step = step.step;
    m_totalSteps = step.totalSteps;
    m_mailbox.post(step);
    if (Clock::now() - m_flushed > std::chrono::seconds(1))
        flush();
}

void Recorder::series(std::vector<SeriesPoint> points)
{
    m_points.insert(m_points.end(), points.begin(), points.end());
    m_mailbox.post(SeriesAdded{std::move(points)});
}

void Recorder::evaluations(std::int64_t step, EvaluationPhase phase,
                           const std::vector<Evaluation>& evaluations)
{
    m_store.addEvaluations(m_run.id, evaluations).value();
    EvaluationDone event{.step = step, .phase = phase};
    for (const Evaluation& evaluation : evaluations)
        event.values.push_back(
            {evaluation.set, evaluation.metric, evaluation.value, evaluation.count});
    m_mailbox.post(std::move(event));
}

void Recorder::answer(const AnswerReady& answer)
{
    const Answer row{.step = answer.step,
                     .prompt = answer.prompt,
                     .role = answer.role,
                     .text = answer.text,
                     .tokens = answer.tokens};
    m_store.addAnswers(m_run.id, std::span(&row, 1)).value();
    m_mailbox.post(answer);
}

void Recorder::interruption(std::int64_t step, InterruptionKind kind, const std::string& note)
{
    m_store.addInterruption(m_run.id, {.step = step, .kind = kind, .note = note}).value();
}

void Recorder::artefact(const Artefact& artefact)
{
    m_store.addArtefact(m_run.id, artefact).value();
}

void Recorder::flush()
{
    m_flushed = Clock::now();
    if (m_points.empty())
        return;
    m_store.appendSeries(m_run.id, m_points).value();
    m_store.setProgress(m_run.id, m_step, m_totalSteps).value();
    m_points.clear();
}

} // namespace lacuna
