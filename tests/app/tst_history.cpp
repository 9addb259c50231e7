#include "app/history.h"

#include "app/background.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <unistd.h>

#include <memory>
#include <optional>

using namespace lacuna;

namespace fs = std::filesystem;

namespace {

const fs::path kSample = fs::path(RESOURCES_DIR) / "sample" / "experiment.sqlite";

/// A copy of the bundled history, with one finished run.
struct Bench {
    TemporaryFolder folder;
    fs::path file = folder.file("history.sqlite");
    Background background;
    std::unique_ptr<History> history;
    QObject context;

    explicit Bench(bool filled = true)
    {
        if (filled)
            fs::copy_file(kSample, file);
        history = std::make_unique<History>(file, background);
    }

    [[nodiscard]] Store store() const { return Store::open(file, OpenMode::ReadWrite).value(); }
    [[nodiscard]] RunId onlyId() const { return store().runs().value().front().id; }

    /// Waits for what \p call hands to its last argument.
    template <class T, class Call> [[nodiscard]] Result<T> answer(Call call)
    {
        std::optional<Result<T>> result;
        call([&](Result<T> value) { result = std::move(value); });
        if (!QTest::qWaitFor([&] { return result.has_value(); }))
            return Error{.message = "no answer came"};
        return std::move(*result);
    }
    [[nodiscard]] Result<std::vector<RunOverview>> list()
    {
        return answer<std::vector<RunOverview>>(
            [&](auto done) { history->list(&context, std::move(done)); });
    }
    [[nodiscard]] Result<RunRecord> load(RunId id)
    {
        return answer<RunRecord>([&](auto done) { history->load(&context, id, std::move(done)); });
    }
    [[nodiscard]] Status remove(RunId id)
    {
        return answer<void>([&](auto done) { history->remove(&context, id, std::move(done)); });
    }
    [[nodiscard]] Status setTags(RunId id, const std::vector<std::string>& tags)
    {
        return answer<void>(
            [&](auto done) { history->setTags(&context, id, tags, std::move(done)); });
    }
};

} // namespace

class TestHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aMissingFileIsAnEmptyHistory();
    void theListHasMetricsBeforeAndAfter();
    void theNewestRunComesFirst();
    void aRunIsLoadedWithAllThatIsKnown();
    void aMissingRunIsAnError();
    void theBundledExperimentIsReadAndNotTouched();
    void itsRelativePathsAreMeantFromAFolderAbove();
    void nameNoteAndTagsAreChanged();
    void aTagThatIsRefusedCostsNoOther();
    void removingTakesTheRunsOwnFolderOnly_data();
    void removingTakesTheRunsOwnFolderOnly();
    void aRunAtWorkIsNotRemoved();
    void viewsHearOfAChangeWhoeverAskedForIt();
};

void TestHistory::aMissingFileIsAnEmptyHistory()
{
    Bench bench(false);
    QVERIFY(bench.list().value().empty());
    QVERIFY2(!fs::exists(bench.file), "looking makes no file");
    QCOMPARE(bench.load(1).error().code, ErrorCode::NotFound);
}

void TestHistory::theListHasMetricsBeforeAndAfter()
{
    Bench bench;
    const auto runs = bench.list().value();
    QCOMPARE(runs.size(), std::size_t{1});
    const auto& changes = runs.front().changes;
    QVERIFY(changes.at("forget probability").before > 0.9);
    QVERIFY(changes.at("forget probability").after < 0.1);
    QVERIFY(changes.at("retain probability").after > 0.9);
    QVERIFY2(std::isnan(changes.at("reference-forget probability").after),
             "the reference is measured before the run only");
}

void TestHistory::theNewestRunComesFirst()
{
    Bench bench;
    const Run added =
        bench.store()
            .createRun({.name = "later", .recipe = "{}", .createdAt = "2099-01-01T00:00:00.000Z"})
            .value();
    const auto runs = bench.list().value();
    QCOMPARE(runs.size(), std::size_t{2});
    QCOMPARE(runs.front().run.id, added.id);
    QVERIFY(runs.front().changes.empty());
}

void TestHistory::aRunIsLoadedWithAllThatIsKnown()
{
    Bench bench;
    const RunRecord record = bench.load(bench.onlyId()).value();
    QCOMPARE(shown(record.run.name), shown(record.recipe.name));
    QVERIFY(record.series.contains("forget_nll"));
    QVERIFY(!record.evaluations.empty());
    QVERIFY(!record.answers.empty());
    QVERIFY(record.interruptions.empty());
}

void TestHistory::aMissingRunIsAnError()
{
    Bench bench;
    QCOMPARE(bench.load(77).error().code, ErrorCode::NotFound);
    QCOMPARE(bench.remove(77).error().code, ErrorCode::NotFound);
    QCOMPARE(bench.setTags(77, {"a"}).error().code, ErrorCode::NotFound);
}

