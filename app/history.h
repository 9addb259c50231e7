#pragma once

#include "app/run_record.h"
#include "core/base/result.h"
#include "core/run/comparison.h"
#include "core/run/stress_battery.h"
#include "core/run/sweep_runs.h"

#include <QObject>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lacuna {

class Background;
class Store;

/// A row of the history table: the run, and what its metrics were before and after, by
/// "set metric" such as "forget probability".
struct RunOverview {
    struct Change {
        double before = 0;
        double after = 0;
    };
    Run run;
    std::map<std::string, Change> changes;
};

/// The runs that a run stands among.
struct GroupRecord {
    std::vector<SweepOutcome> outcomes; ///< of the whole group, oldest first
    std::vector<LabelledRun> requests;  ///< the sequence that it is in; empty: it is one of a grid
    Timeline timeline;                  ///< of the requests
};

/// What a run's stress battery works on, and what earlier ones found.
struct StressRecord {
    Run run;
    Result<StressRequest> request; ///< or why there is nothing to attack
    std::vector<StressResult> results;
};

/// Whether run.folder is one that the run made: the path is a text in a file that may come from
/// anywhere, and runs name their folders after themselves. Only such a folder is ever removed.
[[nodiscard]] bool ownsFolder(const Run& run);

/// The experiment history as pages use it: every call returns at once, reads and writes the file on
/// the background thread, and answers on the GUI thread unless \p context is gone by then.
class History : public QObject {
    Q_OBJECT

public:
    History(std::filesystem::path file, Background& background, QObject* parent = nullptr);

    template <class T> using Done = std::function<void(Result<T>)>;

    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }

    /// All runs, newest first.
    void list(QObject* context, Done<std::vector<RunOverview>> done);
    void load(QObject* context, RunId id, Done<RunRecord> done);
    /// With the values of single samples, of a run of \p file, which may be another history's.
    void loadWithSamples(QObject* context, const std::filesystem::path& file, RunId id,
                         Done<RunRecord> done);
    /// A run with all that it is compared by, per-sample values too.
    void loadCompared(QObject* context, RunId id, Done<ComparedRun> done);
    /// The group of a run that has one.
    void loadGroup(QObject* context, RunId id, Done<GroupRecord> done);
    void loadStress(QObject* context, RunId id, Done<StressRecord> done);
    /// A run of another history file, such as the bundled experiment: its newest.
    void loadNewest(QObject* context, const std::filesystem::path& file, Done<RunRecord> done);

    void rename(QObject* context, RunId id, const std::string& name, Done<void> done);
    void setNote(QObject* context, RunId id, const std::string& note, Done<void> done);
    /// Adds and removes tags so that the run has exactly \p tags.
    void setTags(QObject* context, RunId id, const std::vector<std::string>& tags, Done<void> done);
    void addStress(QObject* context, RunId id, const std::vector<StressResult>& results,
                   Done<void> done);
    /// What was measured of the run's models apart from it.
    void addEvaluations(QObject* context, RunId id, std::vector<Evaluation> evaluations,
                        Done<void> done);
    /// The record and the run's folder, provided that it ownsFolder(). Refused while a process
    /// works on the run.
    void remove(QObject* context, RunId id, Done<void> done);

    /// Tells every view that runs came, went or changed.
    void announce() { Q_EMIT changed(); }

Q_SIGNALS:
    void changed();

private:
    /// Answers \p done, and announces what was written.
    void write(QObject* context, std::function<Status(Store&)> work, Done<void> done);

    std::filesystem::path m_file;
    Background& m_background;
};

} // namespace lacuna
