#include "app/cli/commands/commands.h"
#include "app/cli/commands/comparison_report.h"
#include "app/cli/output.h"
#include "core/metrics/recorded_metrics.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace lacuna {
namespace {

int run(const Arguments& arguments)
{
    ComparisonReport results(arguments.flag("json"));
    int unreadable = ExitDone;
    for (const std::string& file : arguments.list("FILE")) {
        const Result<Json> document = readJsonFile(file);
        const auto leftOut = document ? verifyRecordedMetrics(*document, file,
                                                              [&](const Comparison& comparison) {
                                                                  results.add(comparison);
                                                              })
                                      : Result<std::vector<std::string>>(document.error());
        if (!leftOut) { // the other files are still worth a look
            unreadable = report(leftOut.error());
            continue;
        }
        for (const std::string& note : *leftOut)
            std::cerr << "note: " << printable(note) << "\n";
    }
    const int verdict = results.compared() > 0 ? results.finish() : ExitDone;
    return unreadable != ExitDone ? unreadable : verdict;
}

} // namespace

Command verifyMetricsCommand()
{
    return {.name = "verify-metrics",
            .summary = "recomputes recorded metric values and compares: exit code 1 if one is "
                       "beyond its tolerance, 3 if a file holds nothing known",
            .positionals = {{.name = "FILE",
                             .help = "JSON with recorded values: KS tests, truth ratios, "
                                     "membership scores, ROUGE pairs, stems, memorised sequences, "
                                     "or an evaluation log; told by its content",
                             .repeatable = true}},
            .options = {{.name = "json", .help = "JSON lines instead of a table"}},
            .run = run};
}

} // namespace lacuna
