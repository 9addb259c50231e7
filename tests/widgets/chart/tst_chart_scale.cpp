#include "widgets/chart/chart_scale.h"

#include <QLocale>
#include <QTest>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestChartScale : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void ticksAreRoundAndFew_data();
    void ticksAreRoundAndFew();
    void stepsHaveWholeTicks();
    void logarithmicTicks_data();
    void logarithmicTicks();
    void aFittedRangeHoldsItsValues_data();
    void aFittedRangeHoldsItsValues();
    void zoomingKeepsTheFixedPoint_data();
    void zoomingKeepsTheFixedPoint();
    void zoomingEndsWhereDigitsEnd();
    void tickTextTellsNeighboursApart_data();
    void tickTextTellsNeighboursApart();
    void numbersHaveFourSignificantDigits_data();
    void numbersHaveFourSignificantDigits();
};

void TestChartScale::init()
{
    QLocale::setDefault(QLocale::c());
}

void TestChartScale::ticksAreRoundAndFew_data()
{
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<QList<double>>("expected");
    QTest::newRow("a share") << -0.05 << 1.05 << QList<double>{0, 0.2, 0.4, 0.6, 0.8, 1};
    QTest::newRow("steps") << 0.0 << 48.0 << QList<double>{0, 10, 20, 30, 40};
    QTest::newRow("both sides of nothing") << -3.0 << 3.0 << QList<double>{-2, 0, 2};
    QTest::newRow("far out") << 1e6 << 1e6 + 5
                             << QList<double>{1000000, 1000001, 1000002, 1000003, 1000004, 1000005};
}

void TestChartScale::ticksAreRoundAndFew()
{
    QFETCH(const double, from);
    QFETCH(const double, to);
    QFETCH(const QList<double>, expected);
    const std::vector<double> ticks = linearTicks({from, to}, 6, false);
    QCOMPARE(static_cast<qsizetype>(ticks.size()), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY(std::abs(ticks[static_cast<std::size_t>(i)] - expected[i]) < 1e-9);
}

void TestChartScale::stepsHaveWholeTicks()
{
    for (const double tick : linearTicks({3.2, 5.9}, 6, true))
        QCOMPARE(tick, std::round(tick));
}

void TestChartScale::logarithmicTicks_data()
{
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<QList<double>>("expected");
    QTest::newRow("four decades") << 0.0005 << 5.0 << QList<double>{0.001, 0.01, 0.1, 1};
    QTest::newRow("many decades") << 1e-9 << 1.0 << QList<double>{1e-8, 1e-6, 1e-4, 1e-2, 1};
    QTest::newRow("one decade") << 0.9 << 12.0 << QList<double>{1, 2, 5, 10};
    QTest::newRow("less than a decade") << 4.1 << 4.9 << QList<double>{4.2, 4.4, 4.6, 4.8};
    QTest::newRow("nothing below zero") << -1.0 << 10.0 << QList<double>{};
}

void TestChartScale::logarithmicTicks()
{
    QFETCH(const double, from);
    QFETCH(const double, to);
    QFETCH(const QList<double>, expected);
    const std::vector<double> ticks = lacuna::logarithmicTicks({from, to}, 6);
    QCOMPARE(static_cast<qsizetype>(ticks.size()), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY(std::abs(ticks[static_cast<std::size_t>(i)] / expected[i] - 1) < 1e-9);
}

void TestChartScale::aFittedRangeHoldsItsValues_data()
{
    QTest::addColumn<double>("lowest");
    QTest::addColumn<double>("highest");
    QTest::addColumn<bool>("logarithmic");
    QTest::newRow("a range") << 1.0 << 3.0 << false;
    QTest::newRow("one value") << 0.25 << 0.25 << false;
    QTest::newRow("nothing but zero") << 0.0 << 0.0 << false;
    QTest::newRow("decades") << 1e-4 << 10.0 << true;
    QTest::newRow("one value on decades") << 2.0 << 2.0 << true;
}

void TestChartScale::aFittedRangeHoldsItsValues()
{
    QFETCH(const double, lowest);
    QFETCH(const double, highest);
    QFETCH(const bool, logarithmic);
    const AxisRange range = fittedRange(lowest, highest, logarithmic);
    QVERIFY(range.from < lowest && highest < range.to);
    QVERIFY(isUsableRange(range));
    QVERIFY(!logarithmic || range.from > 0);
}

void TestChartScale::zoomingKeepsTheFixedPoint_data()
{
    QTest::addColumn<bool>("logarithmic");
    QTest::newRow("linear") << false;
    QTest::newRow("logarithmic") << true;
}

void TestChartScale::zoomingKeepsTheFixedPoint()
{
    QFETCH(const bool, logarithmic);
    const auto share = [&](AxisRange r, double x) {
        return logarithmic ? std::log(x / r.from) / std::log(r.to / r.from)
                           : (x - r.from) / r.length();
    };
    const AxisRange range{1, 100};
    const AxisRange zoomed = zoomedRange(range, 0.5, 7, logarithmic);
    QVERIFY(zoomed.length() < range.length());
    QVERIFY(std::abs(share(zoomed, 7) - share(range, 7)) < 1e-9);
    const AxisRange back = zoomedRange(zoomed, 2, 7, logarithmic);
    QVERIFY(std::abs(back.from - 1) < 1e-9 && std::abs(back.to - 100) < 1e-7);
}

void TestChartScale::zoomingEndsWhereDigitsEnd()
{
    AxisRange range{0, 1};
    for (int i = 0; i < 2000; ++i)
        range = zoomedRange(range, 0.5, 0.3, false);
    QVERIFY(isUsableRange(range));
    for (int i = 0; i < 5000; ++i)
        range = zoomedRange(range, 2, 0.3, false);
    QVERIFY(isUsableRange(range));
}

void TestChartScale::tickTextTellsNeighboursApart_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<double>("distance");
    QTest::addColumn<QString>("expected");
    QTest::newRow("shares") << 0.2 << 0.2 << u"0.2"_s;
    QTest::newRow("a whole among shares") << 1.0 << 0.2 << u"1.0"_s;
    QTest::newRow("steps") << 1500.0 << 500.0 << u"1500"_s;
    QTest::newRow("deep inside") << 4.56781 << 0.00001 << u"4.56781"_s;
    QTest::newRow("tiny") << 1e-8 << 1e-8 << u"1e-08"_s;
    QTest::newRow("nothing") << 0.0 << 0.1 << u"0"_s;
}

void TestChartScale::tickTextTellsNeighboursApart()
{
    QFETCH(const double, value);
    QFETCH(const double, distance);
    QTEST(tickText(value, distance), "expected");
}

void TestChartScale::numbersHaveFourSignificantDigits_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("expected");
    QTest::newRow("a probability") << 0.999642618 << u"0.9996"_s;
    QTest::newRow("a loss") << 5.15761557 << u"5.158"_s;
    QTest::newRow("tiny") << 0.000368007128 << u"0.000368"_s;
    QTest::newRow("a count") << 37515.0 << u"37515"_s;
    QTest::newRow("not a number") << std::nan("") << u"NaN"_s;
    QTest::newRow("infinite") << HUGE_VAL << u"∞"_s;
}

void TestChartScale::numbersHaveFourSignificantDigits()
{
    QFETCH(const double, value);
    QTEST(shortNumber(value), "expected");
}

QTEST_MAIN(TestChartScale)
#include "tst_chart_scale.moc"
