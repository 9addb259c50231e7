#include "app/background.h"

#include <QSignalSpy>
#include <QTest>

#include <thread>
#include <vector>

using namespace lacuna;

class TestBackground : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void workRunsElsewhereAndItsResultComesBackHere();
    void jobsRunInOrder();
    void aGoneContextHearsNothing();
    void goingAwayDropsWhatWaits();
};

void TestBackground::workRunsElsewhereAndItsResultComesBackHere()
{
    Background background;
    std::thread::id worked;
    std::thread::id heard;
    int result = 0;
    background.run(
        this,
        [&] {
            worked = std::this_thread::get_id();
            return 42;
        },
        [&](int value) {
            heard = std::this_thread::get_id();
            result = value;
        });
    QCOMPARE(background.pending(), 1);
    QTRY_COMPARE(result, 42);
    QCOMPARE(background.pending(), 0);
    QVERIFY(worked != std::this_thread::get_id());
    QVERIFY(heard == std::this_thread::get_id());
}

void TestBackground::jobsRunInOrder()
{
    Background background;
    std::vector<int> order;
    for (int i = 0; i < 50; ++i)
        background.run(
            this, [i] { return i; }, [&](int value) { order.push_back(value); });
    QTRY_COMPARE(order.size(), std::size_t{50});
    QVERIFY(std::is_sorted(order.begin(), order.end()));
}

void TestBackground::aGoneContextHearsNothing()
{
    Background background;
    bool heard = false;
    bool after = false;
    auto context = std::make_unique<QObject>();
    background.run(
        context.get(), [] { return 1; }, [&](int) { heard = true; });
    context.reset();
    background.run(
        this, [] { return 1; }, [&](int) { after = true; });
    QTRY_VERIFY(after);
    QVERIFY(!heard);
}

void TestBackground::goingAwayDropsWhatWaits()
{
    std::atomic<int> worked = 0;
    {
        Background background;
        for (int i = 0; i < 1000; ++i)
            background.run(
                this,
                [&] {
                    std::this_thread::yield();
                    return ++worked;
                },
                [](int) { QFAIL("delivered after its thread was gone"); });
    }
    QCoreApplication::processEvents();
    QVERIFY(worked <= 1000);
}

QTEST_GUILESS_MAIN(TestBackground)
#include "tst_background.moc"
