#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace lacuna {

enum class OpenMode : std::uint8_t {
    ReadOnly,
    ReadWrite, ///< the file must exist
    CreateIfMissing,
};

/// A prepared statement. Indices of parameters count from 1 as in SQL, those of columns from 0.
class Statement {
public:
    explicit Statement(sqlite3_stmt* handle);

    /// Starts over with these parameters. A failure to bind is reported by the next step().
    template <class... Args> void bind(const Args&... args)
    {
        restart();
        int index = 0;
        (bindAt(++index, args), ...);
    }
    void bindAt(int index, std::nullptr_t);
    void bindAt(int index, std::int64_t value);
    void bindAt(int index, int value) { bindAt(index, std::int64_t{value}); }
    /// A value that is not finite is bound as NULL.
    void bindAt(int index, double value);
    void bindAt(int index, std::string_view text);
    void bindAt(int index, const std::string& text) { bindAt(index, std::string_view(text)); }
    void bindAt(int index, const char* text) { bindAt(index, std::string_view(text)); }
    template <class T> void bindAt(int index, const std::optional<T>& value)
    {
        if (value)
            bindAt(index, *value);
        else
            bindAt(index, nullptr);
    }

    /// True when a row stands ready, false at the end.
    [[nodiscard]] Result<bool> step();
    /// Steps to the end and drops the rows.
    [[nodiscard]] Status finish();

    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    /// NULL reads as a quiet NaN.
    [[nodiscard]] double number(int column) const;
    /// NULL reads as an empty text.
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optionalInteger(int column) const;

private:
    void restart();

    struct Finalize {
        void operator()(sqlite3_stmt* handle) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> m_handle;
    int m_bindFailure = 0;
};

/// A connection to one SQLite file. Not thread-safe: one a thread. Statements and transactions
/// made from it must be gone before it is.
///
/// SQLite's result codes become Errors with one plain sentence, the file as context and a remedy.
class Database {
public:
    /// Nothing is written by opening. A read-only file on a medium where SQLite cannot place its
    /// write-ahead log is read as it stands, provided that no such log is left beside it.
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path, OpenMode mode);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] bool isReadOnly() const;
    [[nodiscard]] std::int64_t lastInsertId() const;
    /// Rows that the last INSERT, UPDATE or DELETE touched itself, cascades not counted.
    [[nodiscard]] std::int64_t changes() const;

    /// Runs any number of statements and drops their rows.
    [[nodiscard]] Status execute(const std::string& sql) const;
    [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
    /// The first column of the first row, 0 when there is none.
    [[nodiscard]] Result<std::int64_t> integer(std::string_view sql) const;

    template <class... Args>
    [[nodiscard]] Status run(std::string_view sql, const Args&... args) const
    {
        return query(
            sql, [](const Statement&) {}, args...);
    }
    /// Calls \p read with the statement once a row.
    template <class Read, class... Args>
    [[nodiscard]] Status query(std::string_view sql, Read read, const Args&... args) const
    {
        Result<Statement> statement = prepare(sql);
        if (!statement)
            return statement.error();
        statement->bind(args...);
        for (;;) {
            const Result<bool> row = statement->step();
            if (!row)
                return row.error();
            if (!*row)
                return {};
            read(std::as_const(*statement));
        }
    }

    /// A consistent copy of everything committed, what still sits in the write-ahead log included.
    /// An existing file at \p target is replaced only when the copy is complete.
    [[nodiscard]] Status copyTo(const std::filesystem::path& target) const;

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    using Handle = std::unique_ptr<sqlite3, Close>;

    Database(Handle handle, std::filesystem::path path);
    [[nodiscard]] static Result<Handle> openHandle(const std::string& name, int flags,
                                                   const std::filesystem::path& path);

    Handle m_handle;
    std::filesystem::path m_path;
};

/// A write transaction; what is not committed is rolled back. The database must outlive it.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(const Database& database);
    Transaction(Transaction&& other) noexcept : m_database(std::exchange(other.m_database, nullptr))
    {
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// After a failure the transaction is still open and will be rolled back.
    [[nodiscard]] Status commit();

private:
    explicit Transaction(const Database& database) : m_database(&database) {}

    const Database* m_database;
};

} // namespace lacuna
