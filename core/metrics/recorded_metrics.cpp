#include "core/metrics/recorded_metrics.h"

#include "core/base/text.h"
#include "core/metrics/recorded_quantity.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace lacuna {
namespace {

const std::vector<RecordedKind>& kinds()
{
    static const std::vector<RecordedKind> kKinds = {
        recordedKsTests(),      recordedTruthRatios(), recordedMembership(),   recordedRouge(),
        recordedMemorization(), recordedStems(),       recordedEvaluationLog()};
    return kKinds;
}

std::string kindNames()
{
    std::vector<std::string> names;
    for (const RecordedKind& kind : kinds())
        names.push_back(kind.what);
    return join(names, ", ");
}

double asNumber(const Json& value)
{
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

} // namespace

Comparison& RecordedQuantities::entry(const std::string& quantity, NumberTolerance tolerance)
{
    ++m_counts[quantity];
    const auto [place, isNew] = m_places.try_emplace(quantity, m_comparisons.size());
    if (isNew)
        m_comparisons.push_back({.quantity = quantity,
                                 .absolute = tolerance.absolute,
                                 .relative = tolerance.relative,
                                 .passed = true});
    return m_comparisons[place->second];
}

void RecordedQuantities::number(const std::string& quantity, double computed, const Json& recorded,
                                NumberTolerance tolerance)
{
    Comparison& comparison = entry(quantity, tolerance);
    const double wanted = asNumber(recorded);
    if ((std::isnan(computed) && std::isnan(wanted)) || computed == wanted)
        return;
    const double difference = std::abs(computed - wanted);
    const double allowed = tolerance.absolute + tolerance.relative * std::abs(wanted);
    const double share = difference / allowed;
    const bool holds = share <= 1; // false for NaN too
    comparison.passed = comparison.passed && holds;
    comparison.difference = std::fmax(comparison.difference, difference);
    comparison.worst = std::isnan(share) ? std::numeric_limits<double>::infinity()
                                         : std::max(comparison.worst, share);
}

void RecordedQuantities::numbers(const std::string& quantity, const std::vector<double>& computed,
                                 const Json& recorded, NumberTolerance tolerance)
{
    const auto wanted = recorded.get<std::vector<Json>>();
    for (std::size_t i = 0; i < std::max(computed.size(), wanted.size()); ++i)
        if (i < computed.size() && i < wanted.size())
            number(quantity, computed[i], wanted[i], tolerance);
        else // one side lacks it
            number(quantity, std::numeric_limits<double>::quiet_NaN(), 0.0, tolerance);
}

void RecordedQuantities::equal(const std::string& quantity, const Json& computed,
                               const Json& recorded)
{
    Comparison& comparison = entry(quantity, kExact);
    if (computed == recorded)
        return;
    comparison.passed = false;
    comparison.difference += 1;
    comparison.worst = std::numeric_limits<double>::infinity();
}

void RecordedQuantities::known(const std::string& where, const Json& object,
                               const std::set<std::string>& known)
{
    for (const auto& [key, value] : object.items()) {
        const std::string name = where.empty() ? key : fmt::format("{}.{}", where, key);
        const bool isNew = std::find(m_leftOut.begin(), m_leftOut.end(), name) == m_leftOut.end();
        if (!known.contains(key) && !value.is_string() && isNew)
            m_leftOut.push_back(name);
    }
}

void RecordedQuantities::handTo(const ComparisonSink& sink, const std::string& place) const
{
    for (Comparison comparison : m_comparisons) {
        const std::size_t count = m_counts.at(comparison.quantity);
        comparison.quantity = fmt::format("{}: {}{}", place, comparison.quantity,
                                          count > 1 ? fmt::format(" ({})", count) : "");
        sink(comparison);
    }
}

std::vector<Json> oneOrMany(const Json& value)
{
    return value.is_array() ? value.get<std::vector<Json>>() : std::vector{value};
}

bool hasKeys(const Json& value, const std::vector<std::string>& keys)
{
    return value.is_object() && std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
               return value.contains(key);
           });
}

Result<std::vector<std::string>>
verifyRecordedMetrics(const Json& document, const std::string& place, const ComparisonSink& sink)
{
    for (const RecordedKind& kind : kinds()) {
        if (!kind.recognises(document))
            continue;
        RecordedQuantities quantities;
        try {
            kind.verify(document, quantities);
        } catch (const Json::exception& failure) { // of a value that is missing or another type
            return Error{.code = ErrorCode::Corrupt,
                         .message = "the file looks like " + kind.what +
                                    " but a value in it is missing or of the wrong type (" +
                                    failure.what() + ")",
                         .context = place,
                         .remedy = "compare its keys with those of the metric fixtures, or make "
                                   "the file again"};
        }
        quantities.handTo(sink, std::filesystem::path(place).filename().string());
        std::vector<std::string> leftOut;
        for (const std::string& name : quantities.leftOut())
            leftOut.push_back(fmt::format("{}: \"{}\" is not known and was left out", place, name));
        return leftOut;
    }
    return Error{.code = ErrorCode::Unsupported,
                 .message = "nothing in this file is a recorded metric that can be recomputed",
                 .context = place,
                 .remedy = "known contents are: " + kindNames()};
}

} // namespace lacuna
