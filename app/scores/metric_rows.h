#pragma once

#include "core/metrics/direction.h"
#include "core/store/records.h"

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// What one metric says about one corpus: original, unlearned and reference model. NaN: not
/// measured.
struct MetricRow {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::string set;    ///< empty: what sums all of them up
    std::string metric; ///< catalogue id
    std::string variant;
    double original = kUnknown;
    double unlearned = kUnknown;
    double reference = kUnknown;
    std::int64_t count = 0;             ///< samples behind the unlearned value, or the original's
    std::optional<std::int64_t> during; ///< the step at which it was measured on the way
    bool standalone = false;            ///< measured apart from the run
    /// Positions of what was measured, by ModelRole; one whose value is missing has one too.
    std::array<std::optional<std::size_t>, 3> sources = {};
    /// Of unlearned minus original, paired by sample; nothing: unknown.
    std::optional<Interval> change = {};

    [[nodiscard]] double value(ModelRole role) const;
    [[nodiscard]] std::optional<std::size_t> source(ModelRole role) const
    {
        return sources.at(static_cast<std::size_t>(role));
    }
};

/// What becomes of values that were measured apart from the run.
enum class Standalone : std::uint8_t {
    LeftOut,
    /// A row that has some consists of them alone, the newest: other samples may be behind them.
    Preferred,
};

/// Works out what is known of where the values of \p rows lie, from the samples of \p evaluations,
/// and leaves it in both. Takes a thousand draws of each sample.
void addIntervals(std::vector<MetricRow>& rows, std::vector<Evaluation>& evaluations);

/// One row a set, metric and variant: forget set first, then retain, holdout and others; metrics in
/// the order in which they were measured. What was measured on the way, with fewer samples, counts
/// only until there is a value from after the run.
[[nodiscard]] std::vector<MetricRow> metricRows(const std::vector<Evaluation>& evaluations,
                                                Standalone standalone = Standalone::LeftOut);

} // namespace lacuna