void TestHistory::theBundledExperimentIsReadAndNotTouched()
{
    Bench bench(false);
    const std::string before = fileBytes(kSample);
    const auto record = bench.answer<RunRecord>(
        [&](auto done) { bench.history->loadNewest(&bench.context, kSample, std::move(done)); });
    QVERIFY(record);
    QCOMPARE(record->run.state, RunState::Done);
    QVERIFY(fileBytes(kSample) == before);
    QVERIFY(!fs::exists(kSample.string() + "-wal"));
}

void TestHistory::itsRelativePathsAreMeantFromAFolderAbove()
{
    Bench bench(false);
    const RunRecord record =
        bench
            .answer<RunRecord>([&](auto done) {
                bench.history->loadNewest(&bench.context, kSample, std::move(done));
            })
            .value();
    QVERIFY(!fs::path(record.run.model.path).is_absolute());
    for (const std::string& path : {record.recipe.model, record.recipe.reference,
                                    record.recipe.forget.path, record.recipe.retain.path})
        QVERIFY2(fs::path(path).is_absolute() && fs::exists(path), path.c_str());
}

void TestHistory::nameNoteAndTagsAreChanged()
{
    Bench bench;
    const RunId id = bench.onlyId();
    QSignalSpy changed(bench.history.get(), &History::changed);
    QVERIFY(bench.answer<void>([&](auto done) {
        bench.history->rename(&bench.context, id, "new name", std::move(done));
    }));
    QVERIFY(bench.answer<void>([&](auto done) {
        bench.history->setNote(&bench.context, id, "two\nlines", std::move(done));
    }));
    QVERIFY(bench.setTags(id, {"keep", " lecture "}));
    QVERIFY(bench.setTags(id, {"lecture", "new"}));
    QCOMPARE(changed.size(), 4);
    const Run run = bench.store().run(id).value();
    QCOMPARE(shown(run.name), shown("new name"));
    QCOMPARE(shown(run.note), shown("two\nlines"));
    QCOMPARE(run.tags, (std::vector<std::string>{"lecture", "new"}));
}

void TestHistory::aTagThatIsRefusedCostsNoOther()
{
    Bench bench;
    const RunId id = bench.onlyId();
    QVERIFY(bench.setTags(id, {"old"}));
    QCOMPARE(bench.setTags(id, {"two\nlines"}).error().code, ErrorCode::InvalidArgument);
    QCOMPARE(bench.store().run(id).value().tags, std::vector<std::string>{"old"});
}

void TestHistory::removingTakesTheRunsOwnFolderOnly_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("link");
    QTest::addColumn<bool>("gone");
    QTest::newRow("named by the uid") << QStringLiteral("%1") << false << true;
    QTest::newRow("the uid in its name") << QStringLiteral("npo-%1") << false << true;
    QTest::newRow("named otherwise") << QStringLiteral("documents") << false << false;
    QTest::newRow("a link to elsewhere") << QStringLiteral("%1") << true << false;
}

void TestHistory::removingTakesTheRunsOwnFolderOnly()
{
    QFETCH(QString, name);
    QFETCH(bool, link);
    QFETCH(bool, gone);
    Bench bench;
    const RunId id = bench.onlyId();
    const std::string uid = bench.store().run(id).value().uid;
    const fs::path folder =
        bench.folder.file(name.replace(QStringLiteral("%1"), shown(uid)).toStdString());
    const fs::path real = link ? bench.folder.file("elsewhere") : folder;
    fs::create_directories(real / "model");
    if (link)
        fs::create_directory_symlink(real, folder);
    QVERIFY(bench.store().setFolder(id, folder.string()));

    QVERIFY(bench.remove(id));
    QVERIFY(bench.list().value().empty());
    QCOMPARE(!fs::exists(real / "model"), gone);
}

void TestHistory::aRunAtWorkIsNotRemoved()
{
    Bench bench;
    const RunId id = bench.onlyId();
    QVERIFY(bench.store().setState(id, RunState::Running));
    QVERIFY(bench.store().claim(id, ::getpid()).value());
    const Status status = bench.remove(id);
    QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    QVERIFY(!status.error().remedy.empty());
    QCOMPARE(bench.list().value().size(), std::size_t{1});
}

void TestHistory::viewsHearOfAChangeWhoeverAskedForIt()
{
    Bench bench;
    QSignalSpy changed(bench.history.get(), &History::changed);
    bool heard = false;
    auto asker = std::make_unique<QObject>();
    bench.history->setNote(asker.get(), bench.onlyId(), "note",
                           [&](const Status&) { heard = true; });
    asker.reset();
    QVERIFY(changed.wait());
    QVERIFY(!heard);
    QCOMPARE(shown(bench.store().run(bench.onlyId()).value().note), shown("note"));
}

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
