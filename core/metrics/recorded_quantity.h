#pragma once

#include "core/base/comparison.h"
#include "core/base/json.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace lacuna {

/// How close a recomputed number has to be to the recorded one.
struct NumberTolerance {
    double relative = 1e-9;
    double absolute = 1e-12; ///< what doubles lose where the true value is 0
};
inline constexpr NumberTolerance kPValueTolerance{.relative = 1e-6, .absolute = 1e-300};
/// scipy takes its asymptotic p from Pelz and Good's series above 140 values, which is good to five
/// digits: 0.79554645 where the exact tail of 200 values at 0.045 is 0.79554569.
inline constexpr NumberTolerance kSeriesTolerance{.relative = 1e-5, .absolute = 1e-300};
inline constexpr NumberTolerance kExact{.relative = 0, .absolute = 0};

/// Comparisons of one file, gathered by quantity over all its items. Functions that read JSON here
/// let the parser library's exceptions out; verifyRecordedMetrics() catches them.
class RecordedQuantities {
public:
    /// Null and NaN stand for each other.
    void number(const std::string& quantity, double computed, const Json& recorded,
                NumberTolerance tolerance = {});
    void numbers(const std::string& quantity, const std::vector<double>& computed,
                 const Json& recorded, NumberTolerance tolerance = {});
    void equal(const std::string& quantity, const Json& computed, const Json& recorded);
    /// Names each key of \p object that is not among \p known.
    void known(const std::string& where, const Json& object, const std::set<std::string>& known);

    /// In the order in which quantities were first compared.
    void handTo(const ComparisonSink& sink, const std::string& place) const;
    [[nodiscard]] const std::vector<std::string>& leftOut() const { return m_leftOut; }

private:
    Comparison& entry(const std::string& quantity, NumberTolerance tolerance);

    std::vector<Comparison> m_comparisons;
    std::map<std::string, std::size_t> m_places;
    std::map<std::string, std::size_t> m_counts;
    std::vector<std::string> m_leftOut;
};

/// A kind of file, see verifyRecordedMetrics().
struct RecordedKind {
    std::string what; ///< for the message when nothing fits
    bool (*recognises)(const Json& document);
    void (*verify)(const Json& document, RecordedQuantities& quantities);
};
RecordedKind recordedKsTests();
RecordedKind recordedTruthRatios();
RecordedKind recordedMembership();
RecordedKind recordedRouge();
RecordedKind recordedStems();
RecordedKind recordedMemorization();
RecordedKind recordedEvaluationLog();

/// The item itself, or each of a list of them.
[[nodiscard]] std::vector<Json> oneOrMany(const Json& value);
[[nodiscard]] bool hasKeys(const Json& value, const std::vector<std::string>& keys);

} // namespace lacuna
