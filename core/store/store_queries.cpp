#include "core/store/store.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace lacuna {
namespace {

constexpr std::string_view kTags =
    "(SELECT group_concat(tag, char(10)) FROM tag WHERE run_id = run.id)";

/// In the order in which readRun() takes them.
constexpr std::string_view kRunColumns =
    "id, uid, name, folder, state, method, model_path, model_sha256, forget_path, forget_sha256, "
    "retain_path, retain_sha256, holdout_path, holdout_sha256, seed, device, threads, precision, "
    "program_version, parent_id, group_name, note, created_at, started_at, ended_at, step, "
    "total_steps, stop_reason, error, pid, summary";

/// The file's CHECKs admit no word without an enumerator.
template <class E> E enumAt(const Statement& row, int column)
{
    return fromId<E>(row.text(column)).value_or(E{});
}

/// A row of kRunColumns, kTags, recipe, machine.
Run readRun(const Statement& row)
{
    int column = 0;
    const auto integer = [&] { return row.integer(column++); };
    const auto text = [&] { return row.text(column++); };
    const auto hashedPath = [&] {
        std::string path = text();
        return HashedPath{.path = std::move(path), .sha256 = text()};
    };
    Run run;
    run.id = integer();
    run.uid = text();
    run.name = text();
    run.folder = text();
    run.state = enumAt<RunState>(row, column++);
    run.method = text();
    run.model = hashedPath();
    run.forget = hashedPath();
    run.retain = hashedPath();
    run.holdout = hashedPath();
    run.seed = integer();
    run.device = text();
    run.threads = integer();
    run.precision = text();
    run.programVersion = text();
    run.parent = row.optionalInteger(column++);
    run.group = text();
    run.note = text();
    run.createdAt = text();
    run.startedAt = text();
    run.endedAt = text();
    run.step = integer();
    run.totalSteps = integer();
    run.stopReason = text();
    run.error = text();
    run.pid = row.optionalInteger(column++);
    run.summary = text();
    if (const std::string tags = text(); !tags.empty())
        run.tags = split(tags, '\n');
    std::sort(run.tags.begin(), run.tags.end());
    run.recipe = text();
    run.machine = text();
    return run;
}

std::string selectRuns(std::string_view condition, std::string_view recipeAndMachine)
{
    return fmt::format("SELECT {}, {}, {} FROM run WHERE {}", kRunColumns, kTags, recipeAndMachine,
                       condition);
}

std::string_view sortExpression(RunSort sort)
{
    switch (sort) {
    case RunSort::Created:
        return "created_at";
    case RunSort::Ended:
        return "ended_at";
    case RunSort::Name:
        return "name COLLATE NOCASE";
    case RunSort::Method:
        return "method";
    case RunSort::State:
        return "state";
    case RunSort::Step:
        return "step";
    }
    return "created_at";
}

/// A LIKE pattern that finds \p text anywhere, its own % and _ taken as they are.
std::string containsPattern(std::string_view text)
{
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

std::vector<std::string> words(std::string_view text)
{
    std::string spaced(text);
    std::replace_if(
        spaced.begin(), spaced.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; },
        ' ');
    std::vector<std::string> words = split(spaced, ' ');
    std::erase(words, std::string());
    return words;
}

} // namespace

Result<Run> Store::run(RunId id) const
{
    std::optional<Run> found;
    const Status status = m_database.query(
        selectRuns("id = ?", "recipe, machine"),
        [&](const Statement& row) { found = readRun(row); }, id);
    if (!status)
        return status.error();
    if (!found)
        return noSuchRun(std::to_string(id));
    return *std::move(found);
}

