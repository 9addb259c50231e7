#include "core/run/stress_results.h"

#include "core/metrics/evaluation_interval.h"
#include "core/metrics/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Json numberOrNull(double value)
{
    return std::isfinite(value) ? Json(value) : Json();
}

double orNone(const Json& value)
{
    return value.is_number() ? value.get<double>() : kNone;
}

/// Whether the mean of \p differences is a rise that counts.
bool rises(const std::vector<double>& differences)
{
    if (differences.empty() || !(mean(differences) >= kLeastRecovery))
        return false;
    const std::optional<Interval> interval = resampledMean(differences);
    return interval && interval->low > 0;
}

std::vector<double> gains(const StressDetail& detail)
{
    std::vector<double> differences;
    for (const StressDetail::Item& item : detail.items)
        if (std::isfinite(item.before))
            differences.push_back(item.value - item.before);
    return differences;
}

/// By how much \p quantity of the items that both have is larger than the reference's.
std::vector<double> excess(const StressDetail& detail, const StressDetail& reference,
                           double StressDetail::Item::*quantity)
{
    std::map<std::int64_t, double> others;
    for (const StressDetail::Item& item : reference.items)
        others[item.item] = item.*quantity;
    std::vector<double> differences;
    for (const StressDetail::Item& item : detail.items)
        if (const auto other = others.find(item.item);
            other != others.end() && std::isfinite(item.*quantity) && std::isfinite(other->second))
            differences.push_back(item.*quantity - other->second);
    return differences;
}

enum class Judgement : std::uint8_t { Recovered, Not, Impossible };

Judgement judge(const StressResult& result, const StressResult* reference)
{
    const StressDetail detail = stressDetail(result);
    const std::vector<double> own = gains(detail);
    if (!reference && (own.empty() || detail.wantsReference))
        return Judgement::Impossible;
    if (!own.empty() && !rises(own))
        return Judgement::Not;
    if (reference && !rises(excess(detail, stressDetail(*reference), &StressDetail::Item::value)))
        return Judgement::Not;
    return Judgement::Recovered;
}

Recovery recoveryOf(std::span<const StressResult> results, const StressResult& result,
                    const StressResult* reference)
{
    const StressResult* original = counterpart(results, result, ModelRole::Original);
    return {.attack = result.attack,
            .setting = settingOf(result),
            .metric = result.metric,
            .before = result.before,
            .value = result.value,
            .original = original ? std::optional(original->value) : std::nullopt,
            .reference = reference ? std::optional(reference->value) : std::nullopt};
}

/// Of a share of the original's score: not forgotten.
constexpr double kMuch = 0.5;

std::optional<Remainder> remainderOf(std::span<const StressResult> results)
{
    const std::string metric = leadingMetric(results);
    // The row of most items whose `before` is of the whole answers.
    const StressResult* row = nullptr;
    for (const StressResult& result : results)
        if (result.role == ModelRole::Current && result.metric == metric &&
            std::isfinite(result.before) && !stressDetail(result).wantsReference &&
            (!row || result.count > row->count))
            row = &result;
    if (!row)
        return std::nullopt;
    const StressResult* original = counterpart(results, *row, ModelRole::Original);
    const StressResult* reference = counterpart(results, *row, ModelRole::Reference);
    const bool remains =
        reference  ? rises(excess(stressDetail(*row), stressDetail(*reference),
                                  &StressDetail::Item::before))
        : original ? row->before >= kLeastRecovery && row->before >= kMuch * original->before
                   : false;
    if (!remains)
        return std::nullopt;
    return Remainder{.metric = metric,
                     .value = row->before,
                     .original = original ? std::optional(original->before) : std::nullopt,
                     .reference = reference ? std::optional(reference->before) : std::nullopt};
}

double riseOf(const Recovery& recovery)
{
    const double from =
        std::isfinite(recovery.before) ? recovery.before : recovery.reference.value_or(0);
    return recovery.value - from;
}

} // namespace

