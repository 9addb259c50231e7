#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace lacuna {

enum class StopKind : std::uint8_t {
    None,
    Keep,    ///< end after this micro-batch, evaluate, save the result
    Discard, ///< end, keep the record but no model
    Now,     ///< end without final evaluation; the run can be resumed from its checkpoint
};

struct ProbeRequest {
    std::uint64_t token = 0; ///< given by RunControl::probe()
    std::string prompt;
    bool raw = false; ///< continue it as it stands, see ProbePrompt
    /// An id in promptFormats(), or kModelTemplate; empty: the recipe's.
    std::string promptTemplate = {};
    std::int64_t maxNewTokens = 64;
    double temperature = 0;
    double topP = 1;
    std::uint64_t seed = 0;
};

/// Commands to a run, from any thread; the run thread takes them between micro-batches.
class RunControl {
public:
    void pause();
    void proceed();
    /// A stronger kind replaces a weaker one, never the reverse.
    void stop(StopKind kind);
    /// \return the token that the answer will carry
    std::uint64_t probe(ProbeRequest request);
    /// Ends the answer after the token it is at; one that has not begun comes back empty.
    void cancelProbe(std::uint64_t token);

    [[nodiscard]] bool paused() const;
    [[nodiscard]] StopKind stopKind() const;
    [[nodiscard]] std::vector<ProbeRequest> takeProbes();
    [[nodiscard]] bool probeCancelled(std::uint64_t token) const;
    /// Sleeps while paused, until something else is asked or \p limit passed.
    void waitWhilePaused(std::chrono::milliseconds limit);

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_paused = false;               // guarded by m_mutex
    StopKind m_stop = StopKind::None;    // guarded by m_mutex
    std::vector<ProbeRequest> m_probes;  // guarded by m_mutex
    std::uint64_t m_lastToken = 0;       // guarded by m_mutex
    std::set<std::uint64_t> m_cancelled; // guarded by m_mutex
};

} // namespace lacuna
