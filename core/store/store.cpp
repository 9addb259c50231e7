#include "core/store/store.h"

#include "core/base/text.h"
#include "core/store/schema.h"

#include <stdexcept>

namespace lacuna {
namespace {

/// Empty is "none" here, and "none" is NULL in the file.
std::optional<std::string_view> orNull(const std::string& text)
{
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

Status refuseForeignFile(const Database& database)
{
    const Result<std::int64_t> tables = database.integer("SELECT count(*) FROM sqlite_schema");
    if (!tables)
        return tables.error();
    const Result<std::int64_t> mark = database.integer("PRAGMA application_id");
    if (!mark)
        return mark.error();
    if (*tables == 0 || *mark == kStoreApplicationId)
        return {};
    return Error{.code = ErrorCode::Corrupt,
                 .message = "the file is a database of another program",
                 .context = database.path().string(),
                 .remedy = "choose the file that Lacuna made, or a new name to start another "
                           "history"};
}

Status insertTags(const Database& database, RunId id, const std::vector<std::string>& tags)
{
    for (const std::string& text : tags) {
        const std::string_view tag = trimmed(text);
        if (tag.empty() || tag.find('\n') != std::string_view::npos)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "a tag is one line of text",
                         .context = "tag"};
        Status status = database.run(
            "INSERT INTO tag(run_id, tag) VALUES(?, ?) ON CONFLICT DO NOTHING", id, tag);
        if (!status)
            return status;
    }
    return {};
}

/// Inserts rows of one kind: \p bind is called once a row.
template <class Row, class Bind> Status insertRows(const Database& database, std::string_view sql,
                                                   std::span<const Row> rows, Bind bind)
{
    Result<Transaction> transaction = Transaction::begin(database);
    if (!transaction)
        return transaction.error();
    {
        Result<Statement> statement = database.prepare(sql);
        if (!statement)
            return statement.error();
        for (const Row& row : rows) {
            bind(*statement, row);
            if (Status status = statement->finish(); !status)
                return status;
        }
    }
    return transaction->commit();
}

std::optional<double> bound(const std::optional<Interval>& interval, double Interval::*end)
{
    return interval ? std::optional((*interval).*end) : std::nullopt;
}

Status insertEvaluation(const Database& database, RunId id, const Evaluation& evaluation,
                        Statement& samples)
{
    const std::string_view phase = idOf(evaluation.phase);
    if (evaluation.phase != EvaluationPhase::Standalone) {
        Status status = database.run(
            "DELETE FROM evaluation WHERE run_id = ? AND step = ? AND phase = ? AND set_name = ? "
            "AND metric = ? AND variant = ?",
            id, evaluation.step, phase, evaluation.set, evaluation.metric, evaluation.variant);
        if (!status)
            return status;
    }
    Status status = database.run(
        "INSERT INTO evaluation(run_id, step, phase, set_name, metric, variant, value, count, "
        "low, high, missing) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, evaluation.step, phase, evaluation.set, evaluation.metric, evaluation.variant,
        evaluation.value, evaluation.count, bound(evaluation.interval, &Interval::low),
        bound(evaluation.interval, &Interval::high), evaluation.missing);
    if (!status)
        return status;
    const std::int64_t row = database.lastInsertId();
    for (const SampleValue& sample : evaluation.samples) {
        samples.bind(row, sample.sample, sample.value, orNull(sample.extra));
        if (Status added = samples.finish(); !added)
            return added;
    }
    return {};
}

} // namespace

Store::Store(Database database) : m_database(std::move(database)) {}

Result<Store> Store::open(const std::filesystem::path& path, OpenMode mode)
{
    if (mode == OpenMode::CreateIfMissing && path.has_parent_path()) {
        std::error_code failure;
        std::filesystem::create_directories(path.parent_path(), failure);
        if (failure)
            return Error{.code = ErrorCode::Io,
                         .message = "the folder of the experiment history cannot be made: " +
                                    failure.message(),
                         .context = path.parent_path().string(),
                         .remedy = "choose another folder or correct its permissions"};
    }
    Result<Database> database = Database::open(path, mode);
    if (!database)
        return database.error();
    if (const Status status = refuseForeignFile(*database); !status)
        return status.error();
    if (mode == OpenMode::ReadOnly) {
        const Result<std::int64_t> version = database->integer("PRAGMA user_version");
        // Where it cannot be written either, migrate() says what is to be done.
        if (version && *version < static_cast<std::int64_t>(storeMigrations().size()))
            static_cast<void>(Store::open(path, OpenMode::ReadWrite));
    }
    if (const Status status = migrate(*database, storeMigrations()); !status)
        return status.error();
    // After migrate(), because a file that is refused must stay as it is. Where the file system
    // allows no write-ahead log SQLite keeps its rollback journal, which serves as well.
    if (mode != OpenMode::ReadOnly) {
        const Status status = database->execute("PRAGMA journal_mode = WAL");
        if (!status)
            return status.error();
    }
    // NORMAL with the log on: power loss may cost the last transactions, never the file.
    const Status status =
        database->execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL");
    if (!status)
        return status.error();
    return Store(std::move(database).value());
}

Error Store::noSuchRun(std::string_view reference) const
{
    return Error{.code = ErrorCode::NotFound,
                 .message = "there is no run \"" + std::string(reference) + "\"",
                 .context = path().string(),
                 .remedy = "list the history to see the runs there are"};
}

template <class... Args>
Status Store::updateRun(RunId id, std::string_view sql, const Args&... args)
{
    if (Status status = m_database.run(sql, args..., id); !status)
        return status;
    if (m_database.changes() == 0)
        return noSuchRun(std::to_string(id));
    return {};
}

Result<Run> Store::createRun(const Run& run)
{
    Result<Transaction> transaction = Transaction::begin(m_database);
    if (!transaction)
        return transaction.error();
    const Status inserted = m_database.run(
        "INSERT INTO run(uid, name, folder, state, recipe, method, model_path, model_sha256, "
        "forget_path, forget_sha256, retain_path, retain_sha256, holdout_path, holdout_sha256, "
        "seed, device, threads, precision, program_version, machine, parent_id, group_name, note, "
        "created_at, total_steps) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        run.uid.empty() ? newRunUid() : run.uid, run.name, run.folder, idOf(RunState::Prepared),
        run.recipe, run.method, run.model.path, run.model.sha256, run.forget.path,
        run.forget.sha256, run.retain.path, run.retain.sha256, run.holdout.path, run.holdout.sha256,
        run.seed, run.device, run.threads, run.precision, run.programVersion, orNull(run.machine),
        run.parent, run.group, run.note, run.createdAt.empty() ? utcNow() : run.createdAt,
        run.totalSteps);
    if (!inserted)
        return inserted.error();
    const RunId id = m_database.lastInsertId();
    if (const Status status = insertTags(m_database, id, run.tags); !status)
        return status.error();
    if (const Status status = transaction->commit(); !status)
        return status.error();
    return this->run(id);
}

Status Store::rename(RunId id, const std::string& name)
{
    return updateRun(id, "UPDATE run SET name = ? WHERE id = ?", name);
}

Status Store::setNote(RunId id, const std::string& note)
{
    return updateRun(id, "UPDATE run SET note = ? WHERE id = ?", note);
}

Status Store::setGroup(RunId id, const std::string& group)
{
    return updateRun(id, "UPDATE run SET group_name = ? WHERE id = ?", group);
}

Status Store::setInputs(RunId id, const Run& run)
{
    return updateRun(id,
                     "UPDATE run SET model_sha256 = ?, forget_sha256 = ?, retain_sha256 = ?, "
                     "holdout_sha256 = ?, device = ?, precision = ? WHERE id = ?",
                     run.model.sha256, run.forget.sha256, run.retain.sha256, run.holdout.sha256,
                     run.device, run.precision);
}

Status Store::setFolder(RunId id, const std::string& folder)
{
    return updateRun(id, "UPDATE run SET folder = ? WHERE id = ?", folder);
}

Status Store::addTag(RunId id, std::string_view tag)
{
    return insertTags(m_database, id, {std::string(tag)});
}

Status Store::removeTag(RunId id, std::string_view tag)
{
    return m_database.run("DELETE FROM tag WHERE run_id = ? AND tag = ?", id, trimmed(tag));
}

Result<std::string> Store::deleteRun(RunId id)
{
    std::optional<std::string> folder;
    const Status status = m_database.query(
        "DELETE FROM run WHERE id = ? RETURNING folder",
        [&](const Statement& row) { folder = row.text(0); }, id);
    if (!status)
        return status.error();
    if (!folder)
        return noSuchRun(std::to_string(id));
    return *folder;
}

Result<bool> Store::claim(RunId id, std::int64_t pid, std::optional<std::int64_t> previous)
{
    const Status status =
        m_database.run("UPDATE run SET pid = ? WHERE id = ? AND pid IS ?", pid, id, previous);
    if (!status)
        return status.error();
    if (m_database.changes() == 1)
        return true;
    if (const Result<Run> current = run(id); !current)
        return current.error();
    return false;
}

Status Store::setState(RunId id, RunState state)
{
    if (isEnded(state))
        return updateRun(id,
                         "UPDATE run SET state = ?1, started_at = coalesce(started_at, ?2), "
                         "ended_at = ?2, pid = NULL WHERE id = ?3",
                         idOf(state), utcNow());
    return updateRun(id,
                     "UPDATE run SET state = ?1, "
                     "started_at = iif(?1 = 'prepared', started_at, coalesce(started_at, ?2)), "
                     "ended_at = NULL, stop_reason = '', error = '' WHERE id = ?3",
                     idOf(state), utcNow());
}

Status Store::endRun(RunId id, const RunEnd& end)
{
    if (!isEnded(end.state))
        throw std::logic_error("endRun() needs an ended state");
    return updateRun(id,
                     "UPDATE run SET state = ?1, started_at = coalesce(started_at, ?2), "
                     "ended_at = ?2, pid = NULL, stop_reason = ?3, error = ?4, summary = ?5 "
                     "WHERE id = ?6",
                     idOf(end.state), utcNow(), end.stopReason, end.error, orNull(end.summary));
}

Status Store::setProgress(RunId id, std::int64_t step, std::int64_t totalSteps)
{
    return updateRun(id, "UPDATE run SET step = ?, total_steps = ? WHERE id = ?", step, totalSteps);
}

Status Store::appendSeries(RunId id, std::span<const SeriesPoint> points)
{
    return insertRows(m_database,
                      "INSERT INTO series(run_id, step, key, value) VALUES(?, ?, ?, ?) "
                      "ON CONFLICT DO UPDATE SET value = excluded.value",
                      points, [id](Statement& row, const SeriesPoint& point) {
                          row.bind(id, point.step, point.key, point.value);
                      });
}

Status Store::addEvaluations(RunId id, std::span<const Evaluation> evaluations)
{
    Result<Transaction> transaction = Transaction::begin(m_database);
    if (!transaction)
        return transaction.error();
    {
        Result<Statement> samples = m_database.prepare(
            "INSERT INTO sample_value(evaluation_id, sample, value, extra) VALUES(?, ?, ?, ?)");
        if (!samples)
            return samples.error();
        for (const Evaluation& evaluation : evaluations)
            if (Status status = insertEvaluation(m_database, id, evaluation, *samples); !status)
                return status;
    }
    return transaction->commit();
}

Status Store::addAnswers(RunId id, std::span<const Answer> answers)
{
    return insertRows(m_database,
                      "INSERT INTO answer(run_id, step, prompt, role, text, tokens) "
                      "VALUES(?, ?, ?, ?, ?, ?)",
                      answers, [id](Statement& row, const Answer& answer) {
                          row.bind(id, answer.step, answer.prompt, idOf(answer.role), answer.text,
                                   orNull(answer.tokens));
                      });
}

Status Store::addInterruption(RunId id, const Interruption& interruption)
{
    return m_database.run(
        "INSERT INTO interruption(run_id, time, step, kind, note) VALUES(?, ?, ?, ?, ?)", id,
        interruption.time.empty() ? utcNow() : interruption.time, interruption.step,
        idOf(interruption.kind), interruption.note);
}

Status Store::addArtefact(RunId id, const Artefact& artefact)
{
    return m_database.run("INSERT OR REPLACE INTO artefact(run_id, kind, path, step, bytes, "
                          "sha256) VALUES(?, ?, ?, ?, ?, ?)",
                          id, artefact.kind, artefact.path, artefact.step, artefact.bytes,
                          artefact.sha256);
}

Status Store::removeArtefact(RunId id, const std::string& path)
{
    return m_database.run("DELETE FROM artefact WHERE run_id = ? AND path = ?", id, path);
}

Status Store::truncateAfter(RunId id, std::int64_t step)
{
    Result<Transaction> transaction = Transaction::begin(m_database);
    if (!transaction)
        return transaction.error();
    for (const char* sql : {"DELETE FROM series WHERE run_id = ? AND step > ?",
                            "DELETE FROM evaluation WHERE run_id = ? AND step > ?",
                            "DELETE FROM answer WHERE run_id = ? AND step > ?"})
        if (Status status = m_database.run(sql, id, step); !status)
            return status;
    const Status status = updateRun(id, "UPDATE run SET step = min(step, ?) WHERE id = ?", step);
    return status ? transaction->commit() : status;
}

Status Store::postRequest(RunId id, RequestKind kind)
{
    return m_database.run("INSERT INTO request(run_id, kind, time) VALUES(?, ?, ?)", id, idOf(kind),
                          utcNow());
}

Status Store::markHandled(std::int64_t requestId)
{
    return m_database.run("UPDATE request SET handled = 1 WHERE id = ?", requestId);
}

} // namespace lacuna
