#include "core/run/run_thread.h"

#include "core/base/guarded.h"
#include "core/base/process.h"
#include "core/models/device.h"
#include "core/run/recorder.h"
#include "core/run/session.h"
#include "core/run/trainer.h"
#include "core/store/store.h"

#include <unistd.h>

#include <fstream>

namespace lacuna {
namespace {

std::string machineJson()
{
    std::string processor;
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line) && processor.empty();)
        if (line.starts_with("model name"))
            processor = line.substr(line.find(": ") + 2);
    return Json{
        {"processor", processor}, {"threads", threadCount()}, {"bfloat16", cpuMultipliesBfloat16()}}
        .dump();
}

HashedPath hashedCorpus(const std::optional<LoadedCorpus>& corpus)
{
    return corpus ? HashedPath{corpus->raw.path.string(), corpus->raw.sha256} : HashedPath{};
}

Json hashes(const Session& session)
{
    Json all = {{"model", session.modelHash},
                {"forget", session.forget.raw.sha256},
                {"retain", hashedCorpus(session.retain).sha256},
                {"holdout", hashedCorpus(session.holdout).sha256},
                {"alternates", session.recipe.alternates.empty() ? "" : session.alternatesHash},
                {"tokenizer", session.tokenizer->hash()},
                {"reference", session.referenceHash}};
    for (const LoadedCorpus& corpus : session.utility)
        all["utility " + corpus.raw.path.string()] = corpus.raw.sha256;
    for (const LoadedCorpus& corpus : session.earlier)
        all["earlier " + corpus.raw.path.string()] = corpus.raw.sha256;
    return all;
}

/// Where what hashes() names comes from.
std::string pathOf(const Session& session, const std::string& what)
{
    const Recipe& recipe = session.recipe;
    if (const std::size_t space = what.find(' '); space != std::string::npos)
        return what.substr(space + 1);
    return what == "forget"       ? recipe.forget.path
           : what == "retain"     ? recipe.retain.path
           : what == "holdout"    ? recipe.holdout.path
           : what == "alternates" ? recipe.alternates
           : what == "reference"  ? recipe.reference
           : what == "tokenizer"  ? session.tokenizerFolder.string()
                                  : recipe.model;
}

Run inputsOf(const Session& session)
{
    Run run;
    run.model.sha256 = session.modelHash;
    run.forget.sha256 = session.forget.raw.sha256;
    run.retain.sha256 = hashedCorpus(session.retain).sha256;
    run.holdout.sha256 = hashedCorpus(session.holdout).sha256;
    run.device = session.decoder->device().str();
    run.precision = precisionName(session.decoder->computeType());
    return run;
}

/// manifest.json says what the run was made of. A continued run must be made of the same.
Status checkManifest(const Session& session, const Run& run, bool resume)
{
    const auto path = std::filesystem::path(run.folder) / "manifest.json";
    std::error_code ignored;
    if (resume && std::filesystem::exists(path, ignored)) {
        const Result<Json> manifest = readJsonFile(path);
        const Json now = hashes(session);
        if (manifest && manifest->contains("sha256"))
            for (const auto& [what, hash] : now.items())
                if ((*manifest)["sha256"].value(what, hash) != hash)
                    return Error{.code = ErrorCode::InvalidArgument,
                                 .message = "the " + what + " has changed since the run began",
                                 .context = pathOf(session, what),
                                 .remedy = "restore the file, or start the recipe as a new run"};
        return {};
    }
    const OrderedJson manifest = {
        {"uid", run.uid},
        {"name", run.name},
        {"program_version", run.programVersion},
        {"created", run.createdAt},
        {"sha256", hashes(session)},
        {"machine", Json::parse(run.machine)},
        {"template", session.style ? session.style->toJson()
                                   : OrderedJson{{"before", QaTemplate{}.before},
                                                 {"between", QaTemplate{}.between}}},
        {"recipe", Json::parse(run.recipe)}};
    return writeJsonFile(path, manifest);
}

} // namespace

Result<std::unique_ptr<RunThread>> RunThread::start(const RunRequest& request)
{
    const Recipe& recipe = request.recipe;
    prepareTorch(static_cast<int>(recipe.threads));
    Result<Store> store = Store::open(request.store, OpenMode::CreateIfMissing);
    if (!store)
        return store.error();
    Run run{.uid = newRunUid(),
            .name = recipe.name,
            .recipe = recipe.toJson().dump(),
            .method = recipe.method.value("id", ""),
            .model = {recipe.model},
            .forget = {recipe.forget.path},
            .retain = {recipe.retain.path},
            .holdout = {recipe.holdout.path},
            .seed = recipe.seed,
            .device = recipe.device,
            .threads = threadCount(),
            .precision = recipe.training.precision,
            .programVersion = request.programVersion,
            .machine = machineJson(),
            .parent = request.parent,
            .group = request.group};
    const auto folder = std::filesystem::absolute(request.runsFolder) / run.uid;
    run.folder = folder.string();
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
        return Error{.code = ErrorCode::Io,
                     .message = "cannot make the run's folder: " + failure.message(),
                     .context = folder.string(),
                     .remedy = "choose another folder with --out"};
    Result<Run> created = store->createRun(run);
    if (!created)
        return created.error();
    std::unique_ptr<RunThread> thread(new RunThread);
    thread->m_thread = std::jthread(
        [self = thread.get()](Store owned, Run record) {
            self->work(std::move(owned), std::move(record), false);
        },
        std::move(store).value(), std::move(created).value());
    return thread;
}

