#include "core/metrics/evaluation_log_parts.h"
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
constexpr const char* kVariant = "from the losses of a TOFU log";

struct Task {
    std::string_view name;
    std::string_view set;
    bool hasOptions; ///< its probability is that among the options
};
constexpr std::array<Task, 4> kTasks = {{{"eval_log_forget.json", "forget", false},
                                         {"eval_log.json", "retain", false},
                                         {"eval_real_author_wo_options.json", "real-authors", true},
                                         {"eval_real_world_wo_options.json", "world-facts", true}}};

/// One column of a task, rows ascending.
std::vector<std::pair<std::int64_t, Json>> columnOf(const Json& task, const char* name)
{
    std::vector<std::pair<std::int64_t, Json>> rows;
    const auto column = task.find(name);
    if (column == task.end() || !column->is_object())
        return rows;
    for (const auto& [text, value] : column->items()) {
        std::int64_t index = 0;
        const char* end = text.data() + text.size();
        if (const auto [stop, error] = std::from_chars(text.data(), end, index);
            error == std::errc() && stop == end)
            rows.emplace_back(index, value);
    }
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return rows;
}

Json valueAt(const Json& task, const char* column, std::int64_t index)
{
    const auto found = task.find(column);
    if (found == task.end() || !found->is_object())
        return {};
    return found->value(std::to_string(index), Json());
}

/// \p value of each row of \p column, null and all.
template <class Make> Evaluation evaluationOf(const Json& task, std::string_view set,
                                              const char* metric, const char* column, Make make)
{
    Evaluation evaluation{.phase = EvaluationPhase::Standalone,
                          .set = std::string(set),
                          .metric = metric,
                          .variant = kVariant};
    for (const auto& [index, value] : columnOf(task, column)) {
        SampleValue sample{.sample = index, .value = kNone};
        make(value, sample);
        evaluation.samples.push_back(std::move(sample));
    }
    aggregateSamples(evaluation);
    if (evaluation.count == 0)
        evaluation.missing =
            fmt::format("the log has no \"{}\" for this set; evaluate again on the set's "
                        "\"perturbed\" file",
                        column);
    return evaluation;
}

void fromLoss(const Json& loss, SampleValue& sample)
{
    sample.value = std::exp(-numberOrNan(loss));
    if (loss.is_number())
        sample.extra = Json{{"avg_loss", loss}}.dump();
}

void fromLosses(const Json& losses, SampleValue& sample)
{
    Json probabilities = Json::array();
    for (const Json& loss : losses.is_array() ? losses : Json::array())
        probabilities.push_back(std::exp(-numberOrNan(loss)));
    sample.value = meanOrNan(probabilities);
    if (losses.is_array())
        sample.extra = Json{{"avg_loss", losses}, {"prob", probabilities}}.dump();
}

double shareAmongOptions(const Json& truth, const Json& lies)
{
    std::vector<double> losses;
    for (const Json& loss : lies.is_array() ? lies : Json::array())
        losses.push_back(numberOrNan(loss));
    return losses.empty() ? kNone
                          : optionProbability({.truth = numberOrNan(truth), .lies = losses});
}

/// [prompt, generation, true answer], as TOFU keeps them.
std::string textsOf(const Json& texts)
{
    Json extra = Json::object();
    constexpr std::array keys = {"input", "generation", "ground_truth"};
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (texts.is_array() && i < texts.size() && texts[i].is_string())
            extra[keys[i]] = texts[i];
    return extra.empty() ? std::string()
                         : extra.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void readTask(const Task& task, const Json& table, EvaluationLog& log)
{
    const auto add = [&](const char* metric, const char* column, auto make) {
        log.evaluations.push_back(evaluationOf(table, task.set, metric, column, make));
    };
    add("probability", "avg_gt_loss", &fromLoss);
    add("paraphrase-probability", "avg_paraphrased_loss", &fromLoss);
    add("perturbed-probability", "average_perturb_loss", &fromLosses);
    add("rouge-l", "rougeL_recall", [&](const Json& value, SampleValue& sample) {
        sample.value = numberOrNan(value);
        sample.extra = textsOf(valueAt(table, "generated_text", sample.sample));
    });
    add("rouge-1", "rouge1_recall",
        [](const Json& value, SampleValue& sample) { sample.value = numberOrNan(value); });
    if (task.hasOptions)
        add("option-probability", "average_perturb_loss",
            [&](const Json& lies, SampleValue& sample) {
                sample.value =
                    shareAmongOptions(valueAt(table, "avg_gt_loss", sample.sample), lies);
            });
}

} // namespace

bool looksLikeTofuRelease(const Json& document)
{
    return document.is_object() && std::any_of(kTasks.begin(), kTasks.end(), [&](const Task& task) {
               const auto found = document.find(std::string(task.name));
               return found != document.end() && found->is_object();
           });
}

void readTofuRelease(const Json& document, EvaluationLog& log)
{
    for (const Task& task : kTasks) {
        const auto table = document.find(std::string(task.name));
        if (table == document.end() || !table->is_object()) {
            log.notes.push_back(fmt::format("{}: it is not in the log, so that {} has no values",
                                            task.name, task.set));
            continue;
        }
        const std::size_t before = log.evaluations.size();
        readTask(task, *table, log);
        for (std::size_t i = before; i < log.evaluations.size(); ++i) {
            const Evaluation& evaluation = log.evaluations[i];
            const auto gaps =
                static_cast<std::int64_t>(evaluation.samples.size()) - evaluation.count;
            if (gaps > 0)
                log.notes.push_back(
                    fmt::format("{}: {} of {} samples of {} have no finite number and are left out",
                                task.name, gaps, evaluation.samples.size(), evaluation.metric));
        }
    }
    // All tasks may be there without a single number in them.
    if (std::all_of(log.evaluations.begin(), log.evaluations.end(),
                    [](const Evaluation& evaluation) { return evaluation.count == 0; }))
        log.evaluations.clear();
}

} // namespace lacuna
