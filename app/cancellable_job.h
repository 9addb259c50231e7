#pragma once

#include "app/background.h"
#include "core/base/guarded.h"
#include "core/models/threads.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <memory>
#include <utility>

namespace lacuna {

/// One long piece of work at a time on a thread of its own: what else waits in the background goes
/// on meanwhile. GUI thread only; destroying it cancels, and waits until the work has noticed.
class CancellableJob : public QObject {
    Q_OBJECT

public:
    /// How far a piece of work is, and whether it should go on. Any thread.
    class Course {
    public:
        /// \param share  done so far, in [0, 1]; \return false when the work is to end
        bool proceed(double share)
        {
            m_share = share;
            return !isCancelled();
        }
        [[nodiscard]] bool isCancelled() const { return m_cancelled; }

    private:
        friend class CancellableJob;
        std::atomic<double> m_share = 0;
        std::atomic<bool> m_cancelled = false;
    };

    explicit CancellableJob(QObject* parent = nullptr);
    ~CancellableJob() override;

    /// Runs \p work(Course&), which answers with a Result, there and then \p done(that) here. What
    /// it throws becomes an Error, and memory that it freed is given back. Not while one is
    /// running.
    template <class Work, class Done> void start(Work work, Done done)
    {
        begin();
        m_work.run(
            this,
            [work = std::move(work), course = m_course] {
                auto result = guardedResult([&] { return work(*course); });
                giveBackFreeMemory();
                return result;
            },
            [this, done = std::move(done)](auto result) {
                end();
                done(std::move(result));
            });
    }
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_running; }
    /// Of the work that is running, or of the last one.
    [[nodiscard]] bool isCancelled() const { return m_course->isCancelled(); }

Q_SIGNALS:
    void progressed(double share); ///< 0 to 1

private:
    void begin();
    void end();

    std::shared_ptr<Course> m_course = std::make_shared<Course>(); ///< shared with the thread
    bool m_running = false;
    QTimer m_timer;
    Background m_work; // last: joins before what it uses goes
};

} // namespace lacuna