Result<std::unique_ptr<RunThread>> RunThread::resume(const std::filesystem::path& path,
                                                     const std::string& reference)
{
    Result<Store> store = Store::open(path, OpenMode::ReadWrite);
    if (!store)
        return store.error();
    Result<Run> found = store->findRun(reference);
    if (!found)
        return found.error();
    if (isEnded(found->state) && found->state != RunState::Interrupted &&
        found->state != RunState::Failed)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the run has ended as " + std::string(idOf(found->state)),
                     .context = found->name,
                     .remedy = "start its recipe again as a new run"};
    if (found->pid && processLives(*found->pid))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message =
                         "process " + std::to_string(*found->pid) + " still works on the run",
                     .context = found->name,
                     .remedy = "stop it first, or wait for it"};
    const Result<Recipe> recipe = parseRecipe(Json::parse(found->recipe), {});
    if (!recipe)
        return recipe.error();
    prepareTorch(static_cast<int>(found->threads));
    if (!isEnded(found->state))
        if (const Status status = store->addInterruption(
                found->id, {.step = found->step, .kind = InterruptionKind::Killed});
            !status)
            return status.error();
    std::unique_ptr<RunThread> thread(new RunThread);
    thread->m_thread = std::jthread(
        [self = thread.get()](Store owned, Run record) {
            self->work(std::move(owned), std::move(record), true);
        },
        std::move(store).value(), std::move(found).value());
    return thread;
}

RunThread::~RunThread()
{
    m_control.stop(StopKind::Now);
}

void RunThread::work(Store store, Run run, bool resume)
{
    RunEnd end;
    const std::filesystem::path path = store.path();
    std::optional<Error> failure;
    bool others = false; // another process works on the run
    const Status status = guarded([&]() -> Status {
        // Each thread has its own count, and another one's may have been set since the start.
        prepareTorch(static_cast<int>(run.threads));
        const Result<bool> claimed = store.claim(run.id, ::getpid(), run.pid);
        if (!claimed)
            return claimed.error();
        if (!*claimed) {
            others = true;
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "another process has just taken over the run",
                         .context = run.name};
        }
        Recorder recorder(std::move(store), run, m_mailbox);
        const Result<Recipe> recipe = parseRecipe(Json::parse(run.recipe), {});
        if (!recipe)
            return recipe.error();
        recorder.state(RunState::Prepared);
        Result<std::unique_ptr<Session>> session =
            openSession(*recipe, run.folder, [&](double share) {
                recorder.progress("loading", share);
                return m_control.stopKind() == StopKind::None;
            });
        if (!session)
            return session.error();
        if (!*session) {
            const StopKind asked = m_control.stopKind();
            // A run that is continued has something to keep: its checkpoint.
            const bool later = asked == StopKind::Now || (resume && asked == StopKind::Keep);
            end = {.state = later                     ? RunState::Interrupted
                            : asked == StopKind::Keep ? RunState::Stopped
                                                      : RunState::Discarded,
                   .stopReason = "stopped while loading"};
            if (asked == StopKind::Discard)
                Checkpoints(std::filesystem::path(run.folder) / "checkpoints", 1).clear();
        } else {
            if (const Status manifest = checkManifest(**session, run, resume); !manifest)
                return manifest;
            if (const Status inputs = recorder.store().setInputs(run.id, inputsOf(**session));
                !inputs)
                return inputs;
            end = Trainer(**session, recorder, m_control, run.folder).run(resume);
        }
        return recorder.store().endRun(run.id, end);
    });
    if (!status) {
        failure = status.error();
        end = {.state = RunState::Failed, .error = failure->text()};
        // The recorder's store went with the failure; what it had written stays. When even this
        // fails (a full disk), the event below still tells.
        if (Result<Store> again = Store::open(path, OpenMode::ReadWrite); again && !others)
            static_cast<void>(again->endRun(run.id, end));
    }
    giveBackFreeMemory();
    m_mailbox.post(RunEnded{.state = end.state,
                            .reason = end.stopReason,
                            .error = failure,
                            .uid = run.uid,
                            .folder = run.folder,
                            .summary = end.summary});
}

} // namespace lacuna
