#pragma once

#include "core/base/result.h"
#include "core/run/sweep.h"
#include "core/store/records.h"

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// The runs of a sweep or a sequence as the history has them: what is left to be done, and what it
/// came to.
namespace lacuna {

class Store;

/// Every run of \p group with its recipe, newest first.
[[nodiscard]] Result<std::vector<Run>> readGroup(const Store& store, const std::string& group);

/// The newest of \p runs (newest first) that was made from \p recipe.
[[nodiscard]] std::optional<Run> recordOf(const std::vector<Run>& runs, const Recipe& recipe);

/// Whether the run has a result: a point of a sweep that need not be done again.
[[nodiscard]] bool hasResult(const Run& run);

/// A run under the name that it has within its group.
struct LabelledRun {
    std::string label;
    Run run;
};

/// Going through a sweep once, point by point: what the history has is passed over, what was
/// interrupted is continued, the rest is started. A point that fails ends a sequence, whose next
/// request would start from its result, but not a grid.
///
///     for (SweepPass pass(sweep, runs); !pass.atEnd();) {
///         const SweepPass::Step step = pass.step();
///         pass.advance(step.isDone() ? step.record : what becomes of step.recipe);
///     }
class SweepPass {
public:
    struct Step {
        std::size_t number = 0; ///< from 0
        std::string label;
        Recipe recipe;
        std::optional<RunId> parent; ///< of a request: the run whose result it starts from
        std::optional<Run> record;   ///< the newest that the history has of it

        [[nodiscard]] bool isDone() const { return record && hasResult(*record); }
        /// The record is to be continued; otherwise a new run begins.
        [[nodiscard]] bool continues() const;
    };

    /// \param runs  what the history has of the group, see readGroup()
    SweepPass(Sweep sweep, std::vector<Run> runs);

    [[nodiscard]] const Sweep& sweep() const { return m_sweep; }
    [[nodiscard]] bool atEnd() const { return m_broken || m_number == m_sweep.points.size(); }
    /// \throws std::out_of_range at the end
    [[nodiscard]] Step step() const;
    /// Goes on to the next point.
    /// \param record  of this one as it now is; nothing: the history has none
    void advance(const std::optional<Run>& record);

    /// A request came to no result, so that those behind it cannot be done.
    [[nodiscard]] bool isBroken() const { return m_broken; }
    /// Of the points that are behind it, those that are on record.
    [[nodiscard]] const std::vector<LabelledRun>& recorded() const { return m_recorded; }

private:
    Sweep m_sweep;
    std::vector<Run> m_runs;
    std::size_t m_number = 0;
    bool m_broken = false;
    std::optional<Run> m_previous; ///< of a sequence
    std::vector<LabelledRun> m_recorded;
};

/// What the runs of a group are compared by: a metric of a set, after the run.
struct SweepMeasure {
    const char* title;
    const char* set;
    const char* metric;
};
/// The set "utility" is all of them together, see utilityOf().
inline constexpr std::array<SweepMeasure, 6> kSweepMeasures = {
    {{"forget probability", "forget", "probability"},
     {"forget ES", "forget", "extraction-strength"},
     {"retain probability", "retain", "probability"},
     {"retain ES", "retain", "extraction-strength"},
     {"utility", "utility", "harmonic mean"},
     {"fluency", "forget", "fluency"}}};

/// What is left of the ability to answer, in [0, 1]: the harmonic mean, over the utility sets, of
/// the probability of the right answers and, where the model answered by itself, of ROUGE-L (as
/// TOFU's model utility: Maini et al. 2024, arXiv:2401.06121, without its truth ratio; its retain
/// set may be one of the sets). NaN for a run without utility sets.
[[nodiscard]] double utilityOf(const std::vector<Evaluation>& evaluations, EvaluationPhase phase);

/// What a run came to. NaN: not measured.
struct SweepOutcome {
    LabelledRun of;
    std::array<double, kSweepMeasures.size()> values = {};     ///< in the order of kSweepMeasures
    double seconds = std::numeric_limits<double>::quiet_NaN(); ///< of training
    bool best = false; ///< no other one beats it, see paretoFront()
};

/// A run whose measurements cannot be read has none.
[[nodiscard]] std::vector<SweepOutcome> readOutcomes(const Store& store,
                                                     const std::vector<LabelledRun>& runs);

/// Runs of one recipe that differ in their seed alone.
struct SeedSpread {
    std::string label;    ///< without the seed
    std::size_t runs = 0; ///< with a result; two at least
    /// In the order of kSweepMeasures; NaN where a run has no value.
    std::array<double, kSweepMeasures.size()> means = {};
    std::array<double, kSweepMeasures.size()> deviations = {}; ///< of a sample: n - 1
};

/// In the order of their first runs. Empty for a sweep of one seed.
[[nodiscard]] std::vector<SeedSpread> spreadOverSeeds(const std::vector<SweepOutcome>& outcomes);

/// How much of each target of a sequence is known after each request, as the mean probability of
/// the answers.
struct Timeline {
    struct Curve {
        std::string label;
        /// By request, from 1; at 0 what was known before the first. NaN: not measured.
        std::vector<double> known;
    };
    std::vector<Curve> targets; ///< in the order of the requests; known from the one before its own
    Curve retain;               ///< without a label
};

[[nodiscard]] Timeline readTimeline(const Store& store, const std::vector<LabelledRun>& requests);

/// The runs of a group (newest first) with labels, oldest first; of several made from one recipe
/// the newest stands for all.
[[nodiscard]] std::vector<LabelledRun> labelledRuns(const std::vector<Run>& runs);

/// The requests that run \p id is one of, from the first to the last that started from another's
/// result. Where several did, the newest counts. Empty for a run of a grid.
[[nodiscard]] std::vector<LabelledRun> requestLine(const std::vector<LabelledRun>& runs, RunId id);

} // namespace lacuna
