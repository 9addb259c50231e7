#include "app/pages/history/run_row.h"

#include "core/base/process.h"
#include "core/methods/method.h"
#include "widgets/table/value_text.h"

namespace lacuna {

namespace {

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

RunRow::Change changeOf(const RunOverview& overview, const char* key)
{
    const auto found = overview.changes.find(key);
    if (found == overview.changes.end())
        return {};
    return {.before = found->second.before, .after = found->second.after};
}

} // namespace

RunState currentState(const Run& run)
{
    const bool orphaned = !isEnded(run.state) && run.pid && !processLives(*run.pid);
    return orphaned ? RunState::Interrupted : run.state;
}

bool canContinue(const Run& run)
{
    const RunState state = currentState(run);
    return state == RunState::Interrupted || state == RunState::Failed;
}

QString methodTitle(const std::string& id)
{
    const Result<const MethodInfo*> method = methods().find(id);
    return text(method ? (*method)->title : id);
}

RunRow runRow(const RunOverview& overview)
{
    const Run& run = overview.run;
    const QDateTime started = storedTime(text(run.startedAt));
    const QDateTime ended = storedTime(text(run.endedAt));
    RunRow row{.id = run.id,
               .name = text(run.name),
               .state = currentState(run),
               .method = methodTitle(run.method),
               .methodId = text(run.method),
               .modelPath = text(run.model.path),
               .forget = changeOf(overview, "forget probability"),
               .retain = changeOf(overview, "retain probability"),
               .step = run.step,
               .totalSteps = run.totalSteps,
               .created = storedTime(text(run.createdAt)),
               .group = text(run.group),
               .note = text(run.note)};
    if (started.isValid() && ended.isValid())
        row.seconds = static_cast<double>(started.msecsTo(ended)) / 1000;
    for (const std::string& tag : run.tags)
        row.tags << text(tag);
    return row;
}

} // namespace lacuna
