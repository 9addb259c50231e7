#include "core/metrics/statistics.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace lacuna;

namespace {

const std::vector<double> kNoValues;
const std::vector<double> kEight = {2, 4, 4, 4, 5, 5, 7, 9};

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tooFewValuesAreNotANumber();
    void aNotANumberStaysOne();
    void meanAndDeviationOfEightValues();
    void harmonicMeanOfAFewValues();
    void quantilesInterpolate_data();
    void quantilesInterpolate();
    void argumentsOutOfRangeThrow();
    void theSameSeedGivesTheSameInterval();
    void theIntervalOfAConstantIsThatConstant();
    void theIntervalAgreesWithTheNormalOne();
};

void TestStatistics::tooFewValuesAreNotANumber()
{
    Random random(1);
    QVERIFY(std::isnan(mean(kNoValues)));
    QVERIFY(std::isnan(sampleStandardDeviation(std::vector{3.0})));
    QVERIFY(std::isnan(harmonicMean(kNoValues)));
    QVERIFY(std::isnan(quantile(kNoValues, 0.5)));
    QVERIFY(std::isnan(bootstrapMeanInterval(kNoValues, 0.95, 10, random).low));
}

void TestStatistics::aNotANumberStaysOne()
{
    Random random(1);
    const std::vector<double> values = {1, std::numeric_limits<double>::quiet_NaN(), 2};
    QVERIFY(std::isnan(mean(values)));
    QVERIFY(std::isnan(sampleStandardDeviation(values)));
    QVERIFY(std::isnan(harmonicMean(values)));
    QVERIFY(std::isnan(harmonicMean(std::vector{0.0, values[1]})));
    QVERIFY(std::isnan(quantile(values, 0.5)));
    QVERIFY(std::isnan(bootstrapMeanInterval(values, 0.95, 10, random).high));
}

void TestStatistics::meanAndDeviationOfEightValues()
{
    QCOMPARE(mean(kEight), 5.0);
    QCOMPARE(sampleStandardDeviation(kEight), std::sqrt(32.0 / 7.0));
    QCOMPARE(sampleStandardDeviation(std::vector{1e9 + 1, 1e9 + 3}), std::sqrt(2.0));
}

void TestStatistics::harmonicMeanOfAFewValues()
{
    QCOMPARE(harmonicMean(std::vector{1.0, 4.0, 4.0}), 2.0);
    QCOMPARE(harmonicMean(std::vector{0.7, 0.7}), 0.7);
    QCOMPARE(harmonicMean(std::vector{0.9, 0.0, 0.9}), 0.0);
    QCOMPARE(harmonicMean(std::vector{0.9, -0.0, 0.0}), 0.0);
}

void TestStatistics::quantilesInterpolate_data()
{
    QTest::addColumn<double>("share");
    QTest::addColumn<double>("value");
    QTest::newRow("the smallest") << 0.0 << 1.0;
    QTest::newRow("a quarter") << 0.25 << 1.75;
    QTest::newRow("the median") << 0.5 << 2.5;
    QTest::newRow("nine tenths") << 0.9 << 3.7;
    QTest::newRow("the largest") << 1.0 << 4.0;
}

void TestStatistics::quantilesInterpolate()
{
    QFETCH(double, share);
    QFETCH(double, value);
    QCOMPARE(quantile(std::vector{4.0, 1.0, 3.0, 2.0}, share), value);
    QCOMPARE(quantile(std::vector{6.0}, share), 6.0);
}

void TestStatistics::argumentsOutOfRangeThrow()
{
    Random random(1);
    QVERIFY_EXCEPTION_THROWN((void)harmonicMean(std::vector{1.0, -1.0}), std::logic_error);
    QVERIFY_EXCEPTION_THROWN((void)quantile(kEight, 1.5), std::logic_error);
    QVERIFY_EXCEPTION_THROWN((void)bootstrapMeanInterval(kEight, 1.0, 10, random),
                             std::logic_error);
    QVERIFY_EXCEPTION_THROWN((void)bootstrapMeanInterval(kEight, 0.9, 0, random), std::logic_error);
}

void TestStatistics::theSameSeedGivesTheSameInterval()
{
    Random first(7);
    Random second(7);
    const Interval a = bootstrapMeanInterval(kEight, 0.9, 200, first);
    const Interval b = bootstrapMeanInterval(kEight, 0.9, 200, second);
    QCOMPARE(a.low, b.low);
    QCOMPARE(a.high, b.high);
    QVERIFY(a.low < mean(kEight) && mean(kEight) < a.high);
}

void TestStatistics::theIntervalOfAConstantIsThatConstant()
{
    Random random(7);
    const Interval interval = bootstrapMeanInterval(std::vector<double>(5, 0.25), 0.95, 50, random);
    QCOMPARE(interval.low, 0.25);
    QCOMPARE(interval.high, 0.25);
}

void TestStatistics::theIntervalAgreesWithTheNormalOne()
{
    Random random(11);
    std::vector<double> values(400);
    for (double& value : values)
        value = random.normal();
    const Interval interval = bootstrapMeanInterval(values, 0.95, 4000, random);
    const double half = 1.959964 * sampleStandardDeviation(values) / std::sqrt(400.0);
    // 4000 resamples place a 95 % bound within about 4 % of its distance from the mean.
    QVERIFY(std::abs(interval.high - mean(values) - half) < 0.1 * half);
    QVERIFY(std::abs(mean(values) - interval.low - half) < 0.1 * half);
}

QTEST_GUILESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
