#pragma once

#include "core/base/result.h"
#include "core/metrics/metric.h"
#include "core/store/records.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

class Store;

/// What was measured once, with where it probably lies.
struct MeasuredValue {
    Evaluation evaluation = {};            ///< without samples
    std::optional<Interval> interval = {}; ///< 95 %
    bool resampled = false;      ///< the interval is not on record but was made for the report
    std::string noInterval = {}; ///< why there is none, in a sentence without full stop
};

/// One metric of one set: the original's value, the unlearned model's, the reference's.
struct MeasuredQuantity {
    std::string set; ///< without "reference-"
    std::string metric;
    std::string variant;
    std::optional<MeasuredValue> before = {};
    std::optional<MeasuredValue> after = {}; ///< or the last one on the way, of fewer samples
    std::optional<MeasuredValue> reference = {};
    /// Mean of the differences of the same samples, 95 %; nothing where the values are no means of
    /// their samples, or not of the same ones.
    std::optional<Interval> change = {};
};

/// Everything the history knows of a run, with intervals.
struct RunContent {
    Run run;
    std::vector<MeasuredQuantity> quantities; ///< forget set first, then retain, holdout and others
    std::vector<MeasuredValue> measured;      ///< in the order in which they were
    std::size_t leftOut = 0;                  ///< measured on the way, and too many for a table
    SeriesByKey series;
    std::vector<Answer> answers;
    std::vector<Interruption> interruptions;
    std::vector<Artefact> artefacts;
    std::vector<StressResult> stress; ///< of each attack's last battery

    [[nodiscard]] const MeasuredQuantity* find(const std::string& set,
                                               const std::string& metric) const;
    [[nodiscard]] bool hasSet(const std::string& set) const;
    [[nodiscard]] bool hasReference() const;
};

/// Takes as long as resampling does: some milliseconds for each evaluation of a hundred samples.
[[nodiscard]] Result<RunContent> readRunContent(const Store& store, RunId id);

/// The interval on record, else a resampled one where the value is the mean of its samples, else
/// the reason why there is none.
[[nodiscard]] MeasuredValue withInterval(Evaluation evaluation);

} // namespace lacuna
