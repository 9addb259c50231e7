#include "core/base/text.h"
#include "core/metrics/evaluation_log_parts.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace lacuna {
namespace {

OrderedJson finiteOrNull(double value)
{
    return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

/// The object that \p text holds; what is no object stands under "extra".
OrderedJson extraKeys(const std::string& text)
{
    if (text.empty())
        return OrderedJson::object();
    OrderedJson value = OrderedJson::parse(text, nullptr, false);
    if (value.is_object())
        return value;
    return {{"extra", value.is_discarded() ? OrderedJson(validUtf8(text)) : std::move(value)}};
}

/// What open-unlearning calls the texts that evaluations keep beside a sample's value.
std::string theirNameOf(const std::string& name)
{
    if (name == "generated")
        return "generation";
    return name == "reference" ? "ground_truth" : name;
}

/// Later evaluations of the same quantity replace earlier ones.
std::vector<const Evaluation*> lastOfEach(std::span<const Evaluation> evaluations)
{
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> places;
    std::vector<const Evaluation*> result;
    for (const Evaluation& evaluation : evaluations) {
        const auto [place, isNew] = places.try_emplace(
            {evaluation.set, evaluation.metric, evaluation.variant}, result.size());
        if (isNew)
            result.push_back(&evaluation);
        else
            result[place->second] = &evaluation;
    }
    return result;
}

void writeSample(OrderedJson& object, const SampleValue& sample, const std::string& key)
{
    OrderedJson extra = extraKeys(sample.extra);
    // Perturbed answers have a list where others have a number; the value is its mean.
    if (!extra.contains(key) || !extra[key].is_array())
        object[key] = finiteOrNull(sample.value);
    for (const auto& [name, value] : extra.items())
        if (const std::string theirs = theirNameOf(name); !object.contains(theirs))
            object[theirs] = value;
    // open-unlearning makes its truth ratios from this.
    if (key == "prob" && !object.contains("avg_loss"))
        object["avg_loss"] = finiteOrNull(-std::log(sample.value));
}

/// What Lacuna itself reads back.
OrderedJson description(const Evaluation& evaluation, const LogPlace& place)
{
    OrderedJson text = {{"set", validUtf8(evaluation.set)},
                        {"metric", validUtf8(evaluation.metric)},
                        {"variant", validUtf8(evaluation.variant)},
                        {"value", finiteOrNull(evaluation.value)},
                        {"count", evaluation.count}};
    if (evaluation.interval)
        text["interval"] = {finiteOrNull(evaluation.interval->low),
                            finiteOrNull(evaluation.interval->high)};
    if (!evaluation.missing.empty())
        text["missing"] = validUtf8(evaluation.missing);
    if (!place.part.empty())
        text["part"] = place.part;
    if (!evaluation.samples.empty())
        text["key"] = place.key;
    return text;
}

void writeInto(OrderedJson& entry, const Evaluation& evaluation, const LogPlace& place)
{
    if (place.part == "auc")
        entry["auc"] = finiteOrNull(evaluation.value);
    OrderedJson& target = place.part.empty() || place.part == "auc" ? entry : entry[place.part];
    if (place.leads || !target.contains("agg_value"))
        target["agg_value"] = finiteOrNull(evaluation.value);
    for (const SampleValue& sample : evaluation.samples) {
        OrderedJson& object = target["value_by_index"][std::to_string(sample.sample)];
        writeSample(object, sample, place.key);
    }
    entry["lacuna"].push_back(description(evaluation, place));
}

} // namespace

OrderedJson evaluationsToLog(std::span<const Evaluation> evaluations)
{
    OrderedJson log = OrderedJson::object();
    std::set<std::pair<std::string, std::string>> written; // set, metric
    for (const Evaluation* evaluation : lastOfEach(evaluations)) {
        LogPlace place = logPlaceOf(*evaluation);
        if (!written.insert({evaluation->set, evaluation->metric}).second) // another variant
            place = {.entry = place.entry + "_" + evaluation->variant};
        writeInto(log[validUtf8(place.entry)], *evaluation, place);
    }
    return log;
}

} // namespace lacuna
