#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/run/calibration.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unistd.h>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// A run whose result can be mixed with what it started from.
struct MixedRun {
    Run run;
    CalibrationRequest request;
};

Result<MixedRun> mixedRun(const Store& store, const std::string& word)
{
    const Result<Run> run = store.findRun(word);
    if (!run)
        return run.error();
    Result<CalibrationRequest> request = calibrationOf(*run);
    if (!request)
        return request.error();
    return MixedRun{*run, std::move(request).value()};
}

std::optional<double> valueOf(const std::vector<Evaluation>& evaluations, const char* set,
                              const char* metric)
{
    const auto found = std::ranges::find_if(
        evaluations, [&](const Evaluation& one) { return one.set == set && one.metric == metric; });
    return found == evaluations.end() ? std::nullopt : std::optional(found->value);
}

int calibrateRuns(const Arguments& arguments, const std::vector<MixedRun>& runs)
{
    TextTable table({{.title = "run"},
                     {.title = "method"},
                     {.title = "amount", .align = Align::Right},
                     {.title = "retain kept", .align = Align::Right},
                     {.title = "forget probability", .align = Align::Right},
                     {.title = "forget ES", .align = Align::Right},
                     {.title = "forget nll", .align = Align::Right}});
    const auto number = [](std::optional<double> value) {
        return value ? fmt::format("{:.4f}", *value) : std::string("-");
    };
    watchForInterrupt();
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    for (const MixedRun& mixed : runs) {
        CalibrationRequest request = mixed.request;
        request.metric = arguments.text("calibrate").value();
        request.keep = arguments.number("keep").value_or(request.keep);
        const Result<Calibration> found = calibrate(request, [&](double share) {
            status.show(fmt::format("{}: calibrating {:.0f} %", mixed.run.name, 100 * share));
            return !isInterrupted();
        });
        status.finish();
        if (!found)
            return report(found.error());
        if (isInterrupted() || found->points.empty())
            return ExitInterrupted;
        const auto chosen =
            std::ranges::find(found->points, found->amount, &CalibrationPoint::amount);
        table.addRow({mixed.run.name, mixed.run.method, fmt::format("{:.4f}", found->amount),
                      number(chosen->kept),
                      number(valueOf(found->evaluations, "forget", "probability")),
                      number(valueOf(found->evaluations, "forget", "extraction-strength")),
                      number(valueOf(found->evaluations, "forget", "nll"))});
        OrderedJson json = {{"run", mixed.run.uid},          {"method", mixed.run.method},
                            {"metric", request.metric},      {"keep", request.keep},
                            {"amount", found->amount},       {"points", OrderedJson::array()},
                            {"values", OrderedJson::array()}};
        for (const CalibrationPoint& point : found->points)
            json["points"].push_back(
                {{"amount", point.amount}, {"score", point.score}, {"kept", point.kept}});
        for (const Evaluation& one : found->evaluations)
            json["values"].push_back(
                {{"set", one.set}, {"metric", one.metric}, {"value", one.value}});
        JsonLines().write(json);
        if (const auto out = arguments.text("out"))
            if (const Status written =
                    writeMix(request.evaluation.model, request.unlearned, found->amount, *out);
                !written)
                return report(written.error());
    }
    std::cerr << table.text();
    return ExitDone;
}

int run(const Arguments& arguments)
{
    const std::optional<double> amount = arguments.number("amount");
    const bool calibrates = arguments.text("calibrate").has_value();
    const std::vector<std::string>& words = arguments.list("RUN");
    if (amount.has_value() == calibrates)
        return reportUsage("mix wants either --amount with --out, or --calibrate");
    if (amount && !arguments.text("out"))
        return reportUsage("--amount needs --out, the folder that the model goes to");
    if (arguments.text("out") && words.size() > 1)
        return reportUsage("--out goes with one run");
    const Result<Store> store = openHistory(arguments, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    std::vector<MixedRun> runs;
    for (const std::string& word : words) {
        Result<MixedRun> mixed = mixedRun(*store, word);
        if (!mixed)
            return report(mixed.error());
        runs.push_back(std::move(mixed).value());
    }
    if (calibrates)
        return calibrateRuns(arguments, runs);
    const fs::path out = arguments.text("out").value();
    for (const MixedRun& mixed : runs) {
        if (const Status status =
                writeMix(mixed.request.evaluation.model, mixed.request.unlearned, *amount, out);
            !status)
            return report(status.error());
        JsonLines().write(
            OrderedJson{{"run", mixed.run.uid}, {"amount", *amount}, {"folder", out.string()}});
    }
    return ExitDone;
}

} // namespace

Command mixCommand()
{
    return {.name = "mix",
            .summary =
                "a model between a run's original and its result, by an amount or calibrated",
            .positionals = {{.name = "RUN",
                             .help = "a run's id, its beginning or its name; several with "
                                     "--calibrate",
                             .repeatable = true}},
            .options = {storeOption(),
                        {.name = "amount",
                         .value = "A",
                         .help = "0 is the original, 1 the run's result",
                         .type = ValueType::Number,
                         .min = -100,
                         .max = 100},
                        {.name = "calibrate",
                         .value = "METRIC",
                         .help = "find the largest amount that keeps enough of this metric on the "
                                 "retain set: extraction-strength, probability, nll, ..."},
                        {.name = "keep",
                         .value = "S",
                         .help = "share of the original's score to keep; default 0.95",
                         .type = ValueType::Number,
                         .min = 0,
                         .max = 1},
                        {.name = "out", .value = "DIR", .help = "folder of the mixed model"}},
            .run = &run};
}

} // namespace lacuna
