#include "core/store/sqlite.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

using namespace lacuna;

namespace {

Database filled(const std::filesystem::path& path)
{
    Result<Database> database = Database::open(path, OpenMode::CreateIfMissing);
    const Status made = database.value().execute(
        "PRAGMA synchronous = OFF;" // no test pulls the plug
        "CREATE TABLE item(id INTEGER PRIMARY KEY, value REAL, text TEXT) STRICT;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        "INSERT INTO item SELECT i, i, hex(randomblob(20)) FROM n");
    made.value();
    return std::move(database).value();
}

std::ptrdiff_t partialFiles(const std::filesystem::path& folder)
{
    return std::ranges::count_if(
        std::filesystem::directory_iterator(folder),
        [](const auto& entry) { return entry.path().extension() == ".partial"; });
}

} // namespace

class TestSqlite : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesComeBackAsTheyWentIn();
    void valuesThatAreNotFiniteBecomeNull_data();
    void valuesThatAreNotFiniteBecomeNull();
    void anUncommittedTransactionIsRolledBack();
    void aStatementCanBeUsedAgain();
    void aMistakeInSqlIsAnInternalErrorInSqlitesWords();
    void aMissingFileIsNotFound();
    void aFolderInPlaceOfTheFileIsRefused();
    void aMissingFolderCannotBeOpened();
    void aGarbageFileIsNotAHistory();
    void aDamagedFileIsCorrupt();
    void aFullDiskIsAPlainError();
    void writingToAReadOnlyConnectionIsRefused();
    void aLockedFileIsAPlainError();
    void aProtectedFolderCanStillBeRead();
    void aCopyHoldsWhatIsInTheLog();
    void aCopyThatFailsLeavesNothing();
};

void TestSqlite::valuesComeBackAsTheyWentIn()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    const std::string text("with \0 inside and \xc3\xa9", 20);
    QVERIFY(database.run("INSERT INTO item VALUES(?, ?, ?)", std::int64_t{1} << 62, 0.1, text));
    int rows = 0;
    QVERIFY(database.query(
        "SELECT id, value, text FROM item WHERE id = ?",
        [&](const Statement& row) {
            ++rows;
            QCOMPARE(row.integer(0), std::int64_t{1} << 62);
            QCOMPARE(row.number(1), 0.1);
            QCOMPARE(row.text(2), text);
        },
        std::int64_t{1} << 62));
    QCOMPARE(rows, 1);
    QVERIFY(database.run("INSERT INTO item VALUES(0, ?, ?)", nullptr, std::string_view()));
    QCOMPARE(
        database.integer("SELECT count(*) FROM item WHERE value IS NULL AND text = ''").value(), 1);
}

void TestSqlite::valuesThatAreNotFiniteBecomeNull_data()
{
    QTest::addColumn<double>("value");
    QTest::newRow("not a number") << std::numeric_limits<double>::quiet_NaN();
    QTest::newRow("infinity") << std::numeric_limits<double>::infinity();
    QTest::newRow("minus infinity") << -std::numeric_limits<double>::infinity();
}

void TestSqlite::valuesThatAreNotFiniteBecomeNull()
{
    QFETCH(double, value);
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    QVERIFY(database.run("INSERT INTO item(id, value) VALUES(0, ?)", value));
    QVERIFY(database.query("SELECT value FROM item WHERE id = 0", [](const Statement& row) {
        QVERIFY(row.isNull(0));
        QVERIFY(std::isnan(row.number(0)));
    }));
}

void TestSqlite::anUncommittedTransactionIsRolledBack()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    {
        const auto transaction = Transaction::begin(database);
        QVERIFY(transaction);
        QVERIFY(database.execute("DELETE FROM item"));
    }
    QCOMPARE(database.integer("SELECT count(*) FROM item").value(), 2000);
    {
        auto transaction = Transaction::begin(database);
        QVERIFY(transaction);
        QVERIFY(database.execute("DELETE FROM item"));
        QVERIFY(transaction->commit());
    }
    QCOMPARE(database.integer("SELECT count(*) FROM item").value(), 0);
}

