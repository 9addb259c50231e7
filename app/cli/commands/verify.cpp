#include "core/run/verify.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/comparison_report.h"
#include "app/cli/output.h"

#include <filesystem>
#include <iostream>

namespace lacuna {
namespace {

int run(const Arguments& arguments)
{
    const std::filesystem::path model = arguments.value("MODEL");
    const std::optional<std::string> trajectory = arguments.text("trajectory");
    const std::optional<std::string> expected = arguments.text("expected");
    ComparisonReport results(arguments.flag("json"));
    const ComparisonSink sink = [&](const Comparison& comparison) { results.add(comparison); };

    if (expected || !trajectory)
        if (const Status status = verifyModel(model, expected.value_or(model.string()),
                                              arguments.flag("bf16") ? VerifyPrecision::BFloat16
                                                                     : VerifyPrecision::Float32,
                                              sink);
            !status)
            return report(status.error());
    if (trajectory) {
        const int before = results.compared();
        const Status status = verifyTrajectory(model, *trajectory, sink);
        // A recorded method that is not built in is no fault of those that are: it is said, and the
        // verdict is theirs. With nothing to compare there is no verdict.
        const bool skipped =
            !status && status.error().code == ErrorCode::Unsupported && results.compared() > before;
        if (skipped)
            std::cerr << "note: " << printable(status.error().text()) << "\n";
        else if (!status)
            return report(status.error());
    }
    return results.finish();
}

} // namespace

Command verifyCommand()
{
    return {.name = "verify",
            .summary = "recomputes recorded reference values and compares: exit code 1 if one is "
                       "beyond its tolerance; recorded methods that are not built in are named and "
                       "left out",
            .positionals = {{.name = "MODEL", .help = "a model's folder"}},
            .options = {{.name = "expected",
                         .value = "DIR",
                         .help = "holds expected.json; without it, the model's own folder"},
                        {.name = "trajectory",
                         .value = "FILE",
                         .help = "recorded training steps to replay, instead of or beside those "
                                 "values"},
                        {.name = "bf16",
                         .help = "compute in bfloat16 and allow for its rounding; greedy text is "
                                 "then not compared"},
                        {.name = "json", .help = "JSON lines instead of a table"}},
            .run = run};
}

} // namespace lacuna
