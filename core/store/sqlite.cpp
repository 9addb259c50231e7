#include "core/store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <unistd.h>

#include <atomic>
#include <cmath>
#include <limits>

namespace lacuna {
namespace {

constexpr int kBusyTimeoutMs = 5000;

/// \param code    an extended result code
/// \param detail  SQLite's own words, shown where ours would say less
Error sqliteError(int code, const std::string& detail, const std::string& path)
{
    const auto make = [&](ErrorCode kind, std::string message, std::string remedy) {
        return Error{.code = kind,
                     .message = std::move(message),
                     .context = path,
                     .remedy = std::move(remedy)};
    };
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
        return make(ErrorCode::NotFound, "the run is not in the experiment history",
                    "it may have been deleted by another window or program");
    switch (code & 0xff) {
    case SQLITE_READONLY:
        return make(ErrorCode::Io, "the experiment history can be read but not changed",
                    "check the write permission of the file and of its folder, or choose another "
                    "file");
    case SQLITE_CANTOPEN:
        return make(ErrorCode::Io, "the experiment history cannot be opened",
                    "check that the folder exists and that you may read and write in it");
    case SQLITE_FULL:
        return make(ErrorCode::Io, "there is no room left to add to the experiment history",
                    "free some space on this disk; what was recorded before is safe");
    case SQLITE_CORRUPT:
        return make(ErrorCode::Corrupt, "the experiment history is damaged",
                    "put the file aside, then restore a backup or rescue what is left with "
                    "sqlite3's .recover");
    case SQLITE_NOTADB:
        return make(ErrorCode::Corrupt, "the file is not an experiment history",
                    "choose the file that Lacuna made, or a new name to start another history");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return make(ErrorCode::Io, "another program keeps the experiment history locked",
                    "close the program that is changing it and try again");
    case SQLITE_IOERR:
        return make(ErrorCode::Io, "reading or writing the experiment history failed: " + detail,
                    "check the disk, and that it is still connected");
    case SQLITE_NOMEM:
        return make(ErrorCode::OutOfMemory, "there is too little memory for the experiment history",
                    "close other programs and try again");
    case SQLITE_TOOBIG:
        return make(ErrorCode::InvalidArgument, "an entry is too large for the experiment history",
                    "");
    default:
        return make(ErrorCode::Internal, "the experiment history refused a command: " + detail, "");
    }
}

Error lastError(sqlite3* handle, const std::string& path)
{
    return sqliteError(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle), path);
}

std::string fileName(sqlite3* handle)
{
    const char* name = sqlite3_db_filename(handle, "main");
    return name ? name : "";
}

/// An URI that makes SQLite read \p path without lock, log or shared memory.
std::string immutableUri(const std::filesystem::path& path)
{
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(path).string()) {
        switch (c) {
        case '%':
            uri += "%25";
            break;
        case '?':
            uri += "%3f";
            break;
        case '#':
            uri += "%23";
            break;
        default:
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

bool isLogMissing(const std::filesystem::path& path)
{
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(path.string() + "-wal", ignored);
    return ignored || bytes == 0;
}

} // namespace

Statement::Statement(sqlite3_stmt* handle) : m_handle(handle) {}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const
{
    sqlite3_finalize(handle);
}

void Statement::restart()
{
    sqlite3_reset(m_handle.get());
    sqlite3_clear_bindings(m_handle.get());
    m_bindFailure = SQLITE_OK;
}

void Statement::bindAt(int index, std::nullptr_t)
{
    if (const int code = sqlite3_bind_null(m_handle.get(), index); code != SQLITE_OK)
        m_bindFailure = code;
}

void Statement::bindAt(int index, std::int64_t value)
{
    if (const int code = sqlite3_bind_int64(m_handle.get(), index, value); code != SQLITE_OK)
        m_bindFailure = code;
}

void Statement::bindAt(int index, double value)
{
    if (!std::isfinite(value))
        return bindAt(index, nullptr);
    if (const int code = sqlite3_bind_double(m_handle.get(), index, value); code != SQLITE_OK)
        m_bindFailure = code;
}

void Statement::bindAt(int index, std::string_view text)
{
    // A null pointer would bind NULL, and an empty view may carry one.
    const char* bytes = text.empty() ? "" : text.data();
    const int code = sqlite3_bind_text64(m_handle.get(), index, bytes, text.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK)
        m_bindFailure = code;
}

Result<bool> Statement::step()
{
    sqlite3* database = sqlite3_db_handle(m_handle.get());
    if (m_bindFailure != SQLITE_OK)
        return sqliteError(m_bindFailure, sqlite3_errstr(m_bindFailure), fileName(database));
    const int code = sqlite3_step(m_handle.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    return lastError(database, fileName(database));
}

Status Statement::finish()
{
    for (;;) {
        const Result<bool> row = step();
        if (!row)
            return row.error();
        if (!*row)
            return {};
    }
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_handle.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_handle.get(), column);
}

double Statement::number(int column) const
{
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN()
                          : sqlite3_column_double(m_handle.get(), column);
}

std::string Statement::text(int column) const
{
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_handle.get(), column));
    if (!bytes)
        return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_handle.get(), column))};
}

