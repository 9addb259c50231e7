#include "app/stress_job.h"

#include <mutex>
#include <utility>

namespace lacuna {

/// What the battery's thread has told and nobody has shown yet.
struct StressJob::Course {
    std::mutex mutex;
    std::optional<StressProgress> progress; // guarded by mutex
    std::optional<StressSpeed> speed;       // guarded by mutex
    std::vector<StressResult> rows;         // guarded by mutex
};

StressJob::StressJob(QObject* parent) : QObject(parent), m_course(std::make_shared<Course>())
{
    connect(&m_job, &CancellableJob::progressed, this, [this] { drain(); });
}

void StressJob::estimate(const StressRequest& request)
{
    m_job.start(
        [request](CancellableJob::Course& course) {
            return measureStress(request, [&] { return course.proceed(0); });
        },
        [this](const Result<std::optional<StressSpeed>>& speed) {
            if (speed && *speed)
                Q_EMIT measured(**speed);
            Q_EMIT estimateEnded(speed ? std::nullopt : std::optional(speed.error()));
        });
}

void StressJob::start(const StressRequest& request)
{
    m_course = std::make_shared<Course>();
    m_job.start(
        [request, told = m_course](CancellableJob::Course& course) {
            const StressWatch watch{.proceed =
                                        [&](const StressProgress& progress) {
                                            const std::lock_guard lock(told->mutex);
                                            told->progress = progress;
                                            return course.proceed(progress.share);
                                        },
                                    .measured =
                                        [&](const StressSpeed& speed) {
                                            const std::lock_guard lock(told->mutex);
                                            told->speed = speed;
                                        },
                                    .found =
                                        [&](const std::vector<StressResult>& rows) {
                                            const std::lock_guard lock(told->mutex);
                                            told->rows.insert(told->rows.end(), rows.begin(),
                                                              rows.end());
                                        }};
            return runStress(request, watch);
        },
        [this](const Result<StressReport>& report) {
            drain();
            Q_EMIT ended(report);
        });
}

void StressJob::drain()
{
    std::optional<StressProgress> progress;
    std::optional<StressSpeed> speed;
    std::vector<StressResult> rows;
    {
        const std::lock_guard lock(m_course->mutex);
        progress = std::exchange(m_course->progress, std::nullopt);
        speed = std::exchange(m_course->speed, std::nullopt);
        rows = std::exchange(m_course->rows, {});
    }
    if (speed)
        Q_EMIT measured(*speed);
    if (!rows.empty())
        Q_EMIT found(rows);
    if (progress)
        Q_EMIT progressed(*progress);
}

} // namespace lacuna
