#include "widgets/chart/chart_series.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace lacuna;

class TestChartSeries : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void batchesGiveWhatOneAppendGives();
    void stepsThatGoBackBeginASegment();
    void valuesThatAreNotFiniteAreKeptAndCounted();
    void aLogarithmicAxisLeavesOutAndSaysSo();
    void smoothingLaterEqualsSmoothingAlong();
    void nearestIsTheNearest_data();
    void nearestIsTheNearest();
};

namespace {

void add(ChartSeries& series, const std::vector<double>& xs, const std::vector<double>& ys)
{
    series.append(xs, ys);
}

} // namespace

void TestChartSeries::batchesGiveWhatOneAppendGives()
{
    ChartSeries whole;
    ChartSeries parts;
    for (ChartSeries* series : {&whole, &parts})
        series->setSmoothing(0.7);
    add(whole, {1, 2, 3, 4}, {5, 6, 1, 2});
    add(parts, {1}, {5});
    add(parts, {2, 3}, {6, 1});
    add(parts, {4}, {2});
    QVERIFY(whole.segments()[0].smoothed == parts.segments()[0].smoothed);
    QVERIFY(whole.segments()[0].ys == parts.segments()[0].ys);
    QCOMPARE(parts.size(), 4);
}

void TestChartSeries::stepsThatGoBackBeginASegment()
{
    ChartSeries series;
    add(series, {1, 2, 3, 2, 3, 4}, {1, 1, 1, 5, 5, 5});
    QCOMPARE(series.segments().size(), std::size_t{2});
    QCOMPARE(series.nearest(3)->y, 5.0);
    QCOMPARE(series.nearest(1)->y, 1.0);
    QCOMPARE(series.xExtent()->to, 4.0);
}

void TestChartSeries::valuesThatAreNotFiniteAreKeptAndCounted()
{
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    ChartSeries series;
    add(series, {1, 2, 3, 4}, {1, kNan, -kInfinity, 2});
    QCOMPARE(series.nonFinite().size(), std::size_t{2});
    QCOMPARE(series.nonFinite()[1].x, 3.0);
    QCOMPARE(series.size(), 4);
    QCOMPARE(series.segments()[0].raw.size(), std::size_t{2});
    QCOMPARE(series.yExtent()->to, 2.0);
    QVERIFY(std::isnan(series.nearest(2)->y));
}

void TestChartSeries::aLogarithmicAxisLeavesOutAndSaysSo()
{
    ChartSeries series;
    add(series, {1, 2, 3}, {-1, 0, 10});
    QCOMPARE(series.leftOut(), 0);
    series.setPositiveOnly(true);
    QCOMPARE(series.leftOut(), 2);
    QCOMPARE(series.yExtent()->from, 10.0);
    add(series, {4}, {-5});
    QCOMPARE(series.leftOut(), 3);
    series.setPositiveOnly(false);
    QCOMPARE(series.yExtent()->from, -5.0);
}

void TestChartSeries::smoothingLaterEqualsSmoothingAlong()
{
    ChartSeries along;
    ChartSeries later;
    along.setSmoothing(0.9);
    for (ChartSeries* series : {&along, &later})
        add(*series, {1, 2, 3, 1, 2}, {4, 8, 2, 7, 7});
    later.setSmoothing(0.9);
    for (std::size_t i = 0; i < 2; ++i)
        QVERIFY(along.segments()[i].smoothed == later.segments()[i].smoothed);
    later.setSmoothing(0);
    QVERIFY(later.segments()[0].smoothed.empty());
}

void TestChartSeries::nearestIsTheNearest_data()
{
    QTest::addColumn<double>("x");
    QTest::addColumn<double>("expected");
    QTest::newRow("before the first") << -3.0 << 0.0;
    QTest::newRow("on a point") << 10.0 << 10.0;
    QTest::newRow("nearer to the left") << 14.0 << 10.0;
    QTest::newRow("nearer to the right") << 16.0 << 20.0;
    QTest::newRow("behind the last") << 99.0 << 20.0;
}

void TestChartSeries::nearestIsTheNearest()
{
    QFETCH(const double, x);
    ChartSeries series;
    add(series, {0, 10, 20}, {1, 2, 3});
    QTEST(series.nearest(x)->x, "expected");
}

QTEST_MAIN(TestChartSeries)
#include "tst_chart_series.moc"
