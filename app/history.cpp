#include "app/history.h"

#include "app/background.h"
#include "core/base/json.h"
#include "core/base/process.h"
#include "core/base/text.h"
#include "core/store/store.h"

#include <QPointer>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>

namespace lacuna {

namespace fs = std::filesystem;

namespace {

/// Reading leaves the file alone, unless it has an older schema and must be brought up to date.
Result<Store> openForReading(const fs::path& file)
{
    Result<Store> store = Store::open(file, OpenMode::ReadOnly);
    if (store || store.error().code != ErrorCode::Unsupported)
        return store;
    return Store::open(file, OpenMode::ReadWrite);
}

Result<std::vector<RunOverview>> readOverviews(const fs::path& file)
{
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        return std::vector<RunOverview>(); // the first run makes the file
    const Result<Store> store = openForReading(file);
    if (!store)
        return store.error();
    Result<std::vector<Run>> runs = store->runs();
    if (!runs)
        return runs.error();
    const Result<std::vector<EvaluationChange>> changes = store->readChanges();
    if (!changes)
        return changes.error();

    std::vector<RunOverview> overviews;
    overviews.reserve(runs->size());
    std::unordered_map<RunId, std::size_t> position;
    for (Run& run : *runs) {
        position[run.id] = overviews.size();
        overviews.push_back({.run = std::move(run), .changes = {}});
    }
    for (const EvaluationChange& change : *changes) {
        // A writer may have added a run between the two queries.
        const auto found = position.find(change.run);
        if (found != position.end())
            overviews[found->second].changes.try_emplace(
                change.set + " " + change.metric,
                RunOverview::Change{.before = change.before, .after = change.after});
    }
    return overviews;
}

/// The folder that the relative paths of a recipe are meant from. Recipes of runs made here are
/// absolute; those of a bundled history are relative to a folder somewhere above it.
fs::path baseFolder(const fs::path& file, const std::string& model)
{
    std::error_code ignored;
    fs::path own = fs::absolute(file, ignored).parent_path();
    for (fs::path folder = own; folder != folder.parent_path(); folder = folder.parent_path())
        if (fs::exists(folder / model, ignored))
            return folder;
    return own;
}

Result<RunRecord> readRecord(const Store& store, RunId id, bool withSamples = false)
{
    Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    RunRecord record{.run = std::move(run).value()};

    const Result<Json> document = parseJson(record.run.recipe, "recipe");
    if (!document)
        return document.error().at(record.run.name);
    Result<Recipe> recipe = parseRecipe(*document, baseFolder(store.path(), record.run.model.path));
    if (!recipe)
        return recipe.error().at(record.run.name);
    record.recipe = std::move(recipe).value();

    Result<SeriesByKey> series = store.readSeries(id);
    if (!series)
        return series.error();
    record.series = std::move(series).value();
    Result<std::vector<Evaluation>> evaluations = store.readEvaluations(id, withSamples);
    if (!evaluations)
        return evaluations.error();
    record.evaluations = std::move(evaluations).value();
    Result<std::vector<Answer>> answers = store.readAnswers(id);
    if (!answers)
        return answers.error();
    record.answers = std::move(answers).value();
    Result<std::vector<Interruption>> interruptions = store.readInterruptions(id);
    if (!interruptions)
        return interruptions.error();
    record.interruptions = std::move(interruptions).value();
    Result<std::vector<Artefact>> artefacts = store.readArtefacts(id);
    if (!artefacts)
        return artefacts.error();
    record.artefacts = std::move(artefacts).value();
    return record;
}

Result<GroupRecord> readGroupOf(const Store& store, RunId id)
{
    const Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    const Result<std::vector<Run>> runs = readGroup(store, run->group);
    if (!runs)
        return runs.error();
    const std::vector<LabelledRun> labelled = labelledRuns(*runs);
    GroupRecord record{.outcomes = readOutcomes(store, labelled),
                       .requests = requestLine(labelled, id)};
    record.timeline = readTimeline(store, record.requests);
    return record;
}

Result<StressRecord> readStress(const Store& store, RunId id)
{
    const Result<RunRecord> record = readRecord(store, id);
    if (!record)
        return record.error();
    Result<std::vector<StressResult>> results = store.readStressResults(id);
    if (!results)
        return results.error();
    return StressRecord{.run = record->run,
                        .request = stressOf(store, record->run, record->recipe),
                        .results = std::move(results).value()};
}

Result<RunRecord> readNewest(const fs::path& file)
{
    const Result<Store> store = Store::open(file, OpenMode::ReadOnly);
    if (!store)
        return store.error();
    const Result<std::vector<Run>> runs = store->runs({.limit = 1});
    if (!runs)
        return runs.error();
    if (runs->empty())
        return Error{.code = ErrorCode::NotFound,
                     .message = "this history holds no run",
                     .context = file.string()};
    return readRecord(*store, runs->front().id);
}

Status replaceTags(Store& store, RunId id, const std::vector<std::string>& tags)
{
    const Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    std::vector<std::string> wanted;
    wanted.reserve(tags.size());
    for (const std::string& tag : tags)
        wanted.emplace_back(trimmed(tag));
    const auto isIn = [](const std::vector<std::string>& list, const std::string& tag) {
        return std::find(list.begin(), list.end(), tag) != list.end();
    };
    // New ones first: a tag that is refused then costs none of the old.
    for (const std::string& tag : wanted)
        if (!isIn(run->tags, tag))
            if (Status status = store.addTag(id, tag); !status)
                return status;
    for (const std::string& tag : run->tags)
        if (!isIn(wanted, tag))
            if (Status status = store.removeTag(id, tag); !status)
                return status;
    return {};
}

Status removeRun(Store& store, RunId id)
{
    const Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    if (!isEnded(run->state) && run->pid && processLives(*run->pid))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = fmt::format("process {} still works on the run", *run->pid),
                     .context = run->name,
                     .remedy = "stop it first"};
    if (const Result<std::string> removed = store.deleteRun(id); !removed)
        return removed.error();
    if (!ownsFolder(*run))
        return {};
    std::error_code failed;
    fs::remove_all(run->folder, failed);
    if (failed)
        return Error{.code = ErrorCode::Io,
                     .message = "the record is deleted, but its folder cannot be removed: " +
                                failed.message(),
                     .context = run->folder,
                     .remedy = "remove the folder yourself"};
    return {};
}

} // namespace

