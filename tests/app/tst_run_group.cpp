#include "app/run_group.h"

#include "app/background.h"
#include "app/history.h"
#include "app/run_controller.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <future>
#include <optional>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 60'000;

/// Runs of a fraction of a second under the name "group".
RecipeDraft draftOf(const Json& several, std::int64_t steps = 2)
{
    Json document = smallRecipe();
    document["name"] = "group";
    document["training"]["steps"] = steps;
    document["evaluation"]["every_steps"] = 0;
    document["evaluation"]["max_samples"] = 6;
    document.update(several);
    return parseDraft(document, {}).value();
}

Json seeds(const std::vector<int>& values)
{
    return {{"sweep", {{"seed", values}}}};
}

Json requests(const std::string& second)
{
    return {{"requests",
             {{{"label", "first"}, {"forget", runData("forget.json")}},
              {{"label", "second"}, {"forget", second}}}}};
}

/// A group with what it needs, in a folder of its own.
struct Bench {
    [[nodiscard]] std::filesystem::path file(const char* name) const
    {
        return std::filesystem::path(folder.path().toStdString()) / name;
    }
    [[nodiscard]] std::vector<Run> runs() const
    {
        const Store store = Store::open(history.file(), OpenMode::ReadOnly).value();
        return store.runs({.group = "group", .descending = false}).value();
    }
    /// Waits for the end of the group; nothing where it does not come.
    std::optional<GroupEnd> untilEnd()
    {
        QSignalSpy ended(&group, &RunGroup::ended);
        if (!ended.wait(kPatience))
            return std::nullopt;
        return ended.front().front().value<GroupEnd>();
    }
    std::optional<GroupEnd> doAll(const RecipeDraft& draft)
    {
        return group.start(draft) ? untilEnd() : std::nullopt;
    }

    QTemporaryDir folder;
    Background background;
    History history{file("history.sqlite"), background};
    RunController run{{.store = file("history.sqlite"), .runsFolder = file("runs")}};
    RunGroup group{run, background, history};
};

} // namespace

/// Real runs of a small model, one after another.
class TestRunGroup : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGridIsDoneRunByRun();
    void whatIsDoneIsNotDoneAgain();
    void stoppingARunEndsTheGroup_data();
    void stoppingARunEndsTheGroup();
    void anInterruptedRunGoesOnWhereItWas();
    void aSequenceStartsEachFromTheOneBefore();
    void aFailureEndsASequenceAndNoGrid_data();
    void aFailureEndsASequenceAndNoGrid();
    void nobodyStartsARunInBetween();
    void aRecordThatCannotBeReadIsNotTakenForNone();
    void whatCannotBeFollowedIsSaidAndLeavesTheWayFree();
};

void TestRunGroup::aGridIsDoneRunByRun()
{
    Bench bench;
    QStringList places;
    connect(&bench.run, &RunController::started, &bench.run, [&] {
        const GroupPlace& place = bench.run.place();
        places << u"%1 of %2: %3"_s.arg(place.number).arg(place.count).arg(shown(place.label));
    });
    const auto end = bench.doAll(draftOf(seeds({1, 2})));
    QVERIFY(end);
    QCOMPARE(places, QStringList({u"1 of 2: seed 1"_s, u"2 of 2: seed 2"_s}));
    QCOMPARE(end->done, 2);
    QCOMPARE(end->count, 2);
    QVERIFY(!end->stopped);
    const std::vector<Run> runs = bench.runs();
    QCOMPARE(runs.size(), std::size_t{2});
    QCOMPARE(runs[1].name, std::string("group: seed 2"));
    QCOMPARE(end->last, std::optional(runs[1].id));
    QVERIFY(bench.run.isFree());
}

void TestRunGroup::whatIsDoneIsNotDoneAgain()
{
    Bench bench;
    QVERIFY(bench.doAll(draftOf(seeds({1, 3}))));
    const QSignalSpy started(&bench.run, &RunController::started);
    const auto end = bench.doAll(draftOf(seeds({1, 2, 3})));
    QVERIFY(end);
    QCOMPARE(started.size(), 1);
    QCOMPARE(bench.run.record().recipe.seed, std::int64_t{2});
    QCOMPARE(end->done, 3);
}

void TestRunGroup::stoppingARunEndsTheGroup_data()
{
    QTest::addColumn<StopKind>("kind");
    QTest::addColumn<RunState>("becomes");
    QTest::addColumn<int>("done");
    QTest::newRow("kept") << StopKind::Keep << RunState::Stopped << 1;
    QTest::newRow("discarded") << StopKind::Discard << RunState::Discarded << 0;
}

void TestRunGroup::stoppingARunEndsTheGroup()
{
    QFETCH(const StopKind, kind);
    QFETCH(const int, done);
    Bench bench;
    QVERIFY(bench.group.start(draftOf(seeds({1, 2}), 400)));
    QTRY_VERIFY_WITH_TIMEOUT(bench.run.record().run.step >= 1, kPatience);
    bench.run.stop(kind);
    const auto end = bench.untilEnd();
    QVERIFY(end && end->stopped);
    QCOMPARE(end->done, done);
    QCOMPARE(bench.runs().size(), std::size_t{1});
    QTEST(bench.runs().front().state, "becomes");

    // Again: what was kept is done, what was thrown away is not.
    QVERIFY(bench.group.start(end->draft));
    QTRY_VERIFY_WITH_TIMEOUT(bench.run.isActive(), kPatience);
    QCOMPARE(bench.run.place().number, done + 1);
    bench.run.stop(StopKind::Discard);
    const auto endAgain = bench.untilEnd();
    QVERIFY(endAgain && endAgain->stopped);
}

