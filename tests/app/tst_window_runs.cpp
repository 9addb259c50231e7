#include "core/store/store.h"
#include "tests/app/window_bench.h"
#include "tests/support/drop.h"
#include "tests/support/frame_clock.h"
#include "widgets/form/fold.h"
#include "widgets/form/message_bar.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QAction>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <vector>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// Runs and groups in the whole window: started, asked about, closed upon.
class TestWindowRuns : public QObject, private WindowBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }

    void aRunIsWatchedToItsEnd();
    void severalRunsAreDroppedStartedAndSeen();
    void aLateAnswerDiscardsNoOtherRun();
    void whatIsWrittenWrongStartsNothing();
    void aRunThatCannotStartSaysWhy();
    void closingDuringARunAsks();
    void aGroupDoesNotKeepTheWindowOpen();
    void aRunKeptPausedIsContinuedAtTheNextStart();
    void fromTheExperimentAWayLeadsBackToTheRunThatIsGoingOn();

private:
    void startTwoRuns(int steps);
};

/// One after another; the first one has begun.
void TestWindowRuns::startTwoRuns(int steps)
{
    Json recipe = smallRecipe();
    recipe["name"] = "pair";
    recipe["training"]["steps"] = steps;
    recipe["evaluation"]["max_samples"] = 6;
    recipe["evaluation"]["every_steps"] = 0;
    recipe["sweep"] = {{"seed", {1, 2}}};
    m_app->workspace().open(parseDraft(recipe, {}).value());
    press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().record().run.step >= 1, kPatience);
}

void TestWindowRuns::aRunIsWatchedToItsEnd()
{
    useSmallRecipe();
    QSignalSpy ended(&m_app->run(), &RunController::ended);
    FrameClock frames;
    press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(m_app->run().isActive());
    QCOMPARE(m_app->window().currentPage(), u"run"_s);
    QVERIFY(!m_app->actions().action(u"run.start"_s)->isEnabled());
    QVERIFY(m_app->actions().action(u"run.pause"_s)->isEnabled());
    QVERIFY(ended.wait(kPatience));
    QVERIFY(m_app->run().state() == RunState::Done);
    QVERIFY(m_app->actions().action(u"run.start"_s)->isEnabled());
    qInfo("%s", qPrintable(frames.report()));
}

void TestWindowRuns::severalRunsAreDroppedStartedAndSeen()
{
    Json recipe = smallRecipe();
    recipe["name"] = "grid";
    recipe["training"]["steps"] = 100;
    recipe["evaluation"]["max_samples"] = 6;
    recipe["evaluation"]["every_steps"] = 0;
    recipe["sweep"] = {{"seed", {1, 2}}};
    writeBytes(m_folder->filePath(u"grid.json"_s).toStdString(), recipe.dump());
    QVERIFY(dropPath(&m_app->window(), m_folder->filePath(u"grid.json"_s)));
    QCOMPARE(m_app->workspace().draft().several.dump(), std::string(R"({"sweep":{"seed":[1,2]}})"));
    start(); // kept for the next time
    QCOMPARE(m_app->workspace().draft().several.dump(), std::string(R"({"sweep":{"seed":[1,2]}})"));

    QSignalSpy ended(&m_app->run(), &RunController::ended);
    press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(!m_app->actions().action(u"run.start"_s)->isEnabled());
    auto* bar = child<QLabel>("runBarSummary");
    QTRY_VERIFY_WITH_TIMEOUT(bar->text().startsWith(u"run 1 of 2"_s), kPatience);
    QVERIFY2(bar->text().contains(u"seed 1"_s), qPrintable(bar->text()));
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().record().run.step >= 1, kPatience);
    m_app->actions().action(u"run.stop-keep"_s)->trigger();
    QVERIFY(ended.wait(kPatience));
    // The group has ended too, and goes on with the second run where somebody wants it to.
    QTRY_COMPARE(m_app->window().services().messages.count(), 1);
    QVERIFY(m_app->run().isFree());
    QTest::mouseClick(child<QPushButton>("messageAction"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 2, kPatience);
    QVERIFY(m_app->run().state() == RunState::Done);
    QTRY_COMPARE(m_app->window().services().messages.count(), 1);
    QTest::mouseClick(child<QPushButton>("messageAction"), Qt::LeftButton);
    QCOMPARE(m_app->window().currentPage(), u"history"_s);
    QTRY_COMPARE(child<QTableWidget>("groupTable")->rowCount(), 2);
}

void TestWindowRuns::aLateAnswerDiscardsNoOtherRun()
{
    startTwoRuns(40);
    m_prompts.whileAsking = [this] {
        QTRY_VERIFY_WITH_TIMEOUT(m_app->run().place().number == 2, kPatience);
    };
    m_app->actions().action(u"run.stop-discard"_s)->trigger();
    QCOMPARE(m_prompts.asked.size(), 1);
    QVERIFY(m_app->run().isActive());
    QVERIFY(!m_app->run().wasStopped());
    QCOMPARE(m_app->window().services().messages.count(), 1);
    m_app->run().stop(StopKind::Discard);
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().isFree(), kPatience);
}