void TestSqlite::aStatementCanBeUsedAgain()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    auto statement = database.prepare("INSERT INTO item VALUES(?, ?, ?)");
    QVERIFY(statement);
    statement->bind(3000, 1.5, "first");
    QVERIFY(statement->finish());
    statement->bind(3001, 2.5); // what is not given again is NULL, not the last value
    QVERIFY(statement->finish());
    QCOMPARE(
        database.integer("SELECT count(*) FROM item WHERE id >= 3000 AND text IS NULL").value(), 1);
    statement->bind(1, 2.0, "three", "one too many");
    QCOMPARE(statement->finish().error().code, ErrorCode::Internal);
}

void TestSqlite::aMistakeInSqlIsAnInternalErrorInSqlitesWords()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    const Status status = database.run("SELECT nonsense FROM item");
    QCOMPARE(status.error().code, ErrorCode::Internal);
    QCOMPARE(shown(status.error().message),
             shown("the experiment history refused a command: no such column: nonsense"));
    QCOMPARE(shown(status.error().context), shown(folder.file("a.sqlite").string()));
}

void TestSqlite::aMissingFileIsNotFound()
{
    const TemporaryFolder folder;
    for (const OpenMode mode : {OpenMode::ReadOnly, OpenMode::ReadWrite}) {
        const auto database = Database::open(folder.file("none.sqlite"), mode);
        QVERIFY(!database);
        QCOMPARE(database.error().code, ErrorCode::NotFound);
        QVERIFY(!std::filesystem::exists(folder.file("none.sqlite")));
    }
}

void TestSqlite::aFolderInPlaceOfTheFileIsRefused()
{
    const TemporaryFolder folder;
    for (const OpenMode mode : {OpenMode::ReadOnly, OpenMode::CreateIfMissing}) {
        const auto database = Database::open(folder.file(""), mode);
        QVERIFY(!database);
        QCOMPARE(database.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(shown(database.error().message), shown("this is a folder where a file is needed"));
    }
}

void TestSqlite::aMissingFolderCannotBeOpened()
{
    const TemporaryFolder folder;
    const auto path = folder.file("none") / "a.sqlite";
    const auto database = Database::open(path, OpenMode::CreateIfMissing);
    QVERIFY(!database);
    QCOMPARE(database.error().code, ErrorCode::Io);
    QCOMPARE(shown(database.error().message), shown("the experiment history cannot be opened"));
    QCOMPARE(shown(database.error().context), shown(path.string()));
    QVERIFY(!database.error().remedy.empty());
}

void TestSqlite::aGarbageFileIsNotAHistory()
{
    const TemporaryFolder folder;
    const auto path = folder.file("a.sqlite");
    const std::string garbage(5000, 'x');
    writeBytes(path, garbage);
    const auto database = Database::open(path, OpenMode::CreateIfMissing);
    QVERIFY(!database);
    QCOMPARE(database.error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(database.error().message), shown("the file is not an experiment history"));
    QCOMPARE(shown(database.error().context), shown(path.string()));
    QCOMPARE(fileBytes(path), garbage);
}

void TestSqlite::aDamagedFileIsCorrupt()
{
    const TemporaryFolder folder;
    const auto path = folder.file("a.sqlite");
    filled(path);
    std::string bytes = fileBytes(path);
    std::fill(bytes.begin() + 4096, bytes.end(), '\x55');
    writeBytes(path, bytes);
    const auto database = Database::open(path, OpenMode::ReadWrite);
    QVERIFY(database);
    const auto count = database->integer("SELECT sum(value) FROM item");
    QVERIFY(!count);
    QCOMPARE(count.error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(count.error().message), shown("the experiment history is damaged"));
}

void TestSqlite::aFullDiskIsAPlainError()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    QVERIFY(database.execute("PRAGMA max_page_count = 1")); // the present size, at least
    const Status status =
        database.run("INSERT INTO item(text) VALUES(?)", std::string(100000, 'x'));
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QCOMPARE(shown(status.error().message),
             shown("there is no room left to add to the experiment history"));
    QCOMPARE(database.integer("SELECT count(*) FROM item").value(), 2000);
}

