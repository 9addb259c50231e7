#pragma once

#include "core/base/result.h"
#include "core/metrics/metric.h"
#include "core/run/run_settings.h"
#include "core/store/records.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Runs of the history side by side: what each measured, how far that is from a pinned one, and
/// which of them no other beats.
namespace lacuna {

class Store;

/// What is measured. The same of two runs is the same quantity, so that they can be compared.
struct Quantity {
    std::string set;
    std::string metric;
    std::string variant = {};
    bool standalone = false; ///< measured apart from the run

    /// "forget probability (variant), standalone"
    [[nodiscard]] std::string name() const;
    friend auto operator<=>(const Quantity&, const Quantity&) = default;
};

/// The set and metric under which utilityOf() stands among what a run measured.
inline constexpr const char* kUtilitySet = "utility";
inline constexpr const char* kUtilityMetric = "harmonic mean";

/// A quantity of one run, before it and after. NaN: not measured.
struct Measurement {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    Quantity of;
    double before = kUnknown;
    double reference = kUnknown; ///< of the model retrained without the forget set
    double latest = kUnknown;    ///< after the run, or the newest on the way if there is none
    std::int64_t count = 0;      ///< samples behind `latest`
    std::optional<Interval> interval = {};   ///< of `latest`
    std::string missing = {};                ///< why `latest` is not known
    std::optional<std::int64_t> during = {}; ///< the step of `latest`, if it is from on the way
    std::vector<std::int64_t> samples = {};  ///< ids behind `latest`, ascending
    std::vector<double> values = {};         ///< in their order; empty: not kept
};

/// One row a quantity, in the order in which they were first measured; utilityOf() last, where
/// there is one. What was measured on the way, with fewer samples, counts only until there is a
/// value from after the run. Sets named "reference-..." and "original-..." are what those models
/// have on the others.
[[nodiscard]] std::vector<Measurement> measurementsOf(const std::vector<Evaluation>& evaluations);

/// A run with all that is compared. A plain value: threads may share one that nobody changes.
struct ComparedRun {
    Run run;
    RunSettings settings = {};
    std::vector<Measurement> measured = {};
    /// Of the training steps, and of what was measured on the way as "forget probability".
    SeriesByKey curves = {};
    std::vector<Answer> answers = {};

    /// Null: not measured.
    [[nodiscard]] const Measurement* find(const Quantity& quantity) const;
};

/// \param withSamples  keeps per-sample values, which deltaFrom() needs for paired intervals
[[nodiscard]] Result<ComparedRun> readComparedRun(const Store& store, RunId id, bool withSamples);

/// How the interval of a difference was come by.
enum class DeltaBasis : std::uint8_t {
    None,        ///< there is no interval
    Paired,      ///< bootstrap over the differences of the same samples
    Independent, ///< from the two values' own intervals, as if the samples were others
};

/// How far a run's value is from the pinned run's.
struct MetricDelta {
    double value = Measurement::kUnknown; ///< run minus pinned
    std::optional<Interval> interval = {};
    DeltaBasis basis = DeltaBasis::None;
    bool otherData = false; ///< the two were measured on other data: the value says little

    /// Whether the interval leaves zero out.
    [[nodiscard]] bool isClear() const;
};

/// What the difference means for a quantity whose good direction is known.
enum class DeltaReading : std::uint8_t { Unknown, Same, Better, Worse, Unclear };

[[nodiscard]] DeltaReading readingOf(const MetricDelta& delta, const Quantity& quantity);

/// The difference of \p quantity between \p run and \p pinned.
///
/// Where both kept the values of the same samples and their values are the means of these, the
/// interval is the bootstrap's of the mean difference, see resampledMean(). Otherwise, where both
/// values have intervals [l, u], it is
///     d - sqrt((v - l)^2 + (u0 - v0)^2), d + sqrt((u - v)^2 + (v0 - l0)^2)
/// with index 0 for the pinned run, which is too wide where the samples are the same.
/// Source: Zou and Donner 2008, doi:10.1002/sim.3095, eq. 7
[[nodiscard]] MetricDelta deltaFrom(const ComparedRun& pinned, const ComparedRun& run,
                                    const Quantity& quantity);

/// Whether both measured \p set on the same data, as far as the record says: by the hash of the
/// file where it is known, by its path otherwise; of a set that is no file of the recipe, by the
/// suite.
[[nodiscard]] bool sameData(const ComparedRun& a, const ComparedRun& b, const std::string& set);

/// Every quantity that any of \p runs measured, in the order of the first that did.
[[nodiscard]] std::vector<Quantity> quantitiesOf(const std::vector<const ComparedRun*>& runs);

/// What a trade-off is drawn over unless somebody chooses: how much of the forget set is known, and
/// what is left of the rest, as the broadest measure that any of \p runs has.
struct TradeOffAxes {
    Quantity forget;
    Quantity keep;
};
/// Nothing where one of the two was not measured.
[[nodiscard]] std::optional<TradeOffAxes> usualAxes(const std::vector<const ComparedRun*>& runs);

/// A run by two of its quantities.
struct TradeOff {
    double x = Measurement::kUnknown;
    double y = Measurement::kUnknown;
    bool onFront = false; ///< no other is at least as good in both and better in one
};

/// In the order of \p runs. What is not measured is NaN, and such a run is on no front.
[[nodiscard]] std::vector<TradeOff> tradeOffs(const std::vector<const ComparedRun*>& runs,
                                              const Quantity& x, Direction goodX, const Quantity& y,
                                              Direction goodY);

} // namespace lacuna
