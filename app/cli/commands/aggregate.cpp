#include "app/cli/commands/commands.h"
#include "app/cli/measured.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/metrics/evaluation_log.h"
#include "core/metrics/summary.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>

namespace lacuna {
namespace {

constexpr std::size_t kTextWidth = 96;

/// One quantity of the log with the interval that it records or that its samples give.
struct MeasuredMetric {
    const Evaluation* evaluation;
    std::optional<Interval> interval;
};

OrderedJson finiteOrNull(double value)
{
    return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

OrderedJson intervalJson(const std::optional<Interval>& interval)
{
    if (!interval)
        return nullptr;
    return {finiteOrNull(interval->low), finiteOrNull(interval->high)};
}

std::string paragraph(const std::string& title, const std::string& text)
{
    std::string lines;
    for (const std::string& line : wrapped(printable(text), kTextWidth - 4))
        lines += "    " + line + "\n";
    return title + "\n" + lines;
}

std::string metricTable(const std::vector<MeasuredMetric>& metrics)
{
    TextTable table({{.title = "set"},
                     {.title = "metric"},
                     {.title = "value", .align = Align::Right},
                     {.title = "95 % interval"},
                     {.title = "samples", .align = Align::Right}});
    for (const MeasuredMetric& metric : metrics)
        table.addRow({metric.evaluation->set, metric.evaluation->metric,
                      metric.evaluation->missing.empty() ? measuredText(metric.evaluation->value)
                                                         : "missing",
                      intervalText(metric.interval), std::to_string(metric.evaluation->count)});
    return table.text();
}

std::string summaryTable(const std::vector<Summary>& summaries)
{
    TextTable table({{.title = "summary"},
                     {.title = "value", .align = Align::Right},
                     {.title = "95 % interval"},
                     {.title = "goal"},
                     {.title = "samples", .align = Align::Right},
                     {.title = "variant"}});
    for (const Summary& summary : summaries)
        if (summary.evaluation.missing.empty())
            table.addRow({summary.info->title, measuredText(summary.evaluation.value),
                          intervalText(summary.evaluation.interval),
                          std::string(idOf(summary.info->goal)),
                          std::to_string(summary.evaluation.count), summary.evaluation.variant});
    return table.text();
}

/// What the numbers mean, what could mislead, and why the rest is missing.
std::string readings(const std::vector<Summary>& summaries)
{
    std::string text = "\nHow to read them\n\n";
    std::string last;
    for (const Summary& summary : summaries) {
        if (!summary.evaluation.missing.empty())
            continue;
        if (summary.info->reading != last)
            text += paragraph(summary.info->title, summary.info->reading);
        last = summary.info->reading;
        for (const std::string& warning : summary.warnings)
            text += paragraph(summary.info->title + ", mind", warning);
    }
    std::string missing;
    for (const Summary& summary : summaries)
        if (!summary.evaluation.missing.empty())
            missing += paragraph(summary.info->title, summary.evaluation.missing);
    return text + (missing.empty() ? "" : "\nMissing\n\n" + missing);
}

OrderedJson metricJson(const MeasuredMetric& metric)
{
    const Evaluation& evaluation = *metric.evaluation;
    OrderedJson json = {{"set", evaluation.set},
                        {"metric", evaluation.metric},
                        {"variant", evaluation.variant},
                        {"value", finiteOrNull(evaluation.value)},
                        {"interval", intervalJson(metric.interval)},
                        {"count", evaluation.count}};
    if (!evaluation.missing.empty())
        json["missing"] = evaluation.missing;
    return json;
}

OrderedJson summaryJson(const Summary& summary)
{
    const SummaryInfo& info = *summary.info;
    OrderedJson details = OrderedJson::object();
    for (const SummaryDetail& detail : summary.details)
        details[detail.id] = finiteOrNull(detail.value);
    OrderedJson json = {{"id", info.id},
                        {"title", info.title},
                        {"set", summary.evaluation.set},
                        {"metric", summary.evaluation.metric},
                        {"variant", summary.evaluation.variant},
                        {"value", finiteOrNull(summary.evaluation.value)},
                        {"interval", intervalJson(summary.evaluation.interval)},
                        {"count", summary.evaluation.count},
                        {"goal", idOf(info.goal)},
                        {"range", info.range},
                        {"needs", info.needs},
                        {"reading", info.reading},
                        {"source", info.source},
                        {"details", std::move(details)},
                        {"warnings", summary.warnings}};
    if (!summary.evaluation.missing.empty())
        json["missing"] = summary.evaluation.missing;
    return json;
}

/// The numbers under open-unlearning's names, as its TOFU_SUMMARY.json has them.
OrderedJson openUnlearningSummary(const std::vector<MeasuredMetric>& metrics,
                                  const std::vector<Summary>& summaries)
{
    OrderedJson flat = OrderedJson::object();
    std::vector<Evaluation> all;
    for (const MeasuredMetric& metric : metrics)
        all.push_back(*metric.evaluation);
    for (const Summary& summary : summaries) // what is computed here replaces what was recorded
        if (summary.evaluation.missing.empty())
            all.push_back(summary.evaluation);
    for (Evaluation& evaluation : all)
        evaluation.variant.clear();
    const OrderedJson log = evaluationsToLog(all);
    for (const auto& [name, entry] : log.items())
        if (entry.contains("agg_value") && entry["agg_value"].is_number())
            flat[name] = entry["agg_value"];
    return flat;
}

/// The log's evaluations, with what had to be left out told on stderr. Empty path: none.
Result<std::vector<Evaluation>> evaluationsOf(const std::optional<std::string>& path)
{
    if (!path)
        return std::vector<Evaluation>();
    Result<EvaluationLog> log = readEvaluationLog(*path);
    if (!log)
        return log.error();
    for (const std::string& note : log->notes)
        std::cerr << "note: " << printable(*path + ": " + note) << "\n";
    return std::move(log->evaluations);
}

int run(const Arguments& arguments)
{
    const auto model = evaluationsOf(arguments.value("LOG"));
    if (!model)
        return report(model.error());
    const auto reference = evaluationsOf(arguments.text("reference"));
    if (!reference)
        return report(reference.error());
    const auto original = evaluationsOf(arguments.text("original"));
    if (!original)
        return report(original.error());

    const SummaryInput input{.model = *model,
                             .reference = *reference,
                             .original = *original,
                             .seed =
                                 static_cast<std::uint64_t>(arguments.integer("seed").value_or(0))};
    const std::vector<Summary> summaries = summarize(input);
    std::vector<MeasuredMetric> metrics;
    for (const Evaluation& evaluation : *model)
        metrics.push_back({&evaluation, evaluation.interval ? evaluation.interval
                                                            : sampleInterval(evaluation, input)});

    if (arguments.flag("json")) {
        OrderedJson all = {{"log", arguments.value("LOG")},
                           {"reference", arguments.text("reference").value_or("")},
                           {"original", arguments.text("original").value_or("")},
                           {"summary", openUnlearningSummary(metrics, summaries)},
                           {"summaries", OrderedJson::array()},
                           {"metrics", OrderedJson::array()}};
        for (const Summary& summary : summaries)
            all["summaries"].push_back(summaryJson(summary));
        for (const MeasuredMetric& metric : metrics)
            all["metrics"].push_back(metricJson(metric));
        JsonLines().write(all);
        return ExitDone;
    }
    std::cout << summaryTable(summaries) << "\n" << metricTable(metrics) << readings(summaries);
    return ExitDone;
}

} // namespace

Command aggregateCommand()
{
    return {.name = "aggregate",
            .summary = "summary metrics of a saved evaluation log, each with its interval and how "
                       "to read it, or why it is missing",
            .positionals = {{.name = "LOG",
                             .help = "of evaluate --out, of open-unlearning (TOFU_EVAL.json) or of "
                                     "the TOFU project (eval_log_aggregated.json)"}},
            .options = {{.name = "reference",
                         .value = "LOG",
                         .help = "of a model retrained without the forget set"},
                        {.name = "original",
                         .value = "LOG",
                         .help = "of the model before unlearning, for the utility score"},
                        {.name = "seed",
                         .value = "N",
                         .help = "of the intervals' resampling; default 0",
                         .type = ValueType::Integer,
                         .min = 0},
                        {.name = "json", .help = "one JSON document instead of tables"}},
            .run = run};
}

} // namespace lacuna