std::optional<std::int64_t> Statement::optionalInteger(int column) const
{
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}

void Database::Close::operator()(sqlite3* handle) const
{
    sqlite3_close_v2(handle);
}

Database::Database(Handle handle, std::filesystem::path path)
    : m_handle(std::move(handle)), m_path(std::move(path))
{
}

Result<Database::Handle> Database::openHandle(const std::string& name, int flags,
                                              const std::filesystem::path& path)
{
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &raw,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Handle handle(raw);
    if (code != SQLITE_OK)
        return sqliteError(code, raw ? sqlite3_errmsg(raw) : sqlite3_errstr(code), path.string());
    sqlite3_busy_timeout(raw, kBusyTimeoutMs);
    return handle;
}

Result<Database> Database::open(const std::filesystem::path& path, OpenMode mode)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "this is a folder where a file is needed",
                     .context = path.string(),
                     .remedy = "give the name of a file, for example history.sqlite in it"};
    if (mode != OpenMode::CreateIfMissing && !std::filesystem::exists(path, ignored))
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no experiment history here",
                     .context = path.string(),
                     .remedy = "check the path; the first run makes the file"};

    const int flags = mode == OpenMode::ReadOnly    ? SQLITE_OPEN_READONLY
                      : mode == OpenMode::ReadWrite ? SQLITE_OPEN_READWRITE
                                                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    // A relative name keeps SQLite from reading "file:..." as an URI or ":memory:" as a wish.
    Result<Handle> handle = openHandle(std::filesystem::absolute(path).string(), flags, path);
    if (!handle)
        return handle.error();
    Database database(std::move(handle).value(), path);

    // SQLite looks into the file at the first read only.
    const Result<std::int64_t> probe = database.integer("PRAGMA schema_version");
    if (probe)
        return database;
    const int code = sqlite3_errcode(database.m_handle.get()) & 0xff;
    const bool noLogPossible = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    if (mode != OpenMode::ReadOnly || !noLogPossible || !isLogMissing(path))
        return probe.error();
    Result<Handle> frozen = openHandle(immutableUri(path), flags | SQLITE_OPEN_URI, path);
    if (!frozen)
        return frozen.error();
    return Database(std::move(frozen).value(), path);
}

bool Database::isReadOnly() const
{
    return sqlite3_db_readonly(m_handle.get(), "main") == 1;
}

std::int64_t Database::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_handle.get());
}

std::int64_t Database::changes() const
{
    return sqlite3_changes64(m_handle.get());
}

Status Database::execute(const std::string& sql) const
{
    if (sqlite3_exec(m_handle.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return lastError(m_handle.get(), m_path.string());
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) const
{
    sqlite3_stmt* raw = nullptr;
    const int code =
        sqlite3_prepare_v2(m_handle.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
    Statement statement(raw);
    if (code != SQLITE_OK)
        return lastError(m_handle.get(), m_path.string());
    return statement;
}

Result<std::int64_t> Database::integer(std::string_view sql) const
{
    Result<Statement> statement = prepare(sql);
    if (!statement)
        return statement.error();
    const Result<bool> row = statement->step();
    if (!row)
        return row.error();
    return *row ? statement->integer(0) : 0;
}

Status Database::copyTo(const std::filesystem::path& target) const
{
    // A name of its own: programs that start together may each make the same copy.
    static std::atomic<std::uint64_t> copies = 0;
    const std::filesystem::path partial =
        fmt::format("{}.{}-{}.partial", target.string(), ::getpid(), ++copies);
    std::error_code failure;
    {
        Result<Handle> copy = openHandle(std::filesystem::absolute(partial).string(),
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, partial);
        if (!copy)
            return copy.error();
        sqlite3* destination = copy->get();
        sqlite3_backup* backup = sqlite3_backup_init(destination, "main", m_handle.get(), "main");
        int code = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
        // finish() returns the real cause; after a complete copy, SQLITE_OK.
        const int finished = backup ? sqlite3_backup_finish(backup) : SQLITE_ERROR;
        if (code == SQLITE_DONE)
            code = finished;
        if (code != SQLITE_OK) {
            const Error error = sqliteError(code, sqlite3_errmsg(destination), target.string());
            copy->reset();
            std::filesystem::remove(partial, failure);
            return error;
        }
    }
    std::filesystem::rename(partial, target, failure);
    if (failure)
        return Error{.code = ErrorCode::Io,
                     .message = "the copy cannot be given its name: " + failure.message(),
                     .context = target.string(),
                     .remedy = "check the permissions of the folder"};
    return {};
}

Result<Transaction> Transaction::begin(const Database& database)
{
    // IMMEDIATE: a reader that turns writer half-way would fail instead of waiting its turn.
    const Status status = database.execute("BEGIN IMMEDIATE");
    if (!status)
        return status.error();
    return Transaction(database);
}

Transaction::~Transaction()
{
    if (!m_database)
        return;
    // Fails only where SQLite has rolled back by itself, which is what is wanted.
    [[maybe_unused]] const Status ignored = m_database->execute("ROLLBACK");
}

Status Transaction::commit()
{
    Status status = m_database->execute("COMMIT");
    if (status)
        m_database = nullptr;
    return status;
}

} // namespace lacuna
