#include "core/run/schedule.h"

#include <QtTest>

#include <cmath>

using namespace lacuna;

class TestSchedule : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void factorsFollowTheFormula_data();
    void factorsFollowTheFormula();
    void aFactorStaysBetweenNothingAndOne_data();
    void aFactorStaysBetweenNothingAndOne();
    void theRiseEndsAtOneAndTheFallAtNothing_data();
    void theRiseEndsAtOneAndTheFallAtNothing();
};

void TestSchedule::factorsFollowTheFormula_data()
{
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<int>("step");
    QTest::addColumn<int>("warmup");
    QTest::addColumn<int>("total");
    QTest::addColumn<double>("wanted");
    const auto row = [](const char* schedule, int step, int warmup, int total, double wanted) {
        QTest::addRow("%s, step %d, warm-up %d of %d", schedule, step, warmup, total)
            << QString::fromLatin1(schedule) << step << warmup << total << wanted;
    };
    row("constant", 0, 0, 10, 1);
    row("constant", 9, 0, 10, 1);
    row("constant", 0, 4, 10, 0.25);
    row("constant", 3, 4, 10, 1);
    row("linear", 0, 0, 10, 1);
    row("linear", 5, 0, 10, 0.5);
    row("linear", 9, 0, 10, 0.1);
    row("linear", 1, 2, 10, 1);
    row("linear", 2, 2, 10, 1);
    row("linear", 6, 2, 10, 0.5);
    row("cosine", 0, 0, 10, 1);
    row("cosine", 5, 0, 10, 0.5);
    row("cosine", 2, 0, 8, 0.5 + std::sqrt(0.125));
    // A warm-up longer than the run never ends.
    row("linear", 4, 10, 5, 0.5);
    row("cosine", 0, 0, 1, 1);
}

void TestSchedule::factorsFollowTheFormula()
{
    QFETCH(QString, schedule);
    QFETCH(int, step);
    QFETCH(int, warmup);
    QFETCH(int, total);
    QFETCH(double, wanted);
    QVERIFY(std::abs(scheduleFactor(schedule.toStdString(), step, warmup, total) - wanted) < 1e-15);
}

void TestSchedule::aFactorStaysBetweenNothingAndOne_data()
{
    QTest::addColumn<QString>("schedule");
    for (const char* schedule : {"constant", "linear", "cosine"})
        QTest::newRow(schedule) << QString::fromLatin1(schedule);
}

void TestSchedule::aFactorStaysBetweenNothingAndOne()
{
    QFETCH(QString, schedule);
    for (const int warmup : {0, 1, 3, 20})
        for (const int total : {1, 4, 10})
            for (int step = 0; step <= total + 2; ++step) {
                const double factor = scheduleFactor(schedule.toStdString(), step, warmup, total);
                QVERIFY(factor >= 0 && factor <= 1);
                QVERIFY(step >= total || factor > 0); // no step of a run is for nothing
            }
}

void TestSchedule::theRiseEndsAtOneAndTheFallAtNothing_data()
{
    aFactorStaysBetweenNothingAndOne_data();
}

void TestSchedule::theRiseEndsAtOneAndTheFallAtNothing()
{
    QFETCH(QString, schedule);
    QCOMPARE(scheduleFactor(schedule.toStdString(), 2, 3, 10), 1.0);
    const double end = scheduleFactor(schedule.toStdString(), 10, 3, 10);
    QCOMPARE(end, schedule == QStringLiteral("constant") ? 1.0 : 0.0);
}

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