Result<Run> Store::findRun(std::string_view reference) const
{
    constexpr std::size_t kFewestDigits = 4;
    const std::string_view uidStart =
        reference.size() < kFewestDigits ? std::string_view("-") : reference;
    for (const auto& [sql, text] :
         {std::pair{"SELECT id FROM run WHERE uid = ?", reference},
          std::pair{"SELECT id FROM run WHERE name = ?", reference},
          std::pair{"SELECT id FROM run WHERE substr(uid, 1, length(?1)) = ?1", uidStart}}) {
        std::vector<RunId> fitting;
        const Status status = m_database.query(
            sql, [&](const Statement& row) { fitting.push_back(row.integer(0)); }, text);
        if (!status)
            return status.error();
        if (fitting.size() == 1)
            return run(fitting.front());
        if (fitting.size() > 1)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message =
                             fmt::format("{} runs answer to \"{}\"", fitting.size(), reference),
                         .context = path().string(),
                         .remedy = "give the run's uid"};
    }
    return noSuchRun(reference);
}

Result<std::vector<Run>> Store::runs(const RunFilter& filter) const
{
    std::vector<std::string> conditions = {"1"};
    std::vector<std::string> values;
    for (const std::string& word : words(filter.text)) {
        conditions.push_back(fmt::format("(name || char(10) || method || char(10) || note || "
                                         "char(10) || group_name || char(10) || uid || char(10) || "
                                         "coalesce({}, '')) LIKE ? ESCAPE '\\'",
                                         kTags));
        values.push_back(containsPattern(word));
    }
    if (!filter.tag.empty()) {
        conditions.emplace_back("EXISTS(SELECT 1 FROM tag WHERE run_id = run.id AND tag = ?)");
        values.push_back(filter.tag);
    }
    if (!filter.group.empty()) {
        conditions.emplace_back("group_name = ?");
        values.push_back(filter.group);
    }
    if (!filter.states.empty()) {
        std::vector<std::string> marks(filter.states.size(), "?");
        conditions.push_back("state IN (" + join(marks, ", ") + ")");
        for (const RunState state : filter.states)
            values.emplace_back(idOf(state));
    }
    const std::string_view direction = filter.descending ? "DESC" : "ASC";
    Result<Statement> statement = m_database.prepare(
        selectRuns(join(conditions, " AND "), "NULL, NULL") +
        fmt::format(" ORDER BY {0} {1}, id {1} LIMIT ?", sortExpression(filter.sort), direction));
    if (!statement)
        return statement.error();
    int index = 0;
    for (const std::string& value : values)
        statement->bindAt(++index, value);
    statement->bindAt(++index, filter.limit.value_or(-1)); // -1: no limit

    std::vector<Run> found;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            return found;
        found.push_back(readRun(*statement));
    }
}

Result<std::vector<std::string>> Store::tags() const
{
    std::vector<std::string> tags;
    const Status status =
        m_database.query("SELECT DISTINCT tag FROM tag ORDER BY tag",
                         [&](const Statement& row) { tags.push_back(row.text(0)); });
    if (!status)
        return status.error();
    return tags;
}

Result<SeriesByKey> Store::readSeries(RunId id) const
{
    SeriesByKey series;
    const Status status = m_database.query(
        "SELECT key, step, value FROM series WHERE run_id = ? ORDER BY step, key",
        [&](const Statement& row) {
            Series& one = series[row.text(0)];
            one.steps.push_back(row.integer(1));
            one.values.push_back(row.number(2));
        },
        id);
    if (!status)
        return status.error();
    return series;
}

Result<std::vector<Evaluation>> Store::readEvaluations(RunId id, bool withSamples) const
{
    std::vector<Evaluation> evaluations;
    std::map<std::int64_t, std::size_t> position; // by row id
    const Status status = m_database.query(
        "SELECT id, step, phase, set_name, metric, variant, value, count, low, high, missing "
        "FROM evaluation WHERE run_id = ? ORDER BY step, id",
        [&](const Statement& row) {
            position[row.integer(0)] = evaluations.size();
            evaluations.push_back({.step = row.integer(1),
                                   .phase = enumAt<EvaluationPhase>(row, 2),
                                   .set = row.text(3),
                                   .metric = row.text(4),
                                   .variant = row.text(5),
                                   .value = row.number(6),
                                   .count = row.integer(7),
                                   .missing = row.text(10)});
            if (!row.isNull(8) && !row.isNull(9))
                evaluations.back().interval = {row.number(8), row.number(9)};
        },
        id);
    if (!status)
        return status.error();
    if (!withSamples)
        return evaluations;
    const Status sampled = m_database.query(
        "SELECT evaluation_id, sample, sample_value.value, extra FROM evaluation "
        "JOIN sample_value ON evaluation_id = evaluation.id "
        "WHERE run_id = ? ORDER BY evaluation_id, sample",
        [&](const Statement& row) {
            // A writer may have added one between the two queries.
            const auto found = position.find(row.integer(0));
            if (found != position.end())
                evaluations[found->second].samples.push_back(
                    {.sample = row.integer(1), .value = row.number(2), .extra = row.text(3)});
        },
        id);
    if (!sampled)
        return sampled.error();
    return evaluations;
}

