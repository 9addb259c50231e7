#include "app/run_controller.h"
#include "core/store/store.h"
#include "tests/core/run/small_run.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// A real run of a small model, as the window follows it.
class TestRunController : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunIsFollowedToItsEnd();
    void aSecondRunIsRefusedWhileOneGoesOn();
    void pauseHoldsAndProceedGoesOn();
    void aFailedRunSaysWhy();
    void goingAwayMidRunLeavesItToBeContinued();

private:
    static constexpr int kPatience = 60'000;

    [[nodiscard]] RunController::Places places() const
    {
        const std::filesystem::path folder = m_folder.path().toStdString();
        return {.store = folder / "history.sqlite", .runsFolder = folder / "runs"};
    }
    [[nodiscard]] static Recipe recipe() { return parseRecipe(smallRecipe(), {}).value(); }

    QTemporaryDir m_folder;
};

void TestRunController::aRunIsFollowedToItsEnd()
{
    RunController run(places());
    const QSignalSpy points(&run, &RunController::pointsArrived);
    const QSignalSpy evaluations(&run, &RunController::evaluationArrived);
    QSignalSpy ended(&run, &RunController::ended);
    QVERIFY(!run.isActive());
    QVERIFY(run.start(recipe()));
    QVERIFY(run.isActive());
    QVERIFY(ended.wait(kPatience));
    QVERIFY(!run.isActive());
    QVERIFY(run.state() == RunState::Done);
    QVERIFY(!points.isEmpty());
    QVERIFY(!evaluations.isEmpty());

    // What the window saw is what the history holds.
    const Store store = Store::open(places().store, OpenMode::ReadOnly).value();
    const Run stored = store.findRun(run.record().run.uid).value();
    const SeriesByKey series = store.readSeries(stored.id).value();
    QCOMPARE(series.size(), run.record().series.size());
    for (const auto& [key, curve] : series)
        QVERIFY(curve == run.record().series.at(key));
    QCOMPARE(run.record().evaluations.size(),
             store.readEvaluations(stored.id, false).value().size());
}

void TestRunController::aSecondRunIsRefusedWhileOneGoesOn()
{
    RunController run(places());
    QSignalSpy ended(&run, &RunController::ended);
    QVERIFY(run.start(recipe()));
    const Status second = run.start(recipe());
    QVERIFY(!second);
    QVERIFY(!second.error().remedy.empty());
    run.stop(StopKind::Discard);
    QVERIFY(ended.wait(kPatience));
    QVERIFY(run.state() == RunState::Discarded);
}

void TestRunController::pauseHoldsAndProceedGoesOn()
{
    RunController run(places());
    QSignalSpy ended(&run, &RunController::ended);
    QVERIFY(run.start(recipe()));
    run.pause();
    QVERIFY(run.isPaused());
    QTRY_VERIFY_WITH_TIMEOUT(run.state() == RunState::Paused, kPatience);
    const std::int64_t step = run.record().run.step;
    QVERIFY(ended.isEmpty());
    QCOMPARE(run.record().run.step, step);
    run.proceed();
    QVERIFY(ended.wait(kPatience));
    QVERIFY(run.state() == RunState::Done);
}

void TestRunController::aFailedRunSaysWhy()
{
    RunController run(places());
    QSignalSpy ended(&run, &RunController::ended);
    Recipe bad = recipe();
    bad.forget.path = "/nowhere/forget.json";
    QVERIFY(run.start(bad));
    QVERIFY(ended.wait(kPatience));
    QVERIFY(run.state() == RunState::Failed);
    const auto end = ended.front().front().value<RunEnded>();
    QVERIFY(end.error.has_value());
    QVERIFY(run.record().run.error.find("/nowhere/forget.json") != std::string::npos);
}

void TestRunController::goingAwayMidRunLeavesItToBeContinued()
{
    std::string uid;
    {
        RunController run(places());
        QVERIFY(run.start(recipe()));
        QTRY_VERIFY_WITH_TIMEOUT(run.record().run.step >= 2, kPatience);
        uid = run.record().run.uid;
        run.stop(StopKind::Now);
        QSignalSpy ended(&run, &RunController::ended);
        QVERIFY(ended.wait(kPatience));
        QVERIFY(run.state() == RunState::Interrupted);
    }
    lacuna::RunRecord record;
    record.run.uid = uid;
    RunController again(places());
    QSignalSpy ended(&again, &RunController::ended);
    QVERIFY(again.resume(record));
    QVERIFY(ended.wait(kPatience));
    QVERIFY(again.state() == RunState::Done);
    QCOMPARE(again.record().run.uid, uid);
}

QTEST_GUILESS_MAIN(TestRunController)
#include "tst_run_controller.moc"
