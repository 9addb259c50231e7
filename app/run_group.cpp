#include "app/run_group.h"

#include "app/background.h"
#include "app/history.h"
#include "app/run_controller.h"
#include "core/store/store.h"

#include <algorithm>
#include <utility>

namespace lacuna {
namespace {

Result<SweepPass> openPass(const RecipeDraft& draft, const std::filesystem::path& file)
{
    Result<Sweep> sweep = parseSweep(draft.toJson(), {}, draft.recipe.name);
    if (!sweep)
        return sweep.error();
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        return SweepPass(std::move(sweep).value(), {}); // the first run makes the file
    const Result<Store> store = Store::open(file, OpenMode::ReadWrite);
    if (!store)
        return store.error();
    Result<std::vector<Run>> runs = readGroup(*store, sweep->group);
    if (!runs)
        return runs.error();
    return SweepPass(std::move(sweep).value(), std::move(runs).value());
}

/// Nothing: the run ended before it was on record.
Result<std::optional<Run>> findRun(const std::filesystem::path& file, const std::string& uid)
{
    if (uid.empty())
        return std::optional<Run>();
    const Result<Store> store = Store::open(file, OpenMode::ReadOnly);
    if (!store)
        return store.error();
    Result<Run> run = store->findRun(uid);
    if (run)
        return std::optional(std::move(run).value());
    if (run.error().code == ErrorCode::NotFound) // somebody has deleted it
        return std::optional<Run>();
    return run.error();
}

} // namespace

RunGroup::RunGroup(RunController& run, Background& background, History& history, QObject* parent)
    : QObject(parent), m_run(run), m_background(background), m_history(history)
{
    connect(&m_run, &RunController::ended, this, [this](const RunEnded& end) {
        if (m_pass)
            takeEnd(end.uid);
    });
}

Status RunGroup::start(const RecipeDraft& draft)
{
    if (!m_run.isFree())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "a run is going on",
                     .context = m_run.record().run.name,
                     .remedy = "stop it first, or wait for it"};
    m_draft = draft;
    m_active = true;
    m_stopped = false;
    m_run.hold(true);
    m_background.run(
        this, [draft, store = m_history.file()] { return openPass(draft, store); },
        [this](Result<SweepPass>&& pass) { open(std::move(pass)); });
    return {};
}

void RunGroup::open(Result<SweepPass>&& pass)
{
    if (pass) {
        m_pass = std::move(pass).value();
        proceed();
        return;
    }
    m_active = false;
    m_run.hold(false);
    Q_EMIT failed(pass.error());
}

void RunGroup::startNoMore()
{
    m_stopped = true;
}

void RunGroup::proceed()
{
    while (!m_stopped && !m_pass->atEnd()) {
        const SweepPass::Step step = m_pass->step();
        if (step.isDone()) {
            m_pass->advance(step.record);
            continue;
        }
        const GroupPlace place{.group = m_pass->sweep().group,
                               .label = step.label,
                               .number = static_cast<int>(step.number) + 1,
                               .count = static_cast<int>(m_pass->sweep().points.size()),
                               .parent = step.parent};
        if (step.continues())
            return resume(step, place);
        const Status started = m_run.start(step.recipe, place);
        if (started)
            return;
        refuse(started.error());
    }
    finish();
}

/// With the curves and answers that it has so far.
void RunGroup::resume(const SweepPass::Step& step, const GroupPlace& place)
{
    m_history.load(this, step.record->id, [this, place](const Result<RunRecord>& record) {
        const Status started = !record     ? Status(record.error())
                               : m_stopped ? Status()
                                           : m_run.resume(*record, place);
        if (started && !m_stopped)
            return;
        if (!started)
            refuse(started.error());
        proceed();
    });
}

void RunGroup::refuse(const Error& error)
{
    m_pass->advance(std::nullopt);
    Q_EMIT runRefused(error);
}

void RunGroup::takeEnd(const std::string& uid)
{
    m_stopped = m_stopped || m_run.wasStopped();
    m_background.run(
        this, [uid, store = m_history.file()] { return findRun(store, uid); },
        [this](const Result<std::optional<Run>>& record) {
            if (record)
                m_pass->advance(*record);
            else
                refuse(record.error());
            proceed();
        });
}

void RunGroup::finish()
{
    while (!m_pass->atEnd()) // what was done before counts as well
        m_pass->advance(m_pass->step().record);
    const std::vector<LabelledRun>& recorded = m_pass->recorded();
    GroupEnd end{.group = m_pass->sweep().group,
                 .done = static_cast<int>(std::ranges::count_if(
                     recorded, [](const LabelledRun& one) { return hasResult(one.run); })),
                 .count = static_cast<int>(m_pass->sweep().points.size()),
                 .stopped = m_stopped,
                 .draft = m_draft};
    if (!recorded.empty())
        end.last = recorded.back().run.id;
    m_pass.reset();
    m_active = false;
    m_run.hold(false);
    Q_EMIT ended(end);
}

} // namespace lacuna
