#include "app/cli/commands/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/run/inside_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <unistd.h>

namespace lacuna {
namespace {

std::string shown(double value)
{
    return std::isfinite(value) ? fmt::format("{:.3f}", value) : "-";
}

std::string intervalText(const std::optional<Interval>& interval)
{
    return interval ? fmt::format("[{:.3f}, {:.3f}]", interval->low, interval->high) : "";
}

/// A row for each block; what was not measured is a dash.
std::string tableOf(const InsideView& view, const ProbeReport& report, std::int64_t rank)
{
    TextTable table({{.title = "block", .align = Align::Right},
                     {.title = fmt::format("lens: rank <= {}", rank), .align = Align::Right},
                     {.title = "log p", .align = Align::Right},
                     {.title = "probe", .align = Align::Right},
                     {.title = "interval", .align = Align::Right},
                     {.title = "cosine", .align = Align::Right},
                     {.title = "norm ratio", .align = Align::Right},
                     {.title = "CKA", .align = Align::Right}});
    for (std::size_t i = 0; i < view.lens.size(); ++i) {
        const LensLayer& lens = view.lens[i];
        std::vector<std::string> cells = {std::to_string(lens.layer),
                                          fmt::format("{:.1f} %", 100 * lens.known),
                                          shown(lens.logProb)};
        if (report.probe) {
            const ProbedLayer& probed = report.probe->layers[i];
            cells.insert(cells.end(), {shown(probed.accuracy), intervalText(probed.interval)});
        } else {
            cells.insert(cells.end(), {"-", "-"});
        }
        if (view.similarity) {
            const LayerSimilarity& similar = view.similarity->layers[i];
            cells.insert(cells.end(),
                         {shown(similar.cosine), shown(similar.normRatio), shown(similar.cka)});
        } else {
            cells.insert(cells.end(), {"-", "-", "-"});
        }
        table.addRow(std::move(cells));
    }
    return table.text();
}

std::string summaryOf(const InsideView& view, const ProbeReport& report)
{
    std::string text;
    for (const Evaluation& evaluation : view.evaluations)
        text +=
            evaluation.missing.empty()
                ? fmt::format("{} {:.3f} {} ({} samples)\n", evaluation.metric, evaluation.value,
                              intervalText(evaluation.interval), evaluation.count)
                : fmt::format("{}: {}\n", evaluation.metric, evaluation.missing);
    text += report.probe
                ? fmt::format("linear-probe: fitted to {} answers, judged on {} to other "
                              "questions; the baseline is {:.3f}\n",
                              report.probe->trained, report.probe->heldOut, report.probe->baseline)
                : fmt::format("linear-probe: {}\n", report.missing);
    return text;
}

OrderedJson intervalJson(const Interval& interval)
{
    return {interval.low, interval.high};
}

OrderedJson describe(const Evaluation& evaluation)
{
    OrderedJson samples = OrderedJson::array();
    for (const SampleValue& sample : evaluation.samples)
        samples.push_back({{"sample", sample.sample}, {"value", sample.value}});
    return {
        {"set", evaluation.set},
        {"metric", evaluation.metric},
        {"variant", evaluation.variant},
        {"value", evaluation.value}, // written as null where it is missing
        {"count", evaluation.count},
        {"interval", evaluation.interval ? intervalJson(*evaluation.interval) : OrderedJson()},
        {"missing", evaluation.missing.empty() ? OrderedJson() : OrderedJson(evaluation.missing)},
        {"samples", samples}};
}

OrderedJson describe(const InsideView& view, const ProbeReport& report, std::size_t block)
{
    const LensLayer& lens = view.lens[block];
    OrderedJson line = {{"set", view.set},
                        {"block", lens.layer},
                        {"lens", {{"known", lens.known}, {"log_prob", lens.logProb}}}};
    if (report.probe) {
        const ProbedLayer& probed = report.probe->layers[block];
        line["probe"] = {
            {"accuracy", probed.accuracy},       {"interval", intervalJson(probed.interval)},
            {"fitted", probed.fitted},           {"baseline", report.probe->baseline},
            {"held_out", report.probe->heldOut}, {"trained", report.probe->trained}};
    }
    if (view.similarity) {
        const LayerSimilarity& similar = view.similarity->layers[block];
        line["similarity"] = {{"cosine", similar.cosine},
                              {"norm_ratio", similar.normRatio},
                              {"cka", similar.cka},
                              {"rows", view.similarity->rows},
                              {"cka_rows", view.similarity->ckaRows}};
    }
    return line;
}

/// A line for each block of each set, then one for each metric.
void writeLines(const InsideReport& report)
{
    JsonLines lines;
    for (std::size_t i = 0; i < report.views.size(); ++i) {
        for (std::size_t block = 0; block < report.views[i].lens.size(); ++block)
            lines.write(describe(report.views[i], report.probes[i], block));
        if (!report.probes[i].missing.empty())
            lines.write(OrderedJson{{"set", report.probes[i].set},
                                    {"metric", "linear-probe"},
                                    {"missing", report.probes[i].missing}});
    }
    for (const Evaluation& evaluation : report.evaluations())
        lines.write(describe(evaluation));
}

InsideRequest requestOf(const Arguments& arguments)
{
    return {.model = arguments.value("MODEL"),
            .original = arguments.text("original").value_or(""),
            .forget = {arguments.value("forget")},
            .retain = {arguments.text("retain").value_or("")},
            .promptTemplate = arguments.text("template").value_or(kDefaultPromptFormat),
            .maxSamples = arguments.integer("max-samples").value_or(400),
            .rank = arguments.integer("top").value_or(1),
            .probed = arguments.flag("mean") ? AnswerState::Mean : AnswerState::LastToken,
            .seed = arguments.integer("seed").value_or(42),
            .device = arguments.text("device").value_or("auto"),
            .precision = arguments.text("precision").value_or("float32"),
            .maxLength = arguments.integer("max-length").value_or(512)};
}

int run(const Arguments& arguments)
{
    watchForInterrupt();
    const InsideRequest request = requestOf(arguments);
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    const Result<std::optional<InsideReport>> found = inspectInside(request, [&](double share) {
        status.show(fmt::format("looking {:.0f} %", 100 * share));
        return !isInterrupted();
    });
    status.finish();
    if (!found)
        return report(found.error());
    if (!*found)
        return ExitInterrupted;
    if (arguments.flag("json")) {
        writeLines(**found);
        return ExitDone;
    }
    for (std::size_t i = 0; i < (*found)->views.size(); ++i)
        std::cout << (i == 0 ? "" : "\n") << (*found)->views[i].set << "\n"
                  << tableOf((*found)->views[i], (*found)->probes[i], request.rank)
                  << summaryOf((*found)->views[i], (*found)->probes[i]);
    return ExitDone;
}

} // namespace

Command insideCommand()
{
    return {.name = "inside",
            .summary = "what a model holds inside: lens, linear probe, likeness to the original",
            .positionals = {{.name = "MODEL", .help = "model folder"}},
            .options = {{.name = "forget",
                         .value = "FILE",
                         .help = "forget corpus; rows with perturbed_answer are probed",
                         .required = true},
                        {.name = "retain", .value = "FILE", .help = "retain corpus"},
                        {.name = "original",
                         .value = "MODEL",
                         .help = "the model that this one was made from, to compare with"},
                        {.name = "top",
                         .value = "K",
                         .help = "a token counts as known where it is among the K likeliest; "
                                 "default 1",
                         .type = ValueType::Integer,
                         .min = 1},
                        {.name = "mean",
                         .help = "probe the mean over the answer's tokens, not the last one"},
                        {.name = "max-samples",
                         .value = "N",
                         .help = "of each corpus; default 400",
                         .type = ValueType::Integer,
                         .min = 1},
                        {.name = "template",
                         .value = "ID",
                         .help = "prompt format, or model for the model's own chat template; "
                                 "default: question-answer"},
                        {.name = "max-length",
                         .value = "N",
                         .help = "tokens of a sample; default 512",
                         .type = ValueType::Integer,
                         .min = 2},
                        {.name = "seed",
                         .value = "N",
                         .help = "of the samples drawn and the split; default 42",
                         .type = ValueType::Integer,
                         .min = 0},
                        {.name = "device", .value = "D", .help = "auto, cpu or cuda:N"},
                        {.name = "precision",
                         .value = "P",
                         .help = "auto, float32 or bfloat16; default float32"},
                        {.name = "json",
                         .help = "a JSON line for each block of each set and for each metric"}},
            .run = &run};
}

} // namespace lacuna
