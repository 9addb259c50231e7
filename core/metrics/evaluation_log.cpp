#include "core/metrics/evaluation_log.h"

#include "core/metrics/evaluation_log_parts.h"
#include "core/metrics/statistics.h"
#include "core/metrics/truth_ratio.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lacuna {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kAskForLog =
    "give open-unlearning's TOFU_EVAL.json, TOFU's eval_log_aggregated.json or what evaluate "
    "--out writes";

constexpr const char* kNoNumber = "the log holds no number for it; evaluate the model again";

std::optional<std::int64_t> indexOf(const std::string& text)
{
    std::int64_t index = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, index);
    return error == std::errc() && stop == end ? std::optional(index) : std::nullopt;
}

/// The key of a sample's object that holds its value, where the entry does not say.
std::string valueKeyOf(const Json& byIndex)
{
    for (const char* key : {"score", "prob", "rougeL_recall", "rougeL_f1", "value"})
        for (const Json& sample : byIndex)
            if (sample.is_object() && sample.contains(key))
                return key;
    return "score";
}

/// The sample's other keys; a list, of which the value is only the mean, stays whole.
std::string extraOf(const Json& sample, const std::vector<std::string>& valueKeys)
{
    Json extra = sample;
    for (const std::string& key : valueKeys)
        if (extra.contains(key) && !extra[key].is_array())
            extra.erase(key);
    if (extra.empty())
        return {};
    if (extra.size() == 1 && extra.contains("extra"))
        extra = Json(extra["extra"]);
    return extra.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Reads "value_by_index" of \p target. \p valueKeys are those of all metrics in the entry; the
/// metric with the first of them keeps what else a sample has.
void readSamples(const Json& target, const std::string& key,
                 const std::vector<std::string>& valueKeys, Evaluation& evaluation,
                 std::vector<std::string>& notes, const std::string& name)
{
    if (!target.contains("value_by_index"))
        return;
    const Json& byIndex = target["value_by_index"];
    if (!byIndex.is_object()) {
        if (!byIndex.is_null())
            notes.push_back(name + ": value_by_index is no object, so that it has no samples");
        return;
    }
    const std::string from = key.empty() ? valueKeyOf(byIndex) : key;
    std::size_t nameless = 0;
    for (const auto& [text, sample] : byIndex.items()) {
        const auto index = indexOf(text);
        if (!index) {
            ++nameless;
            continue;
        }
        SampleValue value{.sample = *index, .value = kNone};
        if (sample.is_object()) {
            value.value = sample.contains(from) ? meanOrNan(sample[from]) : kNone;
            if (key.empty() || key == valueKeys.front())
                value.extra = extraOf(sample, key.empty() ? std::vector{from} : valueKeys);
        } else {
            value.value = numberOrNan(sample);
        }
        evaluation.samples.push_back(std::move(value));
    }
    std::sort(evaluation.samples.begin(), evaluation.samples.end(),
              [](const SampleValue& a, const SampleValue& b) { return a.sample < b.sample; });
    if (nameless > 0)
        notes.push_back(fmt::format("{}: {} samples have no whole number for an index and are left "
                                    "out",
                                    name, nameless));
}

/// Says how many samples carry no number; the rest speaks for them.
void noteGaps(const Evaluation& evaluation, const std::string& name,
              std::vector<std::string>& notes)
{
    const auto gaps = std::count_if(evaluation.samples.begin(), evaluation.samples.end(),
                                    [](const SampleValue& s) { return !std::isfinite(s.value); });
    if (gaps > 0)
        notes.push_back(fmt::format("{}: {} of {} samples of {} have no finite number and are left "
                                    "out",
                                    name, gaps, evaluation.samples.size(), evaluation.metric));
}

const Json* partOf(const Json& entry, const std::string& part)
{
    if (part.empty() || part == "auc")
        return &entry;
    const auto found = entry.find(part);
    return found != entry.end() && found->is_object() ? &*found : nullptr;
}

std::string textOf(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// An entry that Lacuna wrote: "lacuna" says all that the shape has no place for.
void readOwnEntry(const std::string& name, const Json& entry, EvaluationLog& log)
{
    std::vector<std::string> keys;
    for (const Json& one : entry["lacuna"])
        if (one.is_object() && !textOf(one, "key").empty())
            keys.push_back(textOf(one, "key"));
    for (const Json& one : entry["lacuna"]) {
        if (!one.is_object() || textOf(one, "metric").empty()) {
            log.notes.push_back(name + ": what it says of itself is damaged and left out");
            continue;
        }
        Evaluation evaluation{.phase = EvaluationPhase::Standalone,
                              .set = textOf(one, "set"),
                              .metric = textOf(one, "metric"),
                              .variant = textOf(one, "variant"),
                              .value = numberOrNan(one.value("value", Json())),
                              .count = wholeNumber(one.value("count", Json())).value_or(0),
                              .missing = textOf(one, "missing")};
        const Json interval = one.value("interval", Json());
        if (interval.is_array() && interval.size() == 2)
            evaluation.interval = {.low = numberOrNan(interval[0]),
                                   .high = numberOrNan(interval[1])};
        const std::string key = textOf(one, "key");
        const Json* part = partOf(entry, textOf(one, "part"));
        if (!key.empty() && part)
            readSamples(*part, key, keys, evaluation, log.notes, name);
        if (!std::isfinite(evaluation.value) && evaluation.missing.empty())
            evaluation.missing = kNoNumber;
        log.evaluations.push_back(std::move(evaluation));
    }
}

/// Fills in value and count from the samples, without any from what the file records under \p key.
/// Where the two disagree the samples are right and it is said.
void readValue(const Json& target, const char* key, const std::string& name, Evaluation& evaluation,
               std::vector<std::string>& notes)
{
    aggregateSamples(evaluation);
    const double recorded = target.contains(key) ? numberOrNan(target[key]) : kNone;
    const double difference = std::abs(recorded - evaluation.value);
    // open-unlearning averages some scores in float32.
    if (difference > 1e-5 * std::max(1.0, std::abs(recorded)))
        notes.push_back(fmt::format("{}: it records {} for {} of {} and its samples give {}; the "
                                    "samples are taken",
                                    name, recorded, evaluation.metric, evaluation.set,
                                    evaluation.value));
    if (!std::isfinite(evaluation.value))
        evaluation.value = recorded;
    if (!std::isfinite(evaluation.value))
        evaluation.missing = kNoNumber;
}

void readEntry(const std::string& name, const Json& entry, EvaluationLog& log)
{
    const std::vector<EntryMetric> metrics = metricsOfEntry(name);
    std::vector<std::string> keys;
    keys.reserve(metrics.size());
    for (const EntryMetric& metric : metrics)
        keys.push_back(metric.key);
    for (const EntryMetric& metric : metrics) {
        const Json* part = partOf(entry, metric.part);
        if (!part)
            continue;
        Evaluation evaluation{.phase = EvaluationPhase::Standalone,
                              .set = metric.set,
                              .metric = metric.metric,
                              .variant = "as open-unlearning wrote it"};
        if (metric.part != "auc")
            readSamples(*part, metric.key, keys, evaluation, log.notes, name);
        const bool leads = metric.key == keys.front() || !metric.part.empty();
        if (!leads && sampleNumbers(evaluation).empty()) // an entry need not have all of them
            continue;
        noteGaps(evaluation, name, log.notes);
        const char* value = metric.part == "auc" && part->contains("auc") ? "auc" : "agg_value";
        readValue(*part, leads ? value : "", name, evaluation, log.notes);
        log.evaluations.push_back(std::move(evaluation));
    }
}

bool isEntry(const Json& value)
{
    return value.is_object() && (value.contains("agg_value") || value.contains("value_by_index") ||
                                 value.contains("lacuna") || value.contains("auc") ||
                                 (value.contains("forget") && value.contains("holdout")));
}

void readOpenUnlearning(const Json& document, EvaluationLog& log)
{
    for (const auto& [name, entry] : document.items())
        if (!isEntry(entry)) {
            if (name != "guardrail") // how it was made, beside what was measured
                log.notes.push_back(name +
                                    ": it holds no aggregate and no samples and is left out");
        } else if (entry.contains("lacuna") && entry["lacuna"].is_array()) {
            readOwnEntry(name, entry, log);
        } else {
            readEntry(name, entry, log);
        }
}

/// What the document is instead of a log.
Error notALog(const Json& document, const std::string& place)
{
    Error error{.code = ErrorCode::Unsupported,
                .message = "this is no evaluation log: no entry holds an aggregate or samples",
                .context = place,
                .remedy = kAskForLog};
    if (!document.is_object())
        error.message = "this is no evaluation log: it is no JSON object";
    else if (!document.empty() && std::all_of(document.begin(), document.end(), [](const Json& v) {
                 return v.is_number() || v.is_null();
             }))
        error.message = "this is the summary of an evaluation and not its log: it holds no samples";
    else if (document.contains("lacuna_run"))
        error.message = "this is an exported run and not an evaluation log";
    return error;
}

/// Python writes NaN, Infinity and -Infinity where JSON has null.
std::string withoutBareNumbers(std::string_view text)
{
    static constexpr std::array<std::string_view, 3> kWords = {"NaN", "Infinity", "-Infinity"};
    std::string result;
    result.reserve(text.size());
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        const auto word = std::find_if(kWords.begin(), kWords.end(),
                                       [&](std::string_view w) { return rest.starts_with(w); });
        if (!inString && word != kWords.end()) {
            result += "null";
            i += word->size() - 1;
            continue;
        }
        result += text[i];
        if (inString && text[i] == '\\' && i + 1 < text.size())
            result += text[++i];
        else if (text[i] == '"')
            inString = !inString;
    }
    return result;
}

} // namespace

