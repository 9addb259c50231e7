#include "core/run/run_control.h"

#include <QtTest>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

using namespace lacuna;
using namespace std::chrono_literals;

namespace {

using Command = std::function<void(RunControl&)>;

/// Longer than any test takes: who waits this long was not woken.
constexpr auto kForever = 60s;

} // namespace

class TestRunControl : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsAskedAtFirst();
    void theStrongerStopWins_data();
    void theStrongerStopWins();
    void probesComeInOrderAndOnce();
    void probesOfSeveralThreadsAllArrive();
    void aCommandWakesAPause_data();
    void aCommandWakesAPause();
    void aPauseEndsAtItsLimit();
    void whatIsNotPausedDoesNotWait();
};

void TestRunControl::nothingIsAskedAtFirst()
{
    RunControl control;
    QVERIFY(!control.paused());
    QVERIFY(control.stopKind() == StopKind::None);
    QVERIFY(control.takeProbes().empty());
}

void TestRunControl::theStrongerStopWins_data()
{
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("second");
    for (int first = 0; first < 4; ++first)
        for (int second = 0; second < 4; ++second)
            QTest::addRow("%d then %d", first, second) << first << second;
}

void TestRunControl::theStrongerStopWins()
{
    QFETCH(int, first);
    QFETCH(int, second);
    RunControl control;
    control.stop(static_cast<StopKind>(first));
    control.stop(static_cast<StopKind>(second));
    QCOMPARE(static_cast<int>(control.stopKind()), std::max(first, second));
}

void TestRunControl::probesComeInOrderAndOnce()
{
    RunControl control;
    const std::uint64_t one = control.probe({.token = 99, .prompt = "one"});
    const std::uint64_t two = control.probe({.prompt = "two"});
    QVERIFY(one != two && one != 0 && two != 0); // 0 stands for a pinned probe
    const auto probes = control.takeProbes();
    QCOMPARE(probes.size(), std::size_t{2});
    QCOMPARE(probes[0].token, one);
    QCOMPARE(probes[0].prompt, std::string("one"));
    QCOMPARE(probes[1].token, two);
    QVERIFY(control.takeProbes().empty());
}

void TestRunControl::probesOfSeveralThreadsAllArrive()
{
    RunControl control;
    std::atomic<int> running = 4;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < 500; ++k)
                control.probe({.prompt = "?"});
            --running;
        });
    std::set<std::uint64_t> tokens;
    std::size_t count = 0;
    const auto take = [&] {
        for (const ProbeRequest& probe : control.takeProbes()) {
            tokens.insert(probe.token);
            ++count;
        }
    };
    while (running > 0)
        take();
    take();
    QCOMPARE(count, std::size_t{2000});
    QCOMPARE(tokens.size(), count);
}

void TestRunControl::aCommandWakesAPause_data()
{
    QTest::addColumn<Command>("command");
    QTest::newRow("going on") << Command([](RunControl& c) { c.proceed(); });
    QTest::newRow("stop and keep") << Command([](RunControl& c) { c.stop(StopKind::Keep); });
    QTest::newRow("stop now") << Command([](RunControl& c) { c.stop(StopKind::Now); });
    QTest::newRow("a probe") << Command([](RunControl& c) { c.probe({.prompt = "?"}); });
}

void TestRunControl::aCommandWakesAPause()
{
    QFETCH(Command, command);
    RunControl control;
    control.pause();
    QVERIFY(control.paused());
    std::atomic<bool> woken = false;
    const std::jthread waiter([&] {
        control.waitWhilePaused(kForever);
        woken = true;
    });
    QVERIFY(!woken);
    command(control);
    QTRY_VERIFY(woken);
}

void TestRunControl::aPauseEndsAtItsLimit()
{
    RunControl control;
    control.pause();
    const auto started = std::chrono::steady_clock::now();
    control.waitWhilePaused(20ms);
    QVERIFY(std::chrono::steady_clock::now() - started >= 20ms);
    QVERIFY(control.paused());
}

void TestRunControl::whatIsNotPausedDoesNotWait()
{
    RunControl control;
    control.waitWhilePaused(kForever);
    control.pause();
    control.proceed();
    control.waitWhilePaused(kForever);
    QVERIFY(!control.paused());
}

QTEST_GUILESS_MAIN(TestRunControl)
#include "tst_run_control.moc"
