#include "core/store/schema.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <thread>

using namespace lacuna;

namespace {

const std::filesystem::path kStores = std::filesystem::path(TEST_DATA_DIR) / "stores";

/// The released steps and \p next.
std::vector<Migration> releasedAnd(const char* next)
{
    const auto released = storeMigrations();
    std::vector<Migration> migrations(released.begin(), released.end());
    migrations.push_back({static_cast<int>(released.size()) + 1, "a coming one", next});
    return migrations;
}

Database opened(const std::filesystem::path& path)
{
    return std::move(Database::open(path, OpenMode::CreateIfMissing)).value();
}

} // namespace

class TestSchema : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aNewFileGetsTheNewestSchemaAndNoCopy();
    void releasedFilesOpenWithAllTheyHold_data();
    void releasedFilesOpenWithAllTheyHold();
    void anUpdateKeepsTheDataAndACopyBesideIt();
    void anUpdateThatBreaksHalfWayLeavesTheFileUnchanged_data();
    void anUpdateThatBreaksHalfWayLeavesTheFileUnchanged();
    void stepsBeforeTheBrokenOneStay();
    void aNewerFileIsRefusedAndUntouched();
    void anOlderFileIsNotUpdatedThroughAReadOnlyConnection();
    void anOlderHistoryOpensForReading();
    void aDatabaseOfAnotherProgramIsRefusedAndUntouched();
    void misnumberedStepsThrow();
    void programsThatStartTogetherMakeOneSchema();
    void theViewsAnswer();
};

void TestSchema::aNewFileGetsTheNewestSchemaAndNoCopy()
{
    const TemporaryFolder folder;
    QVERIFY(Store::open(folder.file("deep/down/history.sqlite"), OpenMode::CreateIfMissing));
    const Database database = opened(folder.file("deep/down/history.sqlite"));
    QCOMPARE(database.integer("PRAGMA user_version").value(),
             static_cast<std::int64_t>(storeMigrations().size()));
    QCOMPARE(database.integer("PRAGMA application_id").value(), kStoreApplicationId);
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.file("deep/down")))
        files += entry.path().extension() == ".bak";
    QCOMPARE(files, 0);
}

void TestSchema::releasedFilesOpenWithAllTheyHold_data()
{
    QTest::addColumn<QString>("name");
    for (const Migration& migration : storeMigrations())
        QTest::addRow("version %d", migration.version)
            << QStringLiteral("v%1.sqlite").arg(migration.version);
}

void TestSchema::releasedFilesOpenWithAllTheyHold()
{
    QFETCH(QString, name);
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::filesystem::copy_file(kStores / name.toStdString(), path);
    const auto store = Store::open(path, OpenMode::ReadWrite);
    QVERIFY2(store, store ? "" : store.error().text().c_str());
    const Run run = store->findRun("two authors, NPO").value();
    QCOMPARE(run.state, RunState::Stopped);
    QCOMPARE(run.tags, (std::vector<std::string>{"keep", "lecture"}));
    QVERIFY(run.parent.has_value());
    QCOMPARE(store->readSeries(run.id).value().at("forget_nll").values.size(), std::size_t{4});
    const auto evaluations = store->readEvaluations(run.id, true).value();
    QCOMPARE(evaluations.size(), std::size_t{2});
    QCOMPARE(evaluations[0].samples.size(), std::size_t{2});
    QCOMPARE(store->readAnswers(run.id).value().size(), std::size_t{2});
    QCOMPARE(store->readInterruptions(run.id).value().size(), std::size_t{1});
    QCOMPARE(store->readArtefacts(run.id).value().size(), std::size_t{1});
    QCOMPARE(store->pendingRequests(run.id).value().size(), std::size_t{1});
}

void TestSchema::anUpdateKeepsTheDataAndACopyBesideIt()
{
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::filesystem::copy_file(kStores / "v1.sqlite", path);
    const auto migrations = releasedAnd("ALTER TABLE run ADD COLUMN colour TEXT");
    const Database database = opened(path);
    QVERIFY(migrate(database, migrations));
    QCOMPARE(database.integer("SELECT count(*) FROM run WHERE colour IS NULL").value(), 2);
    QCOMPARE(database.integer("PRAGMA user_version").value(),
             static_cast<std::int64_t>(migrations.size()));

    const Database copy = opened(folder.file("history.sqlite.v1.bak"));
    QCOMPARE(copy.integer("SELECT count(*) FROM run").value(), 2);
    QCOMPARE(copy.integer("PRAGMA user_version").value(), 1);
    QVERIFY(!copy.run("SELECT colour FROM run"));
}

void TestSchema::anUpdateThatBreaksHalfWayLeavesTheFileUnchanged_data()
{
    QTest::addColumn<QString>("sql");
    QTest::newRow("a mistake after a change")
        << "ALTER TABLE run ADD COLUMN colour TEXT; DELETE FROM series; CREATE TABEL oops(x)";
    QTest::newRow("entries left without their run") << "DELETE FROM run";
}

