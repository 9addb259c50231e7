#pragma once

#include "core/run/event.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace lacuna {

/// Events from the run thread to whoever watches. Any thread may post and drain.
class Mailbox {
public:
    void post(RunEvent event)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_events.push_back(std::move(event));
        }
        m_arrived.notify_all();
    }

    /// Everything posted since the last call, in order.
    [[nodiscard]] std::vector<RunEvent> drain()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_events, {});
    }

    /// Waits until something is there. \return false when \p limit passed first
    [[nodiscard]] bool wait(std::chrono::milliseconds limit)
    {
        std::unique_lock lock(m_mutex);
        return m_arrived.wait_for(lock, limit, [this] { return !m_events.empty(); });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_arrived;
    std::vector<RunEvent> m_events; // guarded by m_mutex
};

} // namespace lacuna
