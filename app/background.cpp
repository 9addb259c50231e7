#include "app/background.h"

namespace lacuna {

Background::Background() : m_thread([this](const std::stop_token& stop) { work(stop); }) {}

Background::~Background() = default;

void Background::enqueue(std::function<void()> job)
{
    const std::lock_guard lock(m_mutex);
    m_jobs.push_back(std::move(job));
    m_arrived.notify_one();
}

void Background::deliver(std::function<void()> call)
{
    QMetaObject::invokeMethod(&m_gui, std::move(call), Qt::QueuedConnection);
}

void Background::work(const std::stop_token& stop)
{
    while (true) {
        std::unique_lock lock(m_mutex);
        m_arrived.wait(lock, stop, [this] { return !m_jobs.empty(); });
        if (stop.stop_requested())
            return;
        std::function<void()> job = std::move(m_jobs.front());
        m_jobs.pop_front();
        lock.unlock();
        job();
    }
}

} // namespace lacuna