double numberOrNan(const Json& value)
{
    return value.is_number() ? value.get<double>() : kNone;
}

double meanOrNan(const Json& value)
{
    if (!value.is_array())
        return numberOrNan(value);
    std::vector<double> numbers;
    for (const Json& one : value)
        numbers.push_back(numberOrNan(one));
    return mean(numbers);
}

void aggregateSamples(Evaluation& evaluation)
{
    const std::vector<double> numbers = sampleNumbers(evaluation);
    evaluation.count = static_cast<std::int64_t>(numbers.size());
    const bool isRatio =
        evaluation.metric == "truth-ratio" || evaluation.metric == "truth-ratio-arithmetic";
    evaluation.value = isRatio ? truthRatioAggregate(numbers, evaluation.set == "forget"
                                                                  ? TruthAggregate::CloserToOne
                                                                  : TruthAggregate::TruthHigher)
                               : mean(numbers);
}

const Evaluation* findEvaluation(std::span<const Evaluation> evaluations, std::string_view set,
                                 std::string_view metric)
{
    const auto found =
        std::find_if(evaluations.begin(), evaluations.end(), [&](const Evaluation& evaluation) {
            return evaluation.set == set && evaluation.metric == metric;
        });
    return found == evaluations.end() ? nullptr : &*found;
}

std::vector<double> sampleNumbers(const Evaluation& evaluation)
{
    std::vector<double> numbers;
    for (const SampleValue& sample : evaluation.samples)
        if (std::isfinite(sample.value))
            numbers.push_back(sample.value);
    return numbers;
}

Result<EvaluationLog> parseEvaluationLog(const Json& document, const std::string& place)
{
    EvaluationLog log;
    if (looksLikeTofuRelease(document)) {
        log.shape = LogShape::TofuRelease;
        readTofuRelease(document, log);
    } else if (document.is_object() && std::any_of(document.begin(), document.end(), isEntry)) {
        readOpenUnlearning(document, log);
    }
    if (log.evaluations.empty())
        return notALog(document, place);
    deriveTruthRatios(log.evaluations);
    return log;
}

Result<EvaluationLog> readEvaluationLog(const std::filesystem::path& path)
{
    const Result<std::string> text = readTextFile(path);
    if (!text)
        return text.error();
    const Result<Json> document = parseJson(withoutBareNumbers(*text), path.string());
    if (!document) {
        Error error = document.error();
        if (error.remedy.empty())
            error.remedy = kAskForLog;
        return error;
    }
    return parseEvaluationLog(*document, path.string());
}

} // namespace lacuna