Result<std::vector<EvaluationChange>> Store::readChanges() const
{
    // The view evaluation_change joins the table with itself and leaves out what has no `after`;
    // one pass over the rows needs neither.
    constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();
    std::vector<EvaluationChange> changes;
    std::map<std::tuple<RunId, std::string, std::string, std::string>, std::size_t> position;
    const Status status = m_database.query(
        "SELECT run_id, set_name, metric, variant, phase, value FROM evaluation "
        "WHERE phase IN ('before', 'after') ORDER BY id",
        [&](const Statement& row) {
            const auto [found, isNew] = position.try_emplace(
                std::tuple(row.integer(0), row.text(1), row.text(2), row.text(3)), changes.size());
            if (isNew)
                changes.push_back({.run = row.integer(0),
                                   .set = row.text(1),
                                   .metric = row.text(2),
                                   .variant = row.text(3),
                                   .before = kNotMeasured,
                                   .after = kNotMeasured});
            EvaluationChange& change = changes[found->second];
            const bool before = enumAt<EvaluationPhase>(row, 4) == EvaluationPhase::Before;
            (before ? change.before : change.after) = row.number(5);
        });
    if (!status)
        return status.error();
    return changes;
}

Result<std::vector<Answer>> Store::readAnswers(RunId id) const
{
    std::vector<Answer> answers;
    const Status status = m_database.query(
        "SELECT step, prompt, role, text, tokens FROM answer WHERE run_id = ? ORDER BY step, id",
        [&](const Statement& row) {
            answers.push_back({.step = row.integer(0),
                               .prompt = row.text(1),
                               .role = enumAt<ModelRole>(row, 2),
                               .text = row.text(3),
                               .tokens = row.text(4)});
        },
        id);
    if (!status)
        return status.error();
    return answers;
}

Result<std::vector<Interruption>> Store::readInterruptions(RunId id) const
{
    std::vector<Interruption> interruptions;
    const Status status = m_database.query(
        "SELECT time, step, kind, note FROM interruption WHERE run_id = ? ORDER BY id",
        [&](const Statement& row) {
            interruptions.push_back({.time = row.text(0),
                                     .step = row.integer(1),
                                     .kind = enumAt<InterruptionKind>(row, 2),
                                     .note = row.text(3)});
        },
        id);
    if (!status)
        return status.error();
    return interruptions;
}

Result<std::vector<Artefact>> Store::readArtefacts(RunId id) const
{
    std::vector<Artefact> artefacts;
    const Status status = m_database.query(
        "SELECT kind, path, step, bytes, sha256 FROM artefact WHERE run_id = ? "
        "ORDER BY kind, step, path",
        [&](const Statement& row) {
            artefacts.push_back({.kind = row.text(0),
                                 .path = row.text(1),
                                 .step = row.optionalInteger(2),
                                 .bytes = row.integer(3),
                                 .sha256 = row.text(4)});
        },
        id);
    if (!status)
        return status.error();
    return artefacts;
}

Result<std::vector<Request>> Store::pendingRequests(RunId id) const
{
    std::vector<Request> requests;
    const Status status = m_database.query(
        "SELECT id, kind, time FROM request WHERE run_id = ? AND handled = 0 ORDER BY id",
        [&](const Statement& row) {
            requests.push_back(
                {.id = row.integer(0), .kind = enumAt<RequestKind>(row, 1), .time = row.text(2)});
        },
        id);
    if (!status)
        return status.error();
    return requests;
}

} // namespace lacuna
