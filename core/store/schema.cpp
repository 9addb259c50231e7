#include "core/store/schema.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace lacuna {
namespace {

// Times are ISO-8601 texts in UTC; a REAL that is NULL was not finite; paths are as the recipe
// resolved them. Words behind a CHECK are the ids of records.h.
constexpr const char* kFirstSchema = R"sql(
PRAGMA application_id = 0x4c434e41;

CREATE TABLE run(
    id              INTEGER PRIMARY KEY,
    uid             TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    folder          TEXT NOT NULL,
    state           TEXT NOT NULL CHECK(state IN ('prepared', 'baseline', 'caching', 'running',
                        'paused', 'final-evaluation', 'done', 'stopped', 'discarded', 'failed',
                        'interrupted')),
    recipe          TEXT NOT NULL CHECK(json_valid(recipe)),
    method          TEXT NOT NULL,
    model_path      TEXT NOT NULL,
    model_sha256    TEXT NOT NULL,
    forget_path     TEXT NOT NULL,
    forget_sha256   TEXT NOT NULL,
    retain_path     TEXT NOT NULL,
    retain_sha256   TEXT NOT NULL,
    holdout_path    TEXT NOT NULL,
    holdout_sha256  TEXT NOT NULL,
    seed            INTEGER NOT NULL,
    device          TEXT NOT NULL,
    threads         INTEGER NOT NULL,
    precision       TEXT NOT NULL,
    program_version TEXT NOT NULL,
    machine         TEXT CHECK(machine IS NULL OR json_valid(machine)),
    parent_id       INTEGER REFERENCES run(id) ON DELETE SET NULL,
    group_name      TEXT NOT NULL,
    note            TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    started_at      TEXT,
    ended_at        TEXT,
    step            INTEGER NOT NULL DEFAULT 0,
    total_steps     INTEGER NOT NULL DEFAULT 0,
    stop_reason     TEXT NOT NULL DEFAULT '',
    error           TEXT NOT NULL DEFAULT '',
    pid             INTEGER,
    summary         TEXT CHECK(summary IS NULL OR json_valid(summary))
) STRICT;
CREATE INDEX run_by_creation ON run(created_at);
CREATE INDEX run_by_parent ON run(parent_id);
CREATE INDEX run_by_group ON run(group_name);

CREATE TABLE tag(
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    tag    TEXT NOT NULL,
    PRIMARY KEY(run_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE series(
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    step   INTEGER NOT NULL,
    key    TEXT NOT NULL,
    value  REAL,
    PRIMARY KEY(run_id, step, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation(
    id       INTEGER PRIMARY KEY,
    run_id   INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    step     INTEGER NOT NULL,
    phase    TEXT NOT NULL CHECK(phase IN ('before', 'during', 'after', 'standalone')),
    set_name TEXT NOT NULL,
    metric   TEXT NOT NULL,
    variant  TEXT NOT NULL,
    value    REAL,
    count    INTEGER NOT NULL
) STRICT;
CREATE INDEX evaluation_by_step ON evaluation(run_id, step);
CREATE UNIQUE INDEX evaluation_of_the_run
    ON evaluation(run_id, step, phase, set_name, metric, variant) WHERE phase <> 'standalone';

CREATE TABLE sample_value(
    evaluation_id INTEGER NOT NULL REFERENCES evaluation(id) ON DELETE CASCADE,
    sample        INTEGER NOT NULL,
    value         REAL,
    extra         TEXT CHECK(extra IS NULL OR json_valid(extra)),
    PRIMARY KEY(evaluation_id, sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer(
    id     INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    step   INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    role   TEXT NOT NULL CHECK(role IN ('original', 'current', 'reference')),
    text   TEXT NOT NULL,
    tokens TEXT CHECK(tokens IS NULL OR json_valid(tokens))
) STRICT;
CREATE INDEX answer_by_step ON answer(run_id, step);

CREATE TABLE interruption(
    id     INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    time   TEXT NOT NULL,
    step   INTEGER NOT NULL,
    kind   TEXT NOT NULL CHECK(kind IN ('paused', 'resumed', 'killed', 'recovered')),
    note   TEXT NOT NULL
) STRICT;
CREATE INDEX interruption_by_run ON interruption(run_id);

CREATE TABLE artefact(
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    kind   TEXT NOT NULL,
    path   TEXT NOT NULL,
    step   INTEGER,
    bytes  INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY(run_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE request(
    id      INTEGER PRIMARY KEY,
    run_id  INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    kind    TEXT NOT NULL CHECK(kind IN ('stop', 'pause', 'resume', 'discard')),
    time    TEXT NOT NULL,
    handled INTEGER NOT NULL DEFAULT 0 CHECK(handled IN (0, 1))
) STRICT;
CREATE INDEX request_by_run ON request(run_id, handled);

CREATE VIEW run_overview AS
    SELECT id, uid, name, state, method, group_name,
           (SELECT group_concat(tag, ', ') FROM tag WHERE run_id = run.id) AS tags,
           step, total_steps, created_at,
           round((julianday(ended_at) - julianday(started_at)) * 86400, 1) AS seconds,
           model_path, seed, stop_reason, error, note, folder
    FROM run ORDER BY created_at DESC, id DESC;

CREATE VIEW series_last AS
    SELECT run.name, series.run_id, series.key, max(series.step) AS step, series.value
    FROM series JOIN run ON run.id = series.run_id GROUP BY series.run_id, series.key;

CREATE VIEW evaluation_change AS
    SELECT run.name, a.run_id, a.set_name, a.metric, a.variant, a.step,
           b.value AS before, a.value AS after, a.value - b.value AS change
    FROM evaluation a
    JOIN evaluation b ON b.run_id = a.run_id AND b.set_name = a.set_name AND b.metric = a.metric
                     AND b.variant = a.variant AND b.phase = 'before'
    JOIN run ON run.id = a.run_id
    WHERE a.phase = 'after';

CREATE VIEW answer_history AS
    SELECT run.name, answer.run_id, answer.prompt, answer.step, answer.role, answer.text
    FROM answer JOIN run ON run.id = answer.run_id
    ORDER BY answer.run_id, answer.prompt, answer.step, answer.role;
)sql";

constexpr const char* kIntervalsAndStress = R"sql(
ALTER TABLE evaluation ADD COLUMN low REAL;
ALTER TABLE evaluation ADD COLUMN high REAL;
ALTER TABLE evaluation ADD COLUMN missing TEXT NOT NULL DEFAULT '';

CREATE TABLE stress_result(
    id       INTEGER PRIMARY KEY,
    run_id   INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    time     TEXT NOT NULL,
    attack   TEXT NOT NULL,
    settings TEXT NOT NULL CHECK(json_valid(settings)),
    role     TEXT NOT NULL CHECK(role IN ('original', 'current', 'reference')),
    set_name TEXT NOT NULL,
    metric   TEXT NOT NULL,
    before   REAL,
    value    REAL,
    worst    REAL,
    low      REAL,
    high     REAL,
    count    INTEGER NOT NULL,
    missing  TEXT NOT NULL DEFAULT '',
    detail   TEXT CHECK(detail IS NULL OR json_valid(detail))
) STRICT;
CREATE UNIQUE INDEX stress_result_of_the_run
    ON stress_result(run_id, attack, settings, role, set_name, metric);
)sql";

constexpr std::array kMigrations = {
    Migration{1, "runs, what they measured and what they answered", kFirstSchema},
    Migration{2, "intervals, why a value is missing, and the stress battery", kIntervalsAndStress},
};

Status apply(const Database& database, const Migration& migration)
{
    Result<Transaction> transaction = Transaction::begin(database);
    if (!transaction)
        return transaction.error();
    const Result<std::int64_t> version = database.integer("PRAGMA user_version");
    if (!version)
        return version.error();
    if (*version >= migration.version)
        return {}; // another process was faster
    if (Status status = database.execute(migration.sql); !status)
        return status;
    bool dangling = false;
    const auto noteDangling = [&](const Statement&) { dangling = true; };
    if (Status status = database.query("PRAGMA foreign_key_check", noteDangling); !status)
        return status;
    if (dangling)
        return Error{.code = ErrorCode::Internal,
                     .message = "the update left entries that refer to nothing",
                     .context = database.path().string()};
    // A pragma takes no parameters.
    const Status numbered =
        database.execute(fmt::format("PRAGMA user_version = {}", migration.version));
    return numbered ? transaction->commit() : numbered;
}

} // namespace

std::span<const Migration> storeMigrations()
{
    return kMigrations;
}

Status migrate(const Database& database, std::span<const Migration> migrations)
{
    for (std::size_t i = 0; i < migrations.size(); ++i)
        if (migrations[i].version != static_cast<int>(i) + 1)
            throw std::logic_error("migrations must be numbered 1, 2, 3, ...");

    const Result<std::int64_t> version = database.integer("PRAGMA user_version");
    if (!version)
        return version.error();
    const auto newest = static_cast<std::int64_t>(migrations.size());
    if (*version > newest)
        return Error{.code = ErrorCode::Unsupported,
                     .message = fmt::format("the experiment history was written by a newer "
                                            "version of Lacuna (schema {}, this one knows {})",
                                            *version, newest),
                     .context = database.path().string(),
                     .remedy = "update Lacuna, or choose another file"};
    if (*version == newest)
        return {};
    if (database.isReadOnly())
        return Error{.code = ErrorCode::Unsupported,
                     .message = fmt::format("the experiment history has the older schema {} and "
                                            "cannot be updated while it is open for reading only",
                                            *version),
                     .context = database.path().string(),
                     .remedy = "open it once for writing; a copy is kept beside it"};

    if (*version > 0) {
        const auto copy = fmt::format("{}.v{}.bak", database.path().string(), *version);
        if (Status status = database.copyTo(copy); !status)
            return status;
    }
    if (Status status = database.execute("PRAGMA foreign_keys = OFF"); !status)
        return status;
    for (const Migration& migration : migrations.subspan(static_cast<std::size_t>(*version)))
        if (const Status status = apply(database, migration); !status)
            return status.error().at(
                fmt::format("update {} ({})", migration.version, migration.title));
    return {};
}

} // namespace lacuna