void TestSchema::anUpdateThatBreaksHalfWayLeavesTheFileUnchanged()
{
    QFETCH(QString, sql);
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    const auto newest = "v" + std::to_string(storeMigrations().size());
    std::filesystem::copy_file(kStores / (newest + ".sqlite"), path);
    const std::string before = fileBytes(path);
    const QByteArray text = sql.toUtf8();
    {
        const Database database = opened(path);
        const Status status = migrate(database, releasedAnd(text.constData()));
        QVERIFY(!status);
        QVERIFY(status.error().context.find("a coming one") != std::string::npos);
        QVERIFY(status.error().context.find(path.string()) != std::string::npos);
        QVERIFY(!database.run("SELECT colour FROM run"));
    }
    QCOMPARE(fileBytes(path), before);
    QVERIFY(std::filesystem::exists(folder.file("history.sqlite." + newest + ".bak")));
    QVERIFY(Store::open(path, OpenMode::ReadWrite));
}

void TestSchema::stepsBeforeTheBrokenOneStay()
{
    const TemporaryFolder folder;
    const Database database = opened(folder.file("history.sqlite"));
    const std::vector<Migration> migrations = {
        {1, "one", "CREATE TABLE one(x) "},
        {2, "two", "CREATE TABLE two(x)"},
        {3, "three", "CREATE TABLE three(x); DROP TABLE none"},
    };
    QVERIFY(!migrate(database, migrations));
    QCOMPARE(database.integer("PRAGMA user_version").value(), 2);
    QCOMPARE(database.integer("SELECT count(*) FROM sqlite_schema").value(), 2);
}

void TestSchema::aNewerFileIsRefusedAndUntouched()
{
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::filesystem::copy_file(kStores / "v1.sqlite", path);
    QVERIFY(opened(path).execute("PRAGMA user_version = 99"));
    const std::string before = fileBytes(path);
    for (const OpenMode mode :
         {OpenMode::ReadOnly, OpenMode::ReadWrite, OpenMode::CreateIfMissing}) {
        const auto store = Store::open(path, mode);
        QVERIFY(!store);
        QCOMPARE(store.error().code, ErrorCode::Unsupported);
        QCOMPARE(shown(store.error().context), shown(path.string()));
        QVERIFY(store.error().message.find("99") != std::string::npos);
    }
    QCOMPARE(fileBytes(path), before);
    QVERIFY(!std::filesystem::exists(path.string() + "-wal"));
}

void TestSchema::anOlderFileIsNotUpdatedThroughAReadOnlyConnection()
{
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::filesystem::copy_file(kStores / "v1.sqlite", path);
    const auto database = Database::open(path, OpenMode::ReadOnly);
    QVERIFY(database);
    const Status status = migrate(*database, releasedAnd("CREATE TABLE more(x)"));
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Unsupported);
    QVERIFY(!std::filesystem::exists(folder.file("history.sqlite.v1.bak")));
}

void TestSchema::anOlderHistoryOpensForReading()
{
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::filesystem::copy_file(kStores / "v1.sqlite", path);
    const auto store = Store::open(path, OpenMode::ReadOnly);
    QVERIFY2(store, store ? "" : store.error().text().c_str());
    QCOMPARE(store->runs().value().size(), std::size_t{2});
    QVERIFY(std::filesystem::exists(folder.file("history.sqlite.v1.bak")));
}

void TestSchema::aDatabaseOfAnotherProgramIsRefusedAndUntouched()
{
    const TemporaryFolder folder;
    const auto path = folder.file("bookmarks.sqlite");
    QVERIFY(opened(path).execute("CREATE TABLE bookmark(url TEXT); PRAGMA user_version = 30"));
    const std::string before = fileBytes(path);
    const auto store = Store::open(path, OpenMode::CreateIfMissing);
    QVERIFY(!store);
    QCOMPARE(store.error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(store.error().message), shown("the file is a database of another program"));
    QCOMPARE(fileBytes(path), before);
}

void TestSchema::misnumberedStepsThrow()
{
    const TemporaryFolder folder;
    const Database database = opened(folder.file("history.sqlite"));
    const std::vector<Migration> migrations = {{1, "one", ""}, {3, "three", ""}};
    QVERIFY_THROWS_EXCEPTION(std::logic_error, (void)migrate(database, migrations));
}

void TestSchema::programsThatStartTogetherMakeOneSchema()
{
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::array<std::string, 4> failures;
    {
        std::vector<std::jthread> threads;
        for (std::string& failure : failures)
            threads.emplace_back([&failure, &path] {
                auto store = Store::open(path, OpenMode::CreateIfMissing);
                if (!store)
                    failure = store.error().text();
                else if (const auto run = store->createRun({.recipe = "{}"}); !run)
                    failure = run.error().text();
            });
    }
    for (const std::string& failure : failures)
        QCOMPARE(shown(failure), shown(""));
    QCOMPARE(Store::open(path, OpenMode::ReadOnly).value().runs().value().size(), std::size_t{4});
}

void TestSchema::theViewsAnswer()
{
    const TemporaryFolder folder;
    const auto path = folder.file("history.sqlite");
    std::filesystem::copy_file(kStores / "v1.sqlite", path);
    const Database database = opened(path);
    QCOMPARE(database.integer("SELECT count(*) FROM run_overview").value(), 2);
    QCOMPARE(
        database.integer("SELECT count(*) FROM run_overview WHERE tags = 'keep, lecture'").value(),
        1);
    QCOMPARE(database.integer("SELECT step FROM series_last WHERE key = 'forget_nll'").value(), 3);
    QCOMPARE(database.integer("SELECT change < 0 FROM evaluation_change").value(), 1);
    QCOMPARE(database.integer("SELECT count(*) FROM answer_history").value(), 2);
}

QTEST_GUILESS_MAIN(TestSchema)
#include "tst_schema.moc"