void TestRunGroup::anInterruptedRunGoesOnWhereItWas()
{
    Bench bench;
    QVERIFY(bench.group.start(draftOf(seeds({1}), 40)));
    QTRY_VERIFY_WITH_TIMEOUT(bench.run.record().run.step >= 3, kPatience);
    bench.run.stop(StopKind::Now);
    const auto stopped = bench.untilEnd();
    QVERIFY(stopped && stopped->stopped);
    const std::string uid = bench.run.record().run.uid;
    const auto end = bench.doAll(draftOf(seeds({1}), 40));
    QVERIFY(end);
    QCOMPARE(end->done, 1);
    QCOMPARE(bench.run.record().run.uid, uid);
    QCOMPARE(bench.run.record().series.at("forget_nll").steps.front(), std::int64_t{1});
    QCOMPARE(bench.runs().size(), std::size_t{1});
}

void TestRunGroup::aSequenceStartsEachFromTheOneBefore()
{
    Bench bench;
    const auto end = bench.doAll(draftOf(requests(runData("holdout.json"))));
    QVERIFY(end);
    QCOMPARE(end->done, 2);
    const std::vector<Run> runs = bench.runs();
    QCOMPARE(runs[1].parent, std::optional(runs[0].id));
    QCOMPARE(runs[1].model.path, runs[0].folder + "/model");
    const auto evaluations = Store::open(bench.history.file(), OpenMode::ReadOnly)
                                 .value()
                                 .readEvaluations(runs[1].id, false)
                                 .value();
    QVERIFY(std::ranges::find(evaluations, "earlier-1", &Evaluation::set) != evaluations.end());
}

void TestRunGroup::aFailureEndsASequenceAndNoGrid_data()
{
    QTest::addColumn<QByteArray>("several");
    QTest::addColumn<std::size_t>("runs");
    const std::string forget = runData("forget.json");
    const auto row = [](const char* name, const Json& several, std::size_t runs) {
        QTest::newRow(name) << QByteArray::fromStdString(several.dump()) << runs;
    };
    row("grid", {{"sweep", {{"forget", {"/nowhere.json", forget}}}}}, 2);
    row("requests", {{"requests", {{{"forget", "/nowhere.json"}}, {{"forget", forget}}}}}, 1);
}

void TestRunGroup::aFailureEndsASequenceAndNoGrid()
{
    QFETCH(const QByteArray, several);
    Bench bench;
    const auto end = bench.doAll(draftOf(Json::parse(several.toStdString())));
    QVERIFY(end);
    QTEST(bench.runs().size(), "runs");
    QVERIFY(bench.runs().front().state == RunState::Failed);
    QCOMPARE(end->done, static_cast<int>(bench.runs().size()) - 1);
    QVERIFY(!end->stopped);
}

void TestRunGroup::nobodyStartsARunInBetween()
{
    Bench bench;
    int refused = 0;
    connect(&bench.run, &RunController::ended, &bench.run, [&] {
        if (bench.group.isActive() && !bench.run.start(draftOf(Json::object()).recipe))
            ++refused;
    });
    QVERIFY(bench.group.start(draftOf(seeds({1, 2}))));
    QVERIFY(!bench.group.start(draftOf(seeds({3}))));
    const auto end = bench.untilEnd();
    QVERIFY(end);
    QCOMPARE(end->done, 2);
    QCOMPARE(refused, 2);
}

void TestRunGroup::aRecordThatCannotBeReadIsNotTakenForNone()
{
    Bench bench;
    std::promise<void> gate;
    connect(&bench.run, &RunController::identified, &bench.run, [&] {
        bench.background.run(
            &bench.run,
            [held = gate.get_future().share()] {
                held.wait();
                return 0;
            },
            [](int) {});
    });
    connect(&bench.run, &RunController::ended, &bench.run, [&] {
        writeBytes(bench.file("history.sqlite"), std::string(4096, 'x'));
        gate.set_value(); // what the group reads after the run waits behind it
    });
    const QSignalSpy refused(&bench.group, &RunGroup::runRefused);
    const auto end = bench.doAll(draftOf(seeds({1})));
    QVERIFY(end);
    QCOMPARE(refused.size(), 1);
    QCOMPARE(end->done, 0);
    QVERIFY(!end->last);
}

void TestRunGroup::whatCannotBeFollowedIsSaidAndLeavesTheWayFree()
{
    Bench bench;
    QSignalSpy failed(&bench.group, &RunGroup::failed);
    QVERIFY(bench.group.start(draftOf({{"sweep", {{"training.batch_size", {4, -1}}}}})));
    QVERIFY(failed.wait(kPatience));
    QVERIFY(shown(failed.front().front().value<Error>().text()).contains(u"batch_size"));
    QVERIFY(!bench.group.isActive());
    QVERIFY(bench.run.isFree());
}

QTEST_GUILESS_MAIN(TestRunGroup)
#include "tst_run_group.moc"
