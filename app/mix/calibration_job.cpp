#include "app/mix/calibration_job.h"

#include "core/base/guarded.h"
#include "core/models/threads.h"

namespace lacuna {

namespace {

constexpr int kPollMs = 33;

} // namespace

CalibrationJob::CalibrationJob(QObject* parent) : QObject(parent)
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { Q_EMIT progressed(m_shared->share); });
}

CalibrationJob::~CalibrationJob()
{
    cancel();
}

void CalibrationJob::calibrate(const CalibrationRequest& request,
                               std::function<void(const Result<Calibration>&)> done)
{
    m_work.run(
        this,
        [request, shared = begin()] {
            auto found = guardedResult([&] {
                return lacuna::calibrate(request, [&](double share) {
                    shared->share = share;
                    return !shared->cancelled;
                });
            });
            giveBackFreeMemory();
            return found;
        },
        [this, done = std::move(done)](const Result<Calibration>& found) {
            end();
            done(found);
        });
}

void CalibrationJob::write(const CalibrationRequest& request, double amount,
                           const std::filesystem::path& folder,
                           std::function<void(const Status&, bool)> done)
{
    m_work.run(
        this,
        [request, amount, folder, shared = begin()] {
            Status written = guarded([&] {
                return writeMix(request.evaluation.model, request.unlearned, amount, folder,
                                [&] { return shared->cancelled.load(); });
            });
            giveBackFreeMemory();
            return written;
        },
        [this, done = std::move(done), shared = m_shared](const Status& status) {
            end();
            done(status, shared->cancelled);
        });
}

std::shared_ptr<CalibrationJob::Shared> CalibrationJob::begin()
{
    m_shared = std::make_shared<Shared>();
    m_running = true;
    m_timer.start();
    return m_shared;
}

void CalibrationJob::end()
{
    m_running = false;
    m_timer.stop();
}

void CalibrationJob::cancel()
{
    m_shared->cancelled = true;
}

} // namespace lacuna