void TestSqlite::writingToAReadOnlyConnectionIsRefused()
{
    const TemporaryFolder folder;
    const auto path = folder.file("a.sqlite");
    filled(path);
    const auto database = Database::open(path, OpenMode::ReadOnly);
    QVERIFY(database);
    QVERIFY(database->isReadOnly());
    const Status status = database->execute("DELETE FROM item");
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QCOMPARE(shown(status.error().message),
             shown("the experiment history can be read but not changed"));
    QCOMPARE(shown(status.error().context), shown(path.string()));
}

void TestSqlite::aLockedFileIsAPlainError()
{
    const TemporaryFolder folder;
    const Database first = filled(folder.file("a.sqlite"));
    const auto second = Database::open(folder.file("a.sqlite"), OpenMode::ReadWrite);
    QVERIFY(second);
    QVERIFY(second->execute("PRAGMA busy_timeout = 0"));
    const auto transaction = Transaction::begin(first);
    QVERIFY(transaction);
    const auto refused = Transaction::begin(*second);
    QVERIFY(!refused);
    QCOMPARE(shown(refused.error().message),
             shown("another program keeps the experiment history locked"));
}

void TestSqlite::aProtectedFolderCanStillBeRead()
{
    if (::geteuid() == 0)
        QSKIP("permissions do not bind the administrator");
    const TemporaryFolder folder;
    const auto path = folder.file("50% ?#/a.sqlite");
    std::filesystem::create_directories(path.parent_path());
    QVERIFY(filled(path).execute("PRAGMA journal_mode = WAL"));
    QCOMPARE(::chmod(path.parent_path().c_str(), 0555), 0);
    {
        const auto database = Database::open(path, OpenMode::ReadOnly);
        QVERIFY2(database, database ? "" : database.error().text().c_str());
        QCOMPARE(database->integer("SELECT count(*) FROM item").value(), 2000);
        QVERIFY(!database->execute("DELETE FROM item"));
    }
    QCOMPARE(::chmod(path.parent_path().c_str(), 0755), 0);
}

void TestSqlite::aCopyHoldsWhatIsInTheLog()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    QVERIFY(database.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                             "PRAGMA user_version = 7; DELETE FROM item WHERE id > 10"));
    writeBytes(folder.file("copy"), "an older copy");
    QVERIFY(database.copyTo(folder.file("copy")));
    QCOMPARE(partialFiles(folder.file(".")), 0);
    const auto copy = Database::open(folder.file("copy"), OpenMode::ReadOnly);
    QVERIFY(copy);
    QCOMPARE(copy->integer("SELECT count(*) FROM item").value(), 10);
    QCOMPARE(copy->integer("PRAGMA user_version").value(), 7);
}

void TestSqlite::aCopyThatFailsLeavesNothing()
{
    const TemporaryFolder folder;
    const Database database = filled(folder.file("a.sqlite"));
    QVERIFY(!database.copyTo(folder.file("none") / "copy"));

    const auto second = Database::open(folder.file("a.sqlite"), OpenMode::ReadWrite);
    QVERIFY(second);
    QVERIFY(database.execute("PRAGMA busy_timeout = 0"));
    QVERIFY(second->execute("BEGIN EXCLUSIVE"));
    const Status status = database.copyTo(folder.file("copy"));
    QVERIFY(!status);
    QCOMPARE(shown(status.error().message),
             shown("another program keeps the experiment history locked"));
    QVERIFY(!std::filesystem::exists(folder.file("copy")));
    QCOMPARE(partialFiles(folder.file(".")), 0);
}

QTEST_GUILESS_MAIN(TestSqlite)
#include "tst_sqlite.moc"