std::string StressDetail::toJson() const
{
    Json rows = Json::array();
    for (const Item& item : items)
        rows.push_back({item.item, numberOrNull(item.before), numberOrNull(item.value)});
    Json json = {{"items", rows}, {"values", values}, {"facts", facts}};
    if (wantsReference)
        json["wants_reference"] = true;
    if (worstItem >= 0)
        json["worst"] = {{"item", worstItem}, {"answer", worstAnswer}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

StressDetail stressDetail(const StressResult& result)
{
    StressDetail detail;
    const Json json = Json::parse(result.detail, nullptr, false);
    if (!json.is_object())
        return detail;
    for (const Json& row : json.value("items", Json::array()))
        if (row.is_array() && row.size() == 3 && row[0].is_number_integer())
            detail.items.push_back({row[0].get<std::int64_t>(), orNone(row[1]), orNone(row[2])});
    detail.values = json.value("values", Json::object());
    detail.facts = json.value("facts", Json::object());
    detail.wantsReference = json.value("wants_reference", false);
    if (const auto worst = json.find("worst"); worst != json.end() && worst->is_object()) {
        detail.worstItem = worst->value("item", std::int64_t{-1});
        detail.worstAnswer = worst->value("answer", std::string());
    }
    return detail;
}

std::string settingOf(const StressResult& result)
{
    const Json json = Json::parse(result.settings, nullptr, false);
    return json.is_object() ? json.value("setting", std::string()) : std::string();
}

std::vector<StressResult> latestOf(const std::vector<StressResult>& results)
{
    std::map<std::string, std::string> latest;
    for (const StressResult& result : results)
        latest[result.attack] = std::max(latest[result.attack], result.time);
    std::vector<StressResult> kept;
    for (const StressResult& result : results)
        if (result.time == latest[result.attack])
            kept.push_back(result);
    return kept;
}

std::string leadingMetric(std::span<const StressResult> results)
{
    for (const char* metric : {"rouge-l", "extraction-strength", "probability"})
        if (std::ranges::any_of(
                results, [&](const StressResult& result) { return result.metric == metric; }))
            return metric;
    return {};
}

const StressResult* counterpart(std::span<const StressResult> results, const StressResult& result,
                                ModelRole role)
{
    const auto found = std::ranges::find_if(results, [&](const StressResult& other) {
        return other.role == role && other.attack == result.attack &&
               other.settings == result.settings && other.set == result.set &&
               other.metric == result.metric && other.missing.empty();
    });
    return found == results.end() ? nullptr : &*found;
}

std::optional<double> recoveryRatio(std::span<const StressResult> results,
                                    const StressResult& result)
{
    if (result.attack != "relearning" || settingOf(result) == kWorstSetting)
        return std::nullopt;
    const StressResult* reference = counterpart(results, result, ModelRole::Reference);
    const double own = result.value - result.before;
    if (!reference || !std::isfinite(own))
        return std::nullopt;
    if (own <= 0)
        return 1.0;
    return std::clamp((reference->value - reference->before) / own, 0.0, 1.0);
}

StressVerdict stressVerdict(std::span<const StressResult> results)
{
    StressVerdict verdict;
    verdict.hasReference = std::ranges::any_of(results, [](const StressResult& result) {
        return result.role == ModelRole::Reference && result.missing.empty();
    });
    std::set<std::string> judged;
    std::set<std::string> unjudged;
    std::map<std::string, Recovery> strongest;
    for (const StressResult& result : results) {
        if (result.role != ModelRole::Current || settingOf(result) == kWorstSetting)
            continue;
        if (!result.missing.empty()) {
            ++verdict.missing;
            continue;
        }
        const StressResult* reference = counterpart(results, result, ModelRole::Reference);
        const Judgement judgement = judge(result, reference);
        (judgement == Judgement::Impossible ? unjudged : judged).insert(result.attack);
        if (judgement != Judgement::Recovered)
            continue;
        const Recovery recovery = recoveryOf(results, result, reference);
        const auto [place, isNew] = strongest.try_emplace(result.attack, recovery);
        if (!isNew && riseOf(recovery) > riseOf(place->second))
            place->second = recovery;
    }
    for (const auto& [attack, recovery] : strongest)
        verdict.recovered.push_back(recovery);
    std::ranges::stable_sort(verdict.recovered, [](const Recovery& a, const Recovery& b) {
        return riseOf(a) > riseOf(b);
    });
    verdict.tried = static_cast<std::int64_t>(judged.size());
    std::erase_if(unjudged, [&](const std::string& attack) { return judged.contains(attack); });
    verdict.unjudged = static_cast<std::int64_t>(unjudged.size());
    verdict.remainder = remainderOf(results);
    return verdict;
}

std::string verdictText(const StressVerdict& verdict)
{
    std::string text;
    if (verdict.tried == 0)
        text = "no attack gave numbers that can be judged";
    else if (verdict.recovered.empty())
        text = "no recovery seen in these tests";
    for (const Recovery& one : verdict.recovered) {
        text += text.empty() ? "recovered: " : "; ";
        text += one.attack + (one.setting.empty() ? "" : " (" + one.setting + ")");
        text +=
            std::isfinite(one.before)
                ? fmt::format(" brings {} from {:.2f} to {:.2f}", one.metric, one.before, one.value)
                : fmt::format(" brings {} to {:.2f}", one.metric, one.value);
        if (one.original)
            text += fmt::format(", the original has {:.2f}", *one.original);
        if (one.reference)
            text += fmt::format(", the reference {:.2f}", *one.reference);
    }
    if (verdict.remainder) {
        const Remainder& one = *verdict.remainder;
        text += fmt::format(". But not all had to be recovered: without any attack {} is {:.2f}",
                            one.metric, one.value);
        if (one.original)
            text += fmt::format(", the original has {:.2f}", *one.original);
        if (one.reference)
            text += fmt::format(", the reference {:.2f}", *one.reference);
    }
    const auto attacks = [](std::int64_t count) {
        return count == 1 ? std::string("1 attack") : std::to_string(count) + " attacks";
    };
    if (verdict.unjudged > 0)
        text += ". " + attacks(verdict.unjudged) +
                " by which any model gains can be judged only beside a reference";
    if (verdict.missing > 0)
        text += ". " + attacks(verdict.missing) + " had nothing to work on";
    return text + ".";
}

std::optional<WorstCase> worstCase(std::span<const StressResult> results, ModelRole role,
                                   const std::string& metric)
{
    struct Extreme {
        double value = -1;
        double before = kNone;
    };
    std::map<std::int64_t, Extreme> items;
    for (const StressResult& result : results) {
        if (result.role != role || result.metric != metric || result.set != "forget" ||
            !result.missing.empty())
            continue;
        // What nothing else asks for is no score of the item's answer.
        for (const StressDetail::Item& item : stressDetail(result).items) {
            if (!std::isfinite(item.before))
                continue;
            Extreme& extreme = items[item.item];
            if (item.value > extreme.value)
                extreme = {item.value, item.before};
        }
    }
    if (items.empty())
        return std::nullopt;
    std::vector<double> values;
    std::vector<double> before;
    for (const auto& [item, extreme] : items) {
        values.push_back(extreme.value);
        before.push_back(extreme.before);
    }
    return WorstCase{.value = mean(values),
                     .before = mean(before),
                     .count = static_cast<std::int64_t>(items.size())};
}

} // namespace lacuna
