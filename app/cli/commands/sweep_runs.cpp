#include "app/cli/commands/sweep_runs.h"

#include "app/cli/command.h"
#include "app/cli/commands/run_watch.h"
#include "app/cli/output.h"
#include "core/run/run_thread.h"
#include "core/run/sweep_runs.h"
#include "core/store/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

std::vector<Run> runsOf(const std::filesystem::path& path, const std::string& group)
{
    const Result<Store> store = Store::open(path, OpenMode::ReadOnly);
    if (!store)
        return {};
    Result<std::vector<Run>> runs = readGroup(*store, group);
    return runs ? std::move(runs).value() : std::vector<Run>();
}

std::string number(double value)
{
    return std::isfinite(value) ? fmt::format("{:.4f}", value) : "-";
}

/// Means and standard deviations over the runs that differ in their seed alone.
void show(const std::vector<SeedSpread>& spreads)
{
    if (spreads.empty())
        return;
    std::vector<Column> columns = {{.title = "over seeds"}, {.title = "runs"}};
    for (const SweepMeasure& measure : kSweepMeasures)
        columns.push_back({.title = measure.title, .align = Align::Right});
    TextTable table(columns);
    for (const SeedSpread& spread : spreads) {
        std::vector<std::string> row = {spread.label, std::to_string(spread.runs)};
        for (std::size_t i = 0; i < kSweepMeasures.size(); ++i)
            row.push_back(
                std::isfinite(spread.means[i])
                    ? fmt::format("{:.3f} ± {:.3f}", spread.means[i], spread.deviations[i])
                    : "-");
        table.addRow(row);
    }
    std::cerr << "\n" << table.text();
}

OrderedJson toJson(const std::vector<SeedSpread>& spreads)
{
    OrderedJson list = OrderedJson::array();
    for (const SeedSpread& spread : spreads) {
        OrderedJson json = {{"label", spread.label}, {"runs", spread.runs}};
        for (std::size_t i = 0; i < kSweepMeasures.size(); ++i)
            if (std::isfinite(spread.means[i]))
                json["values"][kSweepMeasures[i].title] = {{"mean", spread.means[i]},
                                                           {"deviation", spread.deviations[i]}};
        list.push_back(std::move(json));
    }
    return list;
}

void show(const std::vector<SweepOutcome>& outcomes)
{
    std::vector<Column> columns = {{.title = "best"}, {.title = "run"}};
    for (const SweepMeasure& measure : kSweepMeasures)
        columns.push_back({.title = measure.title, .align = Align::Right});
    columns.push_back({.title = "steps", .align = Align::Right});
    columns.push_back({.title = "seconds", .align = Align::Right});
    TextTable table(columns);
    OrderedJson runs = OrderedJson::array();
    for (const SweepOutcome& outcome : outcomes) {
        const auto& [label, run] = outcome.of;
        std::vector<std::string> row = {outcome.best ? "*" : "", label};
        OrderedJson json = {
            {"uid", run.uid}, {"label", label}, {"state", idOf(run.state)}, {"best", outcome.best}};
        for (std::size_t k = 0; k < outcome.values.size(); ++k) {
            row.push_back(number(outcome.values[k]));
            json["values"][kSweepMeasures[k].title] =
                std::isfinite(outcome.values[k]) ? Json(outcome.values[k]) : Json();
        }
        row.push_back(std::to_string(run.step));
        row.push_back(std::isfinite(outcome.seconds) ? fmt::format("{:.1f}", outcome.seconds)
                                                     : "-");
        table.addRow(row);
        json["steps"] = run.step;
        runs.push_back(json);
    }
    std::cerr << "\n" << table.text();
    const std::vector<SeedSpread> spreads = spreadOverSeeds(outcomes);
    show(spreads);
    JsonLines().write(
        OrderedJson{{"event", "sweep"}, {"runs", runs}, {"over_seeds", toJson(spreads)}});
}

/// After which request how much was known of which target.
void show(const Timeline& timeline)
{
    std::vector<Column> columns = {{.title = "after request"}};
    for (const Timeline::Curve& target : timeline.targets)
        columns.push_back({.title = target.label, .align = Align::Right});
    columns.push_back({.title = "retain", .align = Align::Right});
    TextTable table(columns);
    for (std::size_t i = 0; i < timeline.targets.size(); ++i) {
        std::vector<std::string> row = {timeline.targets[i].label};
        for (std::size_t target = 0; target < timeline.targets.size(); ++target)
            row.push_back(target <= i ? number(timeline.targets[target].known[i + 1])
                                      : std::string());
        row.push_back(number(timeline.retain.known[i + 1]));
        table.addRow(row);
    }
    std::cerr << "\nProbability of the answers\n" << table.text();
}

} // namespace

int runSweep(const Sweep& sweep, const std::filesystem::path& path,
             const std::filesystem::path& runsFolder)
{
    std::cerr << fmt::format("{} {} in the group \"{}\"\n", sweep.points.size(),
                             sweep.sequence ? "requests" : "runs", sweep.group);
    int worst = ExitDone;
    SweepPass pass(sweep, runsOf(path, sweep.group));
    while (!pass.atEnd()) {
        const SweepPass::Step step = pass.step();
        const std::string which =
            fmt::format("{} of {}: {}", step.number + 1, sweep.points.size(), step.label);
        if (step.isDone()) {
            std::cerr << fmt::format("\n{} is done\n", which);
            pass.advance(step.record);
            continue;
        }
        std::cerr << fmt::format("\n{}\n", which);
        Result<std::unique_ptr<RunThread>> thread =
            step.continues() ? RunThread::resume(path, step.record->uid)
                             : RunThread::start({.recipe = step.recipe,
                                                 .store = path,
                                                 .runsFolder = runsFolder,
                                                 .programVersion = LACUNA_VERSION,
                                                 .group = sweep.group,
                                                 .parent = step.parent});
        const int code = thread ? watchRun(**thread) : report(thread.error());
        if (code == ExitInterrupted) {
            std::cerr << "It goes on where it is when the same command is given again.\n";
            return code;
        }
        worst = std::max(worst, code);
        pass.advance(recordOf(runsOf(path, sweep.group), step.recipe));
    }
    if (pass.isBroken())
        return std::max(worst, static_cast<int>(ExitRunFailed));
    const Result<Store> store = Store::open(path, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    show(readOutcomes(*store, pass.recorded()));
    if (sweep.sequence)
        show(readTimeline(*store, pass.recorded()));
    return worst;
}

} // namespace lacuna
