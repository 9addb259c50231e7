#pragma once

#include "core/base/result.h"
#include "core/run/mailbox.h"
#include "core/run/recipe.h"
#include "core/run/run_control.h"
#include "core/store/store.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace lacuna {

struct RunRequest {
    Recipe recipe;
    std::filesystem::path store;      ///< history file; made when missing
    std::filesystem::path runsFolder; ///< the run's own folder is made in it, named by its uid
    std::string programVersion;
    std::string group = {}; ///< what the history files it under, beside others; empty: nothing
    std::optional<RunId> parent = {}; ///< the run whose result it starts from
};

/// One run on a thread of its own, which owns every tensor of it. Commands in, events out; any
/// thread may call the commands, and none of them waits for the run. Destroying it asks the run to
/// stop where it is (it can be resumed) and joins.
class RunThread {
public:
    /// Opens the history and records the run; everything else happens on the thread, so that a
    /// recipe that cannot be followed is reported by RunEnded.
    [[nodiscard]] static Result<std::unique_ptr<RunThread>> start(const RunRequest& request);
    /// Continues an interrupted run from its newest checkpoint, or from the beginning when it has
    /// none. Refused while the process that works on it lives.
    /// \param reference  uid, its beginning, or a name
    [[nodiscard]] static Result<std::unique_ptr<RunThread>>
    resume(const std::filesystem::path& store, const std::string& reference);

    ~RunThread();
    RunThread(const RunThread&) = delete;
    RunThread& operator=(const RunThread&) = delete;

    [[nodiscard]] RunControl& control() { return m_control; }
    [[nodiscard]] Mailbox& mailbox() { return m_mailbox; }

private:
    RunThread() = default;
    void work(Store store, Run run, bool resume);

    RunControl m_control;
    Mailbox m_mailbox;
    std::jthread m_thread; // last: joins before what it uses goes
};

} // namespace lacuna
