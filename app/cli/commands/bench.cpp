#include "core/run/bench.h"

#include "app/cli/commands/commands.h"
#include "app/cli/output.h"
#include "core/models/threads.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>

namespace lacuna {
namespace {

const std::vector<Column> kColumns = {
    {"measure", Align::Left, 12}, {"shape", Align::Left, 19},  {"type", Align::Left, 8},
    {"rate", Align::Right, 8},    {"median", Align::Right, 8}, {"unit", Align::Left, 8},
    {"padded", Align::Right, 8},  {"ceiling", Align::Right},   {"peak", Align::Right, 8},
    {"cost", Align::Right},
};

std::string rate(double value)
{
    return value < 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

std::vector<std::string> cells(const BenchResult& result)
{
    return {result.measure,
            result.shape,
            result.precision,
            rate(result.rate),
            rate(result.medianRate),
            result.unit,
            result.paddedRate ? rate(*result.paddedRate) : "",
            result.ceilingShare ? fmt::format("{:.0f} %", 100 * *result.ceilingShare) : "",
            result.peakBytes ? fmt::format("{:.0f} MiB", *result.peakBytes / 1048576.0) : "",
            result.finetuningSteps ? fmt::format("{:.2f}", *result.finetuningSteps) : ""};
}

OrderedJson document(const BenchResult& result)
{
    OrderedJson json = {{"measure", result.measure},        {"shape", result.shape},
                        {"precision", result.precision},    {"rate", result.rate},
                        {"median_rate", result.medianRate}, {"unit", result.unit}};
    if (result.paddedRate)
        json["padded_rate"] = *result.paddedRate;
    if (result.ceilingShare)
        json["ceiling_share"] = *result.ceilingShare;
    if (result.finetuningSteps)
        json["finetuning_steps"] = *result.finetuningSteps;
    if (result.peakBytes)
        json["peak_bytes"] = *result.peakBytes;
    return json;
}

int bench(const Arguments& arguments)
{
    prepareTorch(static_cast<int>(arguments.integer("threads").value_or(0)));
    BenchOptions options;
    if (const auto model = arguments.text("model"))
        options.model = *model;
    if (const auto& shapes = arguments.list("shape"); !shapes.empty())
        options.shapes = shapes;
    if (const auto& precisions = arguments.list("precision"); !precisions.empty())
        options.precisions = precisions;
    if (arguments.flag("quick")) {
        options.repetitions = 2;
        options.newTokens = 32;
    }
    options.methods = arguments.flag("methods");
    const bool asJson = arguments.flag("json");
    JsonLines lines;
    if (!asJson)
        std::cout << fmt::format("{} threads; {}.\n\n", threadCount(), benchWorkload())
                  << tableHead(kColumns) << std::flush;
    const Status done = runBench(options, [&](const BenchResult& result) {
        if (asJson)
            lines.write(document(result));
        else
            std::cout << tableRow(kColumns, cells(result)) << std::flush;
    });
    return done ? ExitDone : report(done.error());
}

} // namespace

Command benchCommand()
{
    return {.name = "bench",
            .summary = "Measure this machine, training and decoding",
            .options = {{.name = "model",
                         .value = "FOLDER",
                         .help = "measure this model instead of the built-in shapes"},
                        {.name = "shape",
                         .value = "NAME",
                         .help = fmt::format("one of {}; all of them unless given",
                                             fmt::join(benchShapes(), ", ")),
                         .repeatable = true},
                        {.name = "precision",
                         .value = "TYPE",
                         .help = "float32 or bfloat16; both unless given",
                         .repeatable = true},
                        {.name = "threads",
                         .value = "N",
                         .help = "computing threads; the physical cores unless given",
                         .type = ValueType::Integer,
                         .min = 1,
                         .max = 1024},
                        {.name = "methods",
                         .help = "a training step of every method, with its cost in steps of "
                                 "fine-tuning on the forget batch alone"},
                        {.name = "quick", .help = "fewer repetitions and tokens"},
                        {.name = "json", .help = "JSON lines instead of a table"}},
            .run = bench};
}

} // namespace lacuna
