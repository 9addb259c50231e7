#include "app/cli/commands/commands.h"
#include "app/cli/commands/history_store.h"
#include "app/cli/output.h"
#include "app/cli/store_path.h"
#include "core/base/text.h"
#include "core/store/export.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>

namespace lacuna {

namespace fs = std::filesystem;

Option storeOption()
{
    return {.name = "store",
            .value = "FILE",
            .help = "the history; without it, history.sqlite in $XDG_DATA_HOME/lacuna or "
                    "~/.local/share/lacuna"};
}

Result<Store> openHistory(const Arguments& arguments, OpenMode mode)
{
    const std::optional<std::string> named = arguments.text("store");
    return Store::open(named ? fs::path(*named) : defaultStorePath(), mode);
}

Result<OpenRun> openRun(const Arguments& arguments, OpenMode mode)
{
    Result<Store> store = openHistory(arguments, mode);
    if (!store)
        return store.error();
    Result<Run> run = store->findRun(arguments.value("RUN"));
    if (!run)
        return run.error();
    return OpenRun{std::move(store).value(), std::move(run).value()};
}

namespace {

constexpr std::size_t kNameWidth = 40;

const Positional kRun = {.name = "RUN", .help = "a run's id, its beginning, or the run's name"};

// list

OrderedJson describe(const Run& run)
{
    return {{"uid", run.uid},
            {"name", run.name},
            {"state", idOf(run.state)},
            {"method", run.method},
            {"step", run.step},
            {"total_steps", run.totalSteps},
            {"model", run.model.path},
            {"forget", run.forget.path},
            {"retain", run.retain.path},
            {"group", run.group},
            {"tags", run.tags},
            {"note", run.note},
            {"created_at", run.createdAt},
            {"ended_at", run.endedAt},
            {"stop_reason", run.stopReason},
            {"error", run.error},
            {"folder", run.folder}};
}

void printRuns(const std::vector<Run>& runs)
{
    TextTable table({{.title = "run"},
                     {.title = "state"},
                     {.title = "name"},
                     {.title = "method"},
                     {.title = "step", .align = Align::Right},
                     {.title = "created"},
                     {.title = "tags"}});
    for (const Run& run : runs)
        table.addRow({run.uid, std::string(idOf(run.state)), elided(run.name, kNameWidth),
                      run.method, fmt::format("{}/{}", run.step, run.totalSteps),
                      run.createdAt.substr(0, 16), join(run.tags, ", ")});
    std::cout << table.text() << std::flush;
}

Result<RunFilter> filterOf(const Arguments& arguments)
{
    RunFilter filter{.text = arguments.text("text").value_or(""),
                     .tag = arguments.text("tag").value_or(""),
                     .group = arguments.text("group").value_or(""),
                     .limit = arguments.integer("limit")};
    for (const std::string& id : arguments.list("state")) {
        const std::optional<RunState> state = fromId<RunState>(id);
        if (!state)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "there is no state \"" + id + "\"",
                         .context = "--state",
                         .remedy = "known ones: " + join({EnumIds<RunState>::kIds.begin(),
                                                          EnumIds<RunState>::kIds.end()},
                                                         ", ")};
        filter.states.push_back(*state);
    }
    return filter;
}

int list(const Arguments& arguments)
{
    const Result<RunFilter> filter = filterOf(arguments);
    if (!filter)
        return reportUsage(filter.error().text());
    std::error_code ignored;
    if (!arguments.text("store") && !fs::exists(defaultStorePath(), ignored)) {
        std::cerr << "There is no history yet at " << defaultStorePath().string() << "\n";
        return ExitDone;
    }
    const Result<Store> store = openHistory(arguments, OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    const Result<std::vector<Run>> runs = store->runs(*filter);
    if (!runs)
        return report(runs.error());
    if (arguments.flag("json")) {
        JsonLines lines;
        for (const Run& run : *runs)
            lines.write(describe(run));
    } else if (runs->empty()) {
        std::cerr << "No runs.\n";
    } else {
        printRuns(*runs);
    }
    return ExitDone;
}

// export

/// FILE itself, or a file named after the run in a folder that exists or ends with a slash.
Result<fs::path> targetOf(const std::string& out, const std::string& name)
{
    std::error_code failed;
    if (!out.ends_with('/') && !fs::is_directory(out, failed))
        return fs::path(out);
    fs::create_directories(out, failed);
    if (failed)
        return Error{.code = ErrorCode::Io,
                     .message = "the folder cannot be made: " + failed.message(),
                     .context = out};
    return fs::path(out) / name;
}

int exportRun(const Arguments& arguments)
{
    const std::string& out = arguments.value("out");
    const std::string format =
        arguments.text("format").value_or(out.ends_with(".csv") ? "csv" : "json");
    if (format != "json" && format != "csv")
        return reportUsage("--format: \"" + format + "\" is not json or csv");
    const Result<OpenRun> open = openRun(arguments, OpenMode::ReadOnly);
    if (!open)
        return report(open.error());
    const Store& store = open->store;
    const Run& run = open->run;
    const Result<fs::path> target = targetOf(out, run.uid + "." + format);
    if (!target)
        return report(target.error());

    const auto written = [&]() -> Status {
        if (format == "csv") {
            const Result<std::string> csv = seriesToCsv(store, run.id);
            return csv ? writeFileAtomically(*target, *csv) : csv.error();
        }
        const Result<OrderedJson> json = runToJson(store, run.id);
        return json ? writeJsonFile(*target, *json) : json.error();
    }();
    if (!written)
        return report(written.error());
    std::cerr << "Wrote " << printable(target->string()) << "\n";
    return ExitDone;
}

// tag, note, delete

int tag(const Arguments& arguments)
{
    Result<OpenRun> open = openRun(arguments, OpenMode::ReadWrite);
    if (!open)
        return report(open.error());
    for (const std::string& name : arguments.list("TAG")) {
        const Status status = arguments.flag("remove") ? open->store.removeTag(open->run.id, name)
                                                       : open->store.addTag(open->run.id, name);
        if (!status)
            return report(status.error());
    }
    return ExitDone;
}

int note(const Arguments& arguments)
{
    Result<OpenRun> open = openRun(arguments, OpenMode::ReadWrite);
    if (!open)
        return report(open.error());
    const Status status = open->store.setNote(open->run.id, arguments.value("TEXT"));
    return status ? int{ExitDone} : report(status.error());
}

bool isAtWork(const Run& run)
{
    return !isEnded(run.state) && run.pid &&
           (::kill(static_cast<pid_t>(*run.pid), 0) == 0 || errno == EPERM);
}

/// Removes a run's folder, provided that it is one: the path is a text in a file that may come from
/// anywhere, and runs name their folders after themselves.
int removeFolder(const Run& run)
{
    const fs::path folder = run.folder;
    std::error_code failed;
    if (folder.empty() || !fs::exists(folder, failed))
        return ExitDone;
    if (fs::path(folder).filename().string().find(run.uid) == std::string::npos ||
        fs::is_symlink(folder, failed))
        return report({.code = ErrorCode::Unsupported,
                       .message = "the folder is not named after the run, so it was left alone",
                       .context = run.folder,
                       .remedy = "remove it yourself"});
    fs::remove_all(folder, failed);
    if (failed)
        return report({.code = ErrorCode::Io,
                       .message = "the folder cannot be removed: " + failed.message(),
                       .context = run.folder});
    return ExitDone;
}

int remove(const Arguments& arguments)
{
    Result<OpenRun> open = openRun(arguments, OpenMode::ReadWrite);
    if (!open)
        return report(open.error());
    auto& [store, run] = *open;
    if (isAtWork(run))
        return report({.code = ErrorCode::InvalidArgument,
                       .message = fmt::format("process {} still works on the run", *run.pid),
                       .context = run.uid,
                       .remedy = "stop it first"});
    const Result<std::string> folder = store.deleteRun(run.id);
    if (!folder)
        return report(folder.error());
    std::cerr << "Deleted the record of " << run.uid << ", " << printable(run.name) << "\n";
    if (arguments.flag("files"))
        return removeFolder(run);
    std::error_code ignored;
    if (!folder->empty() && fs::exists(*folder, ignored))
        std::cerr << "Its files stay in " << printable(*folder) << "\n";
    return ExitDone;
}

} // namespace

Command historyListCommand()
{
    return {.name = "history list",
            .summary = "the runs on record, newest first",
            .options = {{.name = "text", .value = "WORDS", .help = "only runs that name these"},
                        {.name = "state",
                         .value = "STATE",
                         .help = "only runs in this state: done, failed, interrupted, ...",
                         .repeatable = true},
                        {.name = "tag", .value = "TAG", .help = "only runs with this tag"},
                        {.name = "group", .value = "GROUP", .help = "only runs of this group"},
                        {.name = "limit",
                         .value = "N",
                         .help = "at most so many",
                         .type = ValueType::Integer,
                         .min = 1},
                        storeOption(),
                        {.name = "json", .help = "JSON lines instead of a table"}},
            .run = list};
}

Command historyExportCommand()
{
    return {.name = "history export",
            .summary = "writes everything about a run to a JSON file, or its curves to a CSV file",
            .positionals = {kRun},
            .options = {{.name = "out",
                         .value = "PATH",
                         .help = "a file, or a folder for one named after the run",
                         .required = true},
                        {.name = "format",
                         .value = "FORMAT",
                         .help = "json or csv; without it, what the file's name says, or json"},
                        storeOption()},
            .run = exportRun};
}

Command historyTagCommand()
{
    return {
        .name = "history tag",
        .summary = "gives a run tags, or takes them away",
        .positionals = {kRun, {.name = "TAG", .help = "one word or several", .repeatable = true}},
        .options = {{.name = "remove", .help = "take the tags away"}, storeOption()},
        .run = tag};
}

Command historyNoteCommand()
{
    return {.name = "history note",
            .summary = "writes a note beside a run, in place of the one that was there",
            .positionals = {kRun, {.name = "TEXT", .help = "the note; \"\" for none"}},
            .options = {storeOption()},
            .run = note};
}

Command historyDeleteCommand()
{
    return {
        .name = "history delete",
        .summary = "forgets a run; its files stay unless they are named",
        .positionals = {kRun},
        .options = {{.name = "files", .help = "remove the run's folder as well"}, storeOption()},
        .run = remove};
}

} // namespace lacuna
