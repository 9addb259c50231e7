#pragma once

#include "core/base/result.h"
#include "core/store/records.h"
#include "core/store/sqlite.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// The experiment history: one SQLite file with every run, what it measured and what it answered.
///
/// Not thread-safe: one Store a thread. Any number of them, in any number of processes, may have
/// the same file open; readers see committed data and never wait for the writer, and writers wait
/// five seconds for each other. Each command is one transaction: after an Error nothing of it is in
/// the file. Writing about a run that is not there is NotFound.
class Store {
public:
    /// Makes the folder and the file if \p mode says so, and brings an older file up to date (a
    /// copy is kept beside it, see migrate()), even one that is to be read only. Refuses a newer
    /// file with Unsupported and one that is something else with Corrupt, both untouched.
    [[nodiscard]] static Result<Store> open(const std::filesystem::path& path, OpenMode mode);

    [[nodiscard]] const std::filesystem::path& path() const { return m_database.path(); }

    // Runs

    [[nodiscard]] Result<Run> run(RunId id) const;
    /// By uid, else by a name that only one run has, else by the beginning of a uid (four digits or
    /// more). InvalidArgument when several runs fit.
    [[nodiscard]] Result<Run> findRun(std::string_view reference) const;
    /// `recipe` and `machine` are left empty: a list of many runs has no use for them.
    [[nodiscard]] Result<std::vector<Run>> runs(const RunFilter& filter = {}) const;
    /// Every tag in use, sorted.
    [[nodiscard]] Result<std::vector<std::string>> tags() const;

    /// Records \p run with its tags. `uid` and `createdAt` are filled in where they are empty; `id`
    /// and what only comes with time (start, end, step, end state, pid, summary) is ignored.
    /// \return the run as it now stands in the file
    [[nodiscard]] Result<Run> createRun(const Run& run);
    [[nodiscard]] Status rename(RunId id, const std::string& name);
    [[nodiscard]] Status setNote(RunId id, const std::string& note);
    [[nodiscard]] Status setGroup(RunId id, const std::string& group);
    [[nodiscard]] Status setFolder(RunId id, const std::string& folder);
    /// What loading has found out: the hashes of model and corpora, the device and precision that
    /// "auto" became. Everything else of \p run is ignored.
    [[nodiscard]] Status setInputs(RunId id, const Run& run);
    /// \p tag loses its outer spaces; an empty one or one of several lines is InvalidArgument.
    [[nodiscard]] Status addTag(RunId id, std::string_view tag);
    [[nodiscard]] Status removeTag(RunId id, std::string_view tag);
    /// Everything about the run. Its files stay, and runs that started from it lose their parent.
    /// \return the run's folder, for the caller to remove
    [[nodiscard]] Result<std::string> deleteRun(RunId id);

    // A run's course

    /// Writes down that process \p pid works on the run, provided that \p previous did so last: of
    /// two processes that want to take over, one gets true.
    [[nodiscard]] Result<bool> claim(RunId id, std::int64_t pid,
                                     std::optional<std::int64_t> previous = std::nullopt);
    /// Any state but the first starts the clock; an ended state also stops it and gives up the pid.
    /// Leaving an ended state forgets how it ended.
    [[nodiscard]] Status setState(RunId id, RunState state);
    /// setState() to an ended state, with the reasons.
    /// \throws std::logic_error when `end.state` is not one
    [[nodiscard]] Status endRun(RunId id, const RunEnd& end);
    [[nodiscard]] Status setProgress(RunId id, std::int64_t step, std::int64_t totalSteps);

    // What a run records

    /// A point that is there already takes the new value.
    [[nodiscard]] Status appendSeries(RunId id, std::span<const SeriesPoint> points);
    /// Before, during and after: the same metric at the same step replaces what was there.
    /// Standalone ones are all kept.
    [[nodiscard]] Status addEvaluations(RunId id, std::span<const Evaluation> evaluations);
    [[nodiscard]] Status addAnswers(RunId id, std::span<const Answer> answers);
    /// The same attack with the same settings on the same model replaces what was there.
    [[nodiscard]] Status addStressResults(RunId id, std::span<const StressResult> results);
    [[nodiscard]] Status addInterruption(RunId id, const Interruption& interruption);
    /// Replaces what was said about the same path.
    [[nodiscard]] Status addArtefact(RunId id, const Artefact& artefact);
    [[nodiscard]] Status removeArtefact(RunId id, const std::string& path);
    /// Forgets series, evaluations and answers of steps greater than \p step, so that a run that
    /// continues from a checkpoint records them again.
    [[nodiscard]] Status truncateAfter(RunId id, std::int64_t step);

    [[nodiscard]] Result<SeriesByKey> readSeries(RunId id) const;
    /// In the order in which they were added, by step.
    [[nodiscard]] Result<std::vector<Evaluation>> readEvaluations(RunId id, bool withSamples) const;
    /// What every run measured before and after, of all runs at once: a table of runs would
    /// otherwise ask for each. A run that has not got to its end has no `after`.
    [[nodiscard]] Result<std::vector<EvaluationChange>> readChanges() const;
    [[nodiscard]] Result<std::vector<Answer>> readAnswers(RunId id) const;
    /// In the order in which they were added.
    [[nodiscard]] Result<std::vector<StressResult>> readStressResults(RunId id) const;
    [[nodiscard]] Result<std::vector<Interruption>> readInterruptions(RunId id) const;
    [[nodiscard]] Result<std::vector<Artefact>> readArtefacts(RunId id) const;

    // Requests from one process to another

    [[nodiscard]] Status postRequest(RunId id, RequestKind kind);
    /// Those not handled yet, oldest first. Takes no lock, so that it can be polled.
    [[nodiscard]] Result<std::vector<Request>> pendingRequests(RunId id) const;
    [[nodiscard]] Status markHandled(std::int64_t requestId);

private:
    explicit Store(Database database);

    /// Runs a command that must touch the run's own row; its last parameter is the id.
    template <class... Args>
    [[nodiscard]] Status updateRun(RunId id, std::string_view sql, const Args&... args);
    [[nodiscard]] Error noSuchRun(std::string_view reference) const;

    Database m_database;
};

} // namespace lacuna
