#include "app/cli/commands/sweep_runs.h"

#include "app/cli/command.h"
#include "app/cli/commands/run_watch.h"
#include "app/cli/output.h"
#include "core/run/run_thread.h"
#include "core/store/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace lacuna {
namespace {

/// What the table says of a run, by set and metric.
struct Measure {
    const char* title;
    const char* set;
    const char* metric;
};
constexpr Measure kMeasures[] = {{"forget probability", "forget", "probability"},
                                 {"forget ES", "forget", "extraction-strength"},
                                 {"retain probability", "retain", "probability"},
                                 {"retain ES", "retain", "extraction-strength"},
                                 {"fluency", "forget", "fluency"}};

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Outcome {
    std::string label;
    Run run;
    std::vector<double> values; ///< in the order of kMeasures; not a number where there is none
    double seconds = kNone;

    [[nodiscard]] SweepScore score() const { return {values[0], values[2]}; }
};

std::vector<Run> runsOf(const std::filesystem::path& path, const std::string& group)
{
    const Result<Store> store = Store::open(path, OpenMode::ReadOnly);
    if (!store)
        return {};
    Result<std::vector<Run>> runs = store->runs({.group = group});
    if (!runs)
        return {};
    std::vector<Run> whole;
    for (const Run& run : *runs)
        if (Result<Run> found = store->run(run.id))
            whole.push_back(std::move(found).value());
    return whole;
}

/// The newest run of \p point that the history has.
std::optional<Run> recordOf(const std::vector<Run>& runs, const SweepPoint& point)
{
    const std::string recipe = point.recipe.toJson().dump();
    const auto found = std::ranges::find(runs, recipe, &Run::recipe);
    return found == runs.end() ? std::nullopt : std::optional(*found);
}

bool isDone(const Run& run)
{
    return run.state == RunState::Done || run.state == RunState::Stopped;
}

Outcome outcomeOf(const Store& store, const std::string& label, const Run& run)
{
    Outcome outcome{.label = label, .run = run};
    const Result<std::vector<Evaluation>> evaluations = store.readEvaluations(run.id, false);
    for (const Measure& measure : kMeasures) {
        double value = kNone;
        if (evaluations)
            for (const Evaluation& one : *evaluations)
                if (one.phase == EvaluationPhase::After && one.set == measure.set &&
                    one.metric == measure.metric)
                    value = one.value;
        outcome.values.push_back(value);
    }
    const Json summary = Json::parse(run.summary, nullptr, false);
    if (summary.is_object())
        outcome.seconds = summary.value("training_seconds", kNone);
    return outcome;
}

std::string number(double value)
{
    return std::isfinite(value) ? fmt::format("{:.4f}", value) : "-";
}

void show(const std::vector<Outcome>& outcomes)
{
    std::vector<SweepScore> scores;
    for (const Outcome& outcome : outcomes)
        scores.push_back(outcome.score());
    const std::vector<bool> best = paretoFront(scores);
    std::vector<Column> columns = {{.title = "best"}, {.title = "run"}};
    for (const Measure& measure : kMeasures)
        columns.push_back({.title = measure.title, .align = Align::Right});
    columns.push_back({.title = "steps", .align = Align::Right});
    columns.push_back({.title = "seconds", .align = Align::Right});
    TextTable table(columns);
    OrderedJson runs = OrderedJson::array();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const Outcome& outcome = outcomes[i];
        std::vector<std::string> row = {best[i] ? "*" : "", outcome.label};
        OrderedJson json = {{"uid", outcome.run.uid},
                            {"label", outcome.label},
                            {"state", idOf(outcome.run.state)},
                            {"best", static_cast<bool>(best[i])}};
        for (std::size_t k = 0; k < outcome.values.size(); ++k) {
            row.push_back(number(outcome.values[k]));
            json["values"][kMeasures[k].title] =
                std::isfinite(outcome.values[k]) ? Json(outcome.values[k]) : Json();
        }
        row.push_back(std::to_string(outcome.run.step));
        row.push_back(std::isfinite(outcome.seconds) ? fmt::format("{:.1f}", outcome.seconds)
                                                     : "-");
        table.addRow(row);
        json["steps"] = outcome.run.step;
        runs.push_back(json);
    }
    std::cerr << "\n" << table.text();
    JsonLines().write(OrderedJson{{"event", "sweep"}, {"runs", runs}});
}

} // namespace

int runSweep(const Sweep& sweep, const std::filesystem::path& path,
             const std::filesystem::path& runsFolder)
{
    const std::vector<Run> before = runsOf(path, sweep.group);
    const auto done = std::ranges::count_if(sweep.points, [&](const SweepPoint& point) {
        const std::optional<Run> record = recordOf(before, point);
        return record && isDone(*record);
    });
    std::cerr << fmt::format("{} runs in the group \"{}\", {} of them done\n", sweep.points.size(),
                             sweep.group, done);
    int worst = ExitDone;
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
        const SweepPoint& point = sweep.points[i];
        const std::optional<Run> record = recordOf(before, point);
        if (record && isDone(*record))
            continue;
        std::cerr << fmt::format("\nRun {} of {}: {}\n", i + 1, sweep.points.size(), point.label);
        const bool continues =
            record && (record->state == RunState::Interrupted || !isEnded(record->state));
        Result<std::unique_ptr<RunThread>> thread =
            continues ? RunThread::resume(path, record->uid)
                      : RunThread::start({.recipe = point.recipe,
                                          .store = path,
                                          .runsFolder = runsFolder,
                                          .programVersion = LACUNA_VERSION,
                                          .group = sweep.group});
        const int code = thread ? watchRun(**thread) : report(thread.error());
        if (code == ExitInterrupted) {
            std::cerr << "The sweep goes on where it is when the same command is given again.\n";
            return code;
        }
        worst = std::max(worst, code);
    }
    const Result<Store> store = Store::open(path, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    std::vector<Outcome> outcomes;
    const std::vector<Run> after = runsOf(path, sweep.group);
    for (const SweepPoint& point : sweep.points)
        if (const std::optional<Run> record = recordOf(after, point))
            outcomes.push_back(outcomeOf(*store, point.label, *record));
    show(outcomes);
    return worst;
}

} // namespace lacuna
