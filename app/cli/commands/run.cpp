#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/commands/run_watch.h"
#include "app/cli/commands/sweep_runs.h"
#include "app/cli/output.h"
#include "app/cli/store_path.h"
#include "core/base/process.h"
#include "core/base/text.h"
#include "core/run/plan.h"
#include "core/run/recipe.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

std::string planText(const Plan& plan)
{
    TextTable corpora({{.title = "corpus"},
                       {.title = "samples", .align = Align::Right},
                       {.title = "tokens", .align = Align::Right},
                       {.title = "scored", .align = Align::Right},
                       {.title = "longest", .align = Align::Right},
                       {.title = "cut", .align = Align::Right}});
    for (const CorpusPlan& corpus : plan.corpora)
        corpora.addRow({corpus.role, std::to_string(corpus.samples), std::to_string(corpus.tokens),
                        std::to_string(corpus.scoredTokens), std::to_string(corpus.longest),
                        std::to_string(corpus.truncated)});
    TextTable memory({{.title = "memory"}, {.title = "size", .align = Align::Right}});
    for (const MemoryItem& item : plan.memory)
        memory.addRow({item.what, bytesText(item.bytes)});
    memory.addRow({"together", bytesText(totalBytes(plan.memory))});
    std::string text = fmt::format("{} model, {} parameters, {} of them trained, {} on {}\n{} "
                                   "steps, {} an epoch, {:.0f} tokens "
                                   "to train on, {:.3g} floating point operations\n\n{}\n{}",
                                   plan.family, plan.parameters, plan.trainedParameters,
                                   plan.precision, plan.device, plan.totalSteps, plan.stepsPerEpoch,
                                   plan.trainingTokens, plan.flops, corpora.text(), memory.text());
    for (const std::string& warning : plan.warnings)
        text += "\nwarning: " + warning;
    return text;
}

int run(const Arguments& arguments)
{
    const Result<Sweep> sweep = readSweep(arguments.value("RECIPE"), arguments.list("set"));
    if (!sweep)
        return report(sweep.error());
    // Every point is checked before the first one is run.
    for (std::size_t i = 1; i < sweep->points.size(); ++i)
        if (const Result<Plan> other = planRun(sweep->points[i].recipe); !other)
            return report(other.error().at(sweep->points[i].label));
    const Recipe* recipe = &sweep->points.front().recipe;
    const Result<Plan> plan = planRun(*recipe);
    if (!plan)
        return report(plan.error());
    if (!sweep->group.empty())
        std::cerr << sweep->points.size() << " runs; the first:\n";
    std::cerr << planText(*plan) << "\n";
    if (arguments.flag("dry-run")) {
        JsonLines().write(plan->toJson());
        return plan->shortage ? report(*plan->shortage) : ExitDone;
    }
    if (plan->shortage)
        return report(*plan->shortage);
    const std::filesystem::path store =
        arguments.text("store").value_or(defaultStorePath().string());
    const std::filesystem::path runs =
        arguments.text("out").value_or((store.parent_path() / "runs").string());
    if (!sweep->group.empty())
        return runSweep(*sweep, store, runs);
    Result<std::unique_ptr<RunThread>> thread = RunThread::start(
        {.recipe = *recipe, .store = store, .runsFolder = runs, .programVersion = LACUNA_VERSION});
    if (!thread)
        return report(thread.error());
    const int code = watchRun(**thread);
    std::cerr << fmt::format("Peak memory {}, planned {}.\n", bytesText(peakMemoryBytes()),
                             bytesText(totalBytes(plan->memory)));
    return code;
}

int resume(const Arguments& arguments)
{
    const std::string store = arguments.text("store").value_or(defaultStorePath().string());
    Result<std::unique_ptr<RunThread>> thread = RunThread::resume(store, arguments.value("RUN"));
    if (!thread)
        return report(thread.error());
    return watchRun(**thread);
}

int stop(const Arguments& arguments)
{
    Result<OpenRun> open = openRun(arguments, OpenMode::ReadWrite);
    if (!open)
        return report(open.error());
    if (isEnded(open->run.state) || !open->run.pid || !processLives(*open->run.pid)) {
        const bool over = isEnded(open->run.state) && open->run.state != RunState::Interrupted &&
                          open->run.state != RunState::Failed;
        return report({.code = ErrorCode::InvalidArgument,
                       .message = "no process works on the run",
                       .context = open->run.name,
                       .remedy = over ? "it has ended as " + std::string(idOf(open->run.state))
                                      : "it can be continued with: resume " + open->run.uid});
    }
    const Status status = open->store.postRequest(
        open->run.id, arguments.flag("discard") ? RequestKind::Discard : RequestKind::Stop);
    if (!status)
        return report(status.error());
    std::cerr << "Asked run " << open->run.uid << " to stop.\n";
    return ExitDone;
}

} // namespace

Command runCommand()
{
    return {.name = "run",
            .summary = "do what a recipe says, or each run of its sweep, and keep the record",
            .positionals = {{.name = "RECIPE", .help = "a recipe file (JSON)"}},
            .options = {storeOption(),
                        {.name = "out",
                         .value = "DIR",
                         .help = "folder of the run folders; default: runs beside the history"},
                        {.name = "dry-run", .help = "show the plan and stop"},
                        {.name = "set",
                         .value = "KEY=VALUE",
                         .help = "replace a value of the recipe: training.learning_rate=1e-4",
                         .repeatable = true}},
            .run = &run};
}

Command resumeCommand()
{
    return {.name = "resume",
            .summary = "continue an interrupted run exactly",
            .positionals = {{.name = "RUN", .help = "uid, its beginning, or name"}},
            .options = {storeOption()},
            .run = &resume};
}

Command stopCommand()
{
    return {
        .name = "stop",
        .summary = "ask the process that works on a run to stop and keep",
        .positionals = {{.name = "RUN", .help = "uid, its beginning, or name"}},
        .options = {storeOption(), {.name = "discard", .help = "keep the record, but no model"}},
        .run = &stop};
}

} // namespace lacuna