void TestWindowRuns::whatIsWrittenWrongStartsNothing()
{
    useSmallRecipe();
    press(Qt::Key_2, Qt::ControlModifier);
    QTest::mouseClick(child<Fold>("sweepFold")->findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
    QTest::mouseClick(child<QPushButton>("sweepAdd"), Qt::LeftButton); // a row without values
    press(Qt::Key_1, Qt::ControlModifier);
    press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(m_app->run().isFree());
    QCOMPARE(m_app->window().services().messages.count(), 1);
    QCOMPARE(m_app->window().currentPage(), u"setup"_s);
}

void TestWindowRuns::aRunThatCannotStartSaysWhy()
{
    Recipe recipe = parseRecipe(smallRecipe(), {}).value();
    recipe.retain.path = "/nowhere/retain.json";
    m_app->workspace().setRecipe(recipe);
    QSignalSpy ended(&m_app->run(), &RunController::ended);
    press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(ended.wait(kPatience));
    QCOMPARE(m_app->window().services().messages.count(), 1);
}

void TestWindowRuns::closingDuringARunAsks()
{
    useSmallRecipe(200);
    QVERIFY(m_app->run().start(m_app->workspace().recipe()));
    m_prompts.answer = false;
    m_app->window().close();
    QCOMPARE(m_prompts.asked.size(), 1);
    QVERIFY(m_app->window().isVisible());
    QVERIFY(m_app->run().isActive());
    m_app->run().stop(StopKind::Discard);
    QTRY_VERIFY_WITH_TIMEOUT(!m_app->run().isActive(), kPatience);
    m_app->window().close();
    QCOMPARE(m_prompts.asked.size(), 1); // nothing to ask about
    QVERIFY(!m_app->window().isVisible());
}

void TestWindowRuns::aGroupDoesNotKeepTheWindowOpen()
{
    startTwoRuns(40);
    m_prompts.whileAsking = [this] {
        QSignalSpy ended(&m_app->run(), &RunController::ended);
        QVERIFY(ended.wait(kPatience)); // the next one is about to begin
    };
    m_app->window().close();
    QTRY_VERIFY_WITH_TIMEOUT(!m_app->window().isVisible(), kPatience);
    const Store store = Store::open(m_app->history().file(), OpenMode::ReadOnly).value();
    QCOMPARE(std::ranges::count(store.runs().value(), RunState::Done, &Run::state), 1);
}

void TestWindowRuns::aRunKeptPausedIsContinuedAtTheNextStart()
{
    useSmallRecipe(20);
    QVERIFY(m_app->run().start(m_app->workspace().recipe()));
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().record().run.step >= 3, kPatience);
    press(Qt::Key_Space, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(m_app->run().state() == RunState::Paused, kPatience);
    const auto* bar = child<QWidget>("runBar");
    const QAccessibleInterface* proceed =
        QAccessible::queryAccessibleInterface(bar->findChild<QAbstractButton*>());
    QCOMPARE(proceed->text(QAccessible::Name), u"Continue"_s); // no longer "Pause"
    m_app->window().close();                                   // "keep paused"
    QTRY_VERIFY_WITH_TIMEOUT(!m_app->window().isVisible(), kPatience);

    start();
    auto* resume = child<QAbstractButton>("continueRunButton");
    QVERIFY(resume);
    QTRY_VERIFY(resume->isVisible());
    const QSignalSpy ended(&m_app->run(), &RunController::ended);
    QTest::mouseClick(resume, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kPatience);
    QVERIFY(m_app->run().state() == RunState::Done);
    const Store store = Store::open(m_app->history().file(), OpenMode::ReadOnly).value();
    const std::vector<Run> runs = store.runs().value();
    QCOMPARE(runs.size(), std::size_t{1});
    QCOMPARE(runs.front().step, std::int64_t{20});
}

void TestWindowRuns::fromTheExperimentAWayLeadsBackToTheRunThatIsGoingOn()
{
    useSmallRecipe(200);
    press(Qt::Key_Return, Qt::ControlModifier);
    auto* back = child<QAbstractButton>("toCurrentButton");
    auto* name = child<QLabel>("runName");
    QVERIFY(!back->isVisible());
    m_app->actions().action(u"file.experiment"_s)->trigger();
    QTRY_VERIFY(back->isVisible());
    QVERIFY(name->text() != u"small"_s);
    QTest::mouseClick(back, Qt::LeftButton);
    QCOMPARE(name->text(), u"small"_s);
    QVERIFY(!back->isVisible());
    m_app->run().stop(StopKind::Discard);
    QTRY_VERIFY_WITH_TIMEOUT(!m_app->run().isActive(), kPatience);
}

QTEST_MAIN(TestWindowRuns)
#include "tst_window_runs.moc"
