#include "app/cancellable_job.h"

namespace lacuna {

namespace {

constexpr int kPollMs = 33;

} // namespace

CancellableJob::CancellableJob(QObject* parent) : QObject(parent)
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { Q_EMIT progressed(m_course->m_share); });
}

CancellableJob::~CancellableJob()
{
    cancel();
}

void CancellableJob::cancel()
{
    m_course->m_cancelled = true;
}

void CancellableJob::begin()
{
    m_course = std::make_shared<Course>();
    m_running = true;
    m_timer.start();
}

void CancellableJob::end()
{
    m_running = false;
    m_timer.stop();
}

} // namespace lacuna