bool ownsFolder(const Run& run)
{
    const fs::path folder = run.folder;
    std::error_code ignored;
    return !run.uid.empty() && folder.filename().string().find(run.uid) != std::string::npos &&
           fs::is_directory(fs::symlink_status(folder, ignored));
}

History::History(fs::path file, Background& background, QObject* parent)
    : QObject(parent), m_file(std::move(file)), m_background(background)
{
}

void History::list(QObject* context, Done<std::vector<RunOverview>> done)
{
    m_background.run(
        context, [file = m_file] { return readOverviews(file); }, std::move(done));
}

void History::load(QObject* context, RunId id, Done<RunRecord> done)
{
    m_background.run(
        context,
        [file = m_file, id]() -> Result<RunRecord> {
            const Result<Store> store = openForReading(file);
            if (!store)
                return store.error();
            return readRecord(*store, id);
        },
        std::move(done));
}

void History::loadWithSamples(QObject* context, const fs::path& file, RunId id,
                              Done<RunRecord> done)
{
    m_background.run(
        context,
        [file, id]() -> Result<RunRecord> {
            const Result<Store> store = openForReading(file);
            if (!store)
                return store.error();
            return readRecord(*store, id, true);
        },
        std::move(done));
}

void History::loadCompared(QObject* context, RunId id, Done<ComparedRun> done)
{
    m_background.run(
        context,
        [file = m_file, id]() -> Result<ComparedRun> {
            const Result<Store> store = openForReading(file);
            if (!store)
                return store.error();
            return readComparedRun(*store, id, true);
        },
        std::move(done));
}

void History::loadGroup(QObject* context, RunId id, Done<GroupRecord> done)
{
    m_background.run(
        context,
        [file = m_file, id]() -> Result<GroupRecord> {
            const Result<Store> store = openForReading(file);
            if (!store)
                return store.error();
            return readGroupOf(*store, id);
        },
        std::move(done));
}

void History::loadStress(QObject* context, RunId id, Done<StressRecord> done)
{
    m_background.run(
        context,
        [file = m_file, id]() -> Result<StressRecord> {
            const Result<Store> store = openForReading(file);
            if (!store)
                return store.error();
            return readStress(*store, id);
        },
        std::move(done));
}

void History::loadNewest(QObject* context, const fs::path& file, Done<RunRecord> done)
{
    m_background.run(
        context, [file] { return readNewest(file); }, std::move(done));
}

void History::rename(QObject* context, RunId id, const std::string& name, Done<void> done)
{
    write(
        context, [id, name](Store& store) { return store.rename(id, name); }, std::move(done));
}

void History::setNote(QObject* context, RunId id, const std::string& note, Done<void> done)
{
    write(
        context, [id, note](Store& store) { return store.setNote(id, note); }, std::move(done));
}

void History::setTags(QObject* context, RunId id, const std::vector<std::string>& tags,
                      Done<void> done)
{
    write(
        context, [id, tags](Store& store) { return replaceTags(store, id, tags); },
        std::move(done));
}

void History::addStress(QObject* context, RunId id, const std::vector<StressResult>& results,
                        Done<void> done)
{
    write(
        context, [id, results](Store& store) { return store.addStressResults(id, results); },
        std::move(done));
}

void History::addEvaluations(QObject* context, RunId id, std::vector<Evaluation> evaluations,
                             Done<void> done)
{
    write(
        context,
        [id, evaluations = std::move(evaluations)](Store& store) {
            return store.addEvaluations(id, evaluations);
        },
        std::move(done));
}

void History::remove(QObject* context, RunId id, Done<void> done)
{
    write(
        context, [id](Store& store) { return removeRun(store, id); }, std::move(done));
}

void History::write(QObject* context, std::function<Status(Store&)> work, Done<void> done)
{
    // The context of the job is the history itself: views hear of a change even when the one that
    // asked for it has gone.
    m_background.run(
        this,
        [file = m_file, work = std::move(work)]() -> Status {
            Result<Store> store = Store::open(file, OpenMode::ReadWrite);
            if (!store)
                return store.error();
            return work(*store);
        },
        [this, asker = QPointer<QObject>(context), done = std::move(done)](const Status& status) {
            if (asker)
                done(status);
            announce();
        });
}

} // namespace lacuna
