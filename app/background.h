#pragma once

#include "core/base/guarded.h"

#include <QObject>
#include <QPointer>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace lacuna {

/// One thread beside the GUI thread for whatever would block it: files, headers, the history. Jobs
/// run one after another. GUI thread only; destroying it drops waiting jobs and waits for the one
/// that runs.
class Background {
public:
    Background();
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// Runs \p work there and then \p done with its result on the GUI thread, unless \p context is
    /// gone by then. \p work must not throw: functions that answer with Result do not.
    template <class Work, class Done> void run(QObject* context, Work work, Done done)
    {
        ++m_pending;
        enqueue([context = QPointer<QObject>(context), work = std::move(work),
                 done = std::move(done), this]() mutable {
            auto result = work();
            deliver([context, done = std::move(done), result = std::move(result), this]() mutable {
                --m_pending;
                if (context)
                    done(std::move(result));
            });
        });
    }

    /// Jobs whose result has not been delivered yet.
    [[nodiscard]] int pending() const { return m_pending; }

private:
    void enqueue(std::function<void()> job);
    void deliver(std::function<void()> call);
    void work(const std::stop_token& stop);

    int m_pending = 0;
    QObject m_gui; ///< lives on the GUI thread; calls are delivered through it
    std::mutex m_mutex;
    std::condition_variable_any m_arrived;
    std::deque<std::function<void()>> m_jobs; // guarded by m_mutex
    std::jthread m_thread;                    // last: joins before what it uses goes
};

} // namespace lacuna
