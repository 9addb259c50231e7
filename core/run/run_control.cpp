#include "core/run/run_control.h"

#include <algorithm>
#include <utility>

namespace lacuna {

void RunControl::pause()
{
    const std::lock_guard lock(m_mutex);
    m_paused = true;
}

void RunControl::proceed()
{
    const std::lock_guard lock(m_mutex);
    m_paused = false;
    m_wake.notify_all();
}

void RunControl::stop(StopKind kind)
{
    const std::lock_guard lock(m_mutex);
    m_stop = std::max(m_stop, kind);
    m_wake.notify_all();
}

std::uint64_t RunControl::probe(ProbeRequest request)
{
    const std::lock_guard lock(m_mutex);
    request.token = ++m_lastToken;
    m_probes.push_back(std::move(request));
    m_wake.notify_all();
    return m_lastToken;
}

void RunControl::cancelProbe(std::uint64_t token)
{
    const std::lock_guard lock(m_mutex);
    m_cancelled.insert(token);
}

bool RunControl::probeCancelled(std::uint64_t token) const
{
    const std::lock_guard lock(m_mutex);
    return m_cancelled.contains(token);
}

bool RunControl::paused() const
{
    const std::lock_guard lock(m_mutex);
    return m_paused;
}

StopKind RunControl::stopKind() const
{
    const std::lock_guard lock(m_mutex);
    return m_stop;
}

std::vector<ProbeRequest> RunControl::takeProbes()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_probes, {});
}

void RunControl::waitWhilePaused(std::chrono::milliseconds limit)
{
    std::unique_lock lock(m_mutex);
    m_wake.wait_for(lock, limit,
                    [this] { return !m_paused || m_stop != StopKind::None || !m_probes.empty(); });
}

} // namespace lacuna
