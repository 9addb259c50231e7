#pragma once

#include "core/run/run_thread.h"
#include "tests/core/run/small_run.h"

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace lacuna {

/// A run in a folder of its own, followed event by event.
class WatchedRun {
public:
    explicit WatchedRun(const Json& recipe)
    {
        m_thread = RunThread::start({.recipe = parseRecipe(recipe, {}).value(),
                                     .store = history(),
                                     .runsFolder = m_folder.file("runs"),
                                     .programVersion = "test"})
                       .value();
    }

    [[nodiscard]] std::filesystem::path history() const { return m_folder.file("history.sqlite"); }
    [[nodiscard]] RunControl& control() { return m_thread->control(); }
    [[nodiscard]] RunOutcome record() const { return onlyRecord(history()); }
    [[nodiscard]] Store store() const
    {
        return Store::open(history(), OpenMode::ReadWrite).value();
    }
    [[nodiscard]] std::filesystem::path folder() const { return record().run.folder; }

    /// The next event that \p wanted accepts; false when the run ended before it came.
    bool until(const std::function<bool(const RunEvent&)>& wanted)
    {
        while (true) {
            for (; m_next < m_events.size(); ++m_next) {
                if (wanted(m_events[m_next])) {
                    ++m_next;
                    return true;
                }
                if (std::holds_alternative<RunEnded>(m_events[m_next]))
                    return false;
            }
            take();
        }
    }
    bool untilStep(std::int64_t step)
    {
        return until([step](const RunEvent& event) {
            const auto* done = std::get_if<StepDone>(&event);
            return done && done->step == step;
        });
    }
    bool untilState(RunState state)
    {
        return until([state](const RunEvent& event) {
            const auto* changed = std::get_if<StateChanged>(&event);
            return changed && changed->state == state;
        });
    }
    bool untilAnswer(std::uint64_t token)
    {
        return until([token](const RunEvent& event) {
            const auto* answer = std::get_if<AnswerReady>(&event);
            return answer && answer->request == token;
        });
    }
    RunEnded untilEnd()
    {
        while (m_events.empty() || !std::holds_alternative<RunEnded>(m_events.back()))
            take();
        return std::get<RunEnded>(m_events.back());
    }

    /// Continues the run, which must have ended; events start anew.
    void resume()
    {
        m_thread.reset();
        m_events.clear();
        m_next = 0;
        m_thread = RunThread::resume(history(), "small").value();
    }
    /// The program goes away in the middle of the run.
    void abandon() { m_thread.reset(); }

    template <class Event> [[nodiscard]] std::vector<Event> all() const
    {
        std::vector<Event> found;
        for (const RunEvent& event : m_events)
            if (const auto* one = std::get_if<Event>(&event))
                found.push_back(*one);
        return found;
    }
    /// How many events were there when the last awaited one was.
    [[nodiscard]] std::size_t position() const { return m_next; }
    [[nodiscard]] const std::vector<RunEvent>& events() const { return m_events; }
    /// Moves what has been posted into events().
    void gather()
    {
        for (RunEvent& event : m_thread->mailbox().drain())
            m_events.push_back(std::move(event));
    }

private:
    void take()
    {
        if (!m_thread->mailbox().wait(std::chrono::seconds(60)))
            throw std::logic_error("the run is silent");
        gather();
    }

    TemporaryFolder m_folder;
    std::vector<RunEvent> m_events;
    std::size_t m_next = 0;
    std::unique_ptr<RunThread> m_thread;
};

/// The small recipe with values at JSON pointers replaced.
inline Json changed(std::initializer_list<std::pair<const char*, Json>> changes)
{
    Json recipe = smallRecipe();
    for (const auto& [pointer, value] : changes)
        recipe[Json::json_pointer(pointer)] = value;
    return recipe;
}

/// What is left of a run that is ended at once after \p step and then continued to its end.
inline RunOutcome interruptedAfter(std::int64_t step, const Json& recipe)
{
    WatchedRun run(recipe);
    if (!run.untilStep(step))
        throw std::logic_error("the run ended before it could be interrupted");
    run.control().stop(StopKind::Now);
    run.untilEnd();
    run.resume();
    run.untilEnd();
    return run.record();
}

} // namespace lacuna
