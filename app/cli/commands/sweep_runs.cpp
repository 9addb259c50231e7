#include "app/cli/commands/sweep_runs.h"

#include "app/cli/command.h"
#include "app/cli/commands/run_watch.h"
#include "app/cli/output.h"
#include "core/run/run_thread.h"
#include "core/store/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
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
constexpr std::array<Measure, 4> kMeasures = {{{"forget probability", "forget", "probability"},
                                               {"forget ES", "forget", "extraction-strength"},
                                               {"retain probability", "retain", "probability"},
                                               {"retain ES", "retain", "extraction-strength"}}};

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

/// The newest run of \p recipe that the history has.
std::optional<Run> recordOf(const std::vector<Run>& runs, const Recipe& recipe)
{
    const auto found = std::ranges::find(runs, recipe.toJson().dump(), &Run::recipe);
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
    std::vector<SweepScore> scores(outcomes.size());
    std::ranges::transform(outcomes, scores.begin(), &Outcome::score);
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

/// After which request how much was known of which target.
void showTimeline(const Store& store, const std::vector<Outcome>& outcomes)
{
    std::vector<Column> columns = {{.title = "after request"}};
    for (const Outcome& outcome : outcomes)
        columns.push_back({.title = outcome.label, .align = Align::Right});
    columns.push_back({.title = "retain", .align = Align::Right});
    TextTable table(columns);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto evaluations = store.readEvaluations(outcomes[i].run.id, false);
        const auto probability = [&](const std::string& set) {
            if (evaluations)
                for (const Evaluation& one : *evaluations)
                    if (one.phase == EvaluationPhase::After && one.set == set &&
                        one.metric == "probability")
                        return number(one.value);
            return std::string("-");
        };
        std::vector<std::string> row = {outcomes[i].label};
        for (std::size_t target = 0; target < outcomes.size(); ++target)
            row.push_back(target < i    ? probability("earlier-" + std::to_string(target + 1))
                          : target == i ? probability("forget")
                                        : std::string());
        row.push_back(probability("retain"));
        table.addRow(row);
    }
    std::cerr << "\nProbability of the answers\n" << table.text();
}

} // namespace

int runSweep(const Sweep& sweep, const std::filesystem::path& path,
             const std::filesystem::path& runsFolder)
{
    const std::vector<Run> before = runsOf(path, sweep.group);
    std::cerr << fmt::format("{} {} in the group \"{}\"\n", sweep.points.size(),
                             sweep.sequence ? "requests" : "runs", sweep.group);
    int worst = ExitDone;
    std::optional<Run> previous; // of a sequence
    std::vector<std::pair<std::string, Run>> done;
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
        const std::string& label = sweep.points[i].label;
        const Recipe recipe =
            sweep.sequence
                ? requestRecipe(sweep, i,
                                previous ? std::filesystem::path(previous->folder) / "model"
                                         : std::filesystem::path())
                : sweep.points[i].recipe;
        std::optional<Run> record = recordOf(before, recipe);
        if (!record || !isDone(*record)) {
            std::cerr << fmt::format("\n{} of {}: {}\n", i + 1, sweep.points.size(), label);
            const bool continues =
                record && (record->state == RunState::Interrupted || !isEnded(record->state));
            Result<std::unique_ptr<RunThread>> thread =
                continues ? RunThread::resume(path, record->uid)
                          : RunThread::start(
                                {.recipe = recipe,
                                 .store = path,
                                 .runsFolder = runsFolder,
                                 .programVersion = LACUNA_VERSION,
                                 .group = sweep.group,
                                 .parent = previous ? std::optional(previous->id) : std::nullopt});
            const int code = thread ? watchRun(**thread) : report(thread.error());
            if (code == ExitInterrupted) {
                std::cerr << "It goes on where it is when the same command is given again.\n";
                return code;
            }
            worst = std::max(worst, code);
            record = recordOf(runsOf(path, sweep.group), recipe);
        } else {
            std::cerr << fmt::format("\n{} of {}: {} is done\n", i + 1, sweep.points.size(), label);
        }
        if (record)
            done.emplace_back(label, *record);
        if (!sweep.sequence)
            continue;
        if (!record || !isDone(*record))
            return std::max(worst, static_cast<int>(ExitRunFailed)); // the next starts from it
        previous = record;
    }
    const Result<Store> store = Store::open(path, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    std::vector<Outcome> outcomes;
    outcomes.reserve(done.size());
    for (const auto& [label, run] : done)
        outcomes.push_back(outcomeOf(*store, label, run));
    show(outcomes);
    if (sweep.sequence)
        showTimeline(*store, outcomes);
    return worst;
}

} // namespace lacuna
