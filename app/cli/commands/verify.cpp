#include "core/run/verify.h"
#include "app/cli/commands/commands.h"
#include "app/cli/output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>

namespace lacuna {
namespace {

const std::vector<Column> kColumns = {{.title = "quantity", .width = 52},
                                      {.title = "difference", .align = Align::Right, .width = 10},
                                      {.title = "of allowed", .align = Align::Right, .width = 10},
                                      {.title = "tolerance", .width = 24},
                                      {.title = ""}};

std::string toleranceText(const Comparison& comparison)
{
    if (comparison.absolute == 0 && comparison.relative == 0)
        return "exact";
    if (comparison.absolute == 0)
        return fmt::format("{:g} x |value|", comparison.relative);
    return fmt::format("{:g} + {:g} x |value|", comparison.absolute, comparison.relative);
}

/// Prints each comparison as it is made, and counts.
class Report {
public:
    explicit Report(bool json) : m_json(json) {}

    void add(const Comparison& comparison)
    {
        if (m_compared++ == 0 && !m_json)
            std::cout << tableHead(kColumns);
        m_failed += comparison.passed ? 0 : 1;
        if (m_json)
            writeJson(comparison);
        else
            std::cout << tableRow(kColumns,
                                  {comparison.quantity,
                                   fmt::format("{:.2e}", comparison.difference),
                                   fmt::format("{:.1f} %", comparison.worst * 100),
                                   toleranceText(comparison), comparison.passed ? "ok" : "FAIL"})
                      << std::flush;
    }

    [[nodiscard]] int compared() const { return m_compared; }
    [[nodiscard]] int finish() const
    {
        if (m_failed > 0)
            std::cerr << fmt::format("{} of {} quantities are beyond their tolerance\n", m_failed,
                                     m_compared);
        else
            std::cerr << fmt::format("{} quantities, all within their tolerances\n", m_compared);
        return m_failed > 0 ? ExitCheckFailed : ExitDone;
    }

private:
    void writeJson(const Comparison& comparison)
    {
        const auto finite = [](double value) {
            return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
        };
        m_lines.write(OrderedJson{{"quantity", comparison.quantity},
                                  {"difference", finite(comparison.difference)},
                                  {"worst", finite(comparison.worst)},
                                  {"absolute", comparison.absolute},
                                  {"relative", comparison.relative},
                                  {"passed", comparison.passed}});
    }

    bool m_json;
    JsonLines m_lines;
    int m_compared = 0;
    int m_failed = 0;
};

int run(const Arguments& arguments)
{
    const std::filesystem::path model = arguments.value("MODEL");
    const std::optional<std::string> trajectory = arguments.text("trajectory");
    const std::optional<std::string> expected = arguments.text("expected");
    Report results(arguments.flag("json"));
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
