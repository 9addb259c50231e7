#pragma once

#include "app/cancellable_job.h"
#include "core/run/stress_battery.h"

#include <QObject>

#include <memory>

namespace lacuna {

/// A stress battery, or the estimate of one, on a thread of its own. GUI thread only; destroying it
/// cancels, and waits until the battery has noticed.
class StressJob : public QObject {
    Q_OBJECT

public:
    explicit StressJob(QObject* parent = nullptr);

    /// Runs the first pass alone, so that it is known what each attack takes. Not while one is
    /// running.
    void estimate(const StressRequest& request);
    /// Not while one is running.
    void start(const StressRequest& request);
    /// Ends within a few tokens; what was found so far comes with ended().
    void cancel() { m_job.cancel(); }
    [[nodiscard]] bool isRunning() const { return m_job.isRunning(); }
    [[nodiscard]] bool isCancelled() const { return m_job.isCancelled(); }

Q_SIGNALS:
    void progressed(const lacuna::StressProgress& progress);
    /// From either; while the battery goes on, again for each model.
    void measured(const lacuna::StressSpeed& speed);
    void found(const std::vector<lacuna::StressResult>& rows);
    void ended(const lacuna::Result<lacuna::StressReport>& report);
    /// An estimate is over, cancelled ones too. \p error  why it came to nothing
    void estimateEnded(const std::optional<lacuna::Error>& error);

private:
    struct Course;
    void drain();

    std::shared_ptr<Course> m_course; ///< shared with the thread
    CancellableJob m_job;             // last: its answers use the rest
};

} // namespace lacuna
