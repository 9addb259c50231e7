#include "core/store/records.h"

#include "core/base/hash.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <unistd.h>

#include <atomic>

namespace lacuna {

bool isEnded(RunState state)
{
    switch (state) {
    case RunState::Prepared:
    case RunState::Baseline:
    case RunState::Caching:
    case RunState::Running:
    case RunState::Paused:
    case RunState::FinalEvaluation:
        return false;
    case RunState::Done:
    case RunState::Stopped:
    case RunState::Discarded:
    case RunState::Failed:
    case RunState::Interrupted:
        return true;
    }
    return true;
}

std::string utcText(std::chrono::system_clock::time_point time)
{
    using namespace std::chrono;
    const auto whole = floor<seconds>(time);
    const auto rest = duration_cast<milliseconds>(time - whole).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)),
                       rest);
}

std::string utcNow()
{
    return utcText(std::chrono::system_clock::now());
}

std::string runUid(std::chrono::system_clock::time_point created, std::int64_t pid,
                   std::uint64_t counter)
{
    const auto ticks =
        std::chrono::duration_cast<std::chrono::nanoseconds>(created.time_since_epoch()).count();
    return sha256(fmt::format("{}/{}/{}", ticks, pid, counter)).substr(0, 12);
}

std::string newRunUid()
{
    static std::atomic<std::uint64_t> counter = 0;
    return runUid(std::chrono::system_clock::now(), ::getpid(), counter++);
}

} // namespace lacuna
