#include "core/metrics/roc.h"
#include "core/metrics/statistics.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace lacuna;

namespace {

using Numbers = std::vector<double>;

/// Two normal groups one deviation apart, with a few ties.
struct Groups {
    Numbers forget;
    Numbers holdout;
    explicit Groups(int size)
    {
        Random random(5);
        for (int i = 0; i < size; ++i) {
            forget.push_back(std::round(random.normal() * 20) / 20);
            holdout.push_back(std::round((random.normal() + 1) * 20) / 20);
        }
    }
    operator TwoGroups() const { return {.forget = forget, .holdout = holdout}; }
};

double areaBelow(const std::vector<RocPoint>& curve)
{
    double area = 0;
    for (std::size_t i = 1; i < curve.size(); ++i)
        area += (curve[i].falsePositiveRate - curve[i - 1].falsePositiveRate) *
                (curve[i].truePositiveRate + curve[i - 1].truePositiveRate) / 2;
    return area;
}

} // namespace

class TestRoc : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void identicalListsAreOneHalf();
    void separationIsOneOrZeroAndNeverTurned();
    void tiesCountOneHalf();
    void theCurvesAreaIsTheArea();
    void ratesAtLowFalsePositives();
    void balancedAccuracyIsNeverBelowOneHalf();
    void emptyOrBrokenGroupsHaveNoArea();
    void everyValueDrawnOnceIsTheAreaItself();
    void theIntervalAgreesWithTheNormalOne();
    void aPairedDifferenceSeesWhatTheUnpairedOneCannot();
    void equalModelsDoNotDiffer();
};

void TestRoc::identicalListsAreOneHalf()
{
    const Numbers values = {0.3, 1, 1, 7};
    QCOMPARE(aucOf({.forget = values, .holdout = values}), 0.5);
}

void TestRoc::separationIsOneOrZeroAndNeverTurned()
{
    const Numbers low = {1, 2};
    const Numbers high = {3, std::numeric_limits<double>::infinity()};
    QCOMPARE(aucOf({.forget = low, .holdout = high}), 1.0);
    QCOMPARE(aucOf({.forget = high, .holdout = low}), 0.0);
}

void TestRoc::tiesCountOneHalf()
{
    const Numbers forget = {1, 2, 2};
    const Numbers holdout = {2, 3};
    QCOMPARE(aucOf({.forget = forget, .holdout = holdout}), (1 + 0.5 + 0.5 + 3) / 6);
}

void TestRoc::theCurvesAreaIsTheArea()
{
    const Groups groups(150);
    const std::vector<RocPoint> curve = rocCurve(groups);
    QCOMPARE(curve.front().truePositiveRate, 0.0);
    QCOMPARE(curve.back().truePositiveRate, 1.0);
    QCOMPARE(curve.back().falsePositiveRate, 1.0);
    QVERIFY(std::abs(areaBelow(curve) - aucOf(groups)) < 1e-12);
}

void TestRoc::ratesAtLowFalsePositives()
{
    // One holdout of 100 lies among the forget texts, above half of them.
    Numbers forget;
    Numbers holdout = {49.5};
    for (int i = 0; i < 100; ++i)
        forget.push_back(i);
    for (int i = 0; i < 99; ++i)
        holdout.push_back(1000 + i);
    const std::vector<RocPoint> curve = rocCurve({.forget = forget, .holdout = holdout});
    QCOMPARE(truePositiveRateAt(curve, 0.009), 0.5);
    QCOMPARE(truePositiveRateAt(curve, 0.01), 1.0);
    QCOMPARE(truePositiveRateAt(curve, 0.05), 1.0);
    QCOMPARE(bestBalancedAccuracy(curve), (1 - 0.01 + 1) / 2);
}

void TestRoc::balancedAccuracyIsNeverBelowOneHalf()
{
    const Numbers low = {1, 2};
    const Numbers high = {3, 4};
    QCOMPARE(bestBalancedAccuracy(rocCurve({.forget = high, .holdout = low})), 0.5);
    QCOMPARE(bestBalancedAccuracy(rocCurve({.forget = low, .holdout = high})), 1.0);
}

void TestRoc::emptyOrBrokenGroupsHaveNoArea()
{
    const Numbers values = {1, std::nan("")};
    const Numbers fine = {1};
    Random random(1);
    QVERIFY(std::isnan(aucOf({.forget = {}, .holdout = fine})));
    QVERIFY(std::isnan(aucOf({.forget = values, .holdout = fine})));
    QVERIFY(rocCurve({.forget = fine, .holdout = values}).empty());
    QVERIFY(std::isnan(bestBalancedAccuracy({})));
    QVERIFY(
        std::isnan(bootstrapAucInterval({.forget = {}, .holdout = fine}, 0.95, 10, random).low));
}

void TestRoc::everyValueDrawnOnceIsTheAreaItself()
{
    const Groups groups(60);
    const DrawCounts once(60, 1);
    QCOMPARE(ResampledAuc(groups).area(once, once), aucOf(groups));
}

void TestRoc::theIntervalAgreesWithTheNormalOne()
{
    const Groups groups(200);
    Random random(3);
    const Interval interval = bootstrapAucInterval(groups, 0.95, 2000, random);
    // Hanley and McNeil 1982: the deviation of an area between 200 and 200 values.
    const double a = aucOf(groups);
    const double q1 = a / (2 - a);
    const double q2 = 2 * a * a / (1 + a);
    const double deviation =
        std::sqrt((a * (1 - a) + 199 * (q1 - a * a) + 199 * (q2 - a * a)) / (200.0 * 200.0));
    QVERIFY(interval.low < a && a < interval.high);
    // Their exponential model and the bootstrap differ by a few percent of the width.
    QVERIFY(std::abs(interval.high - interval.low - 2 * 1.96 * deviation) < 0.5 * deviation);
}

void TestRoc::aPairedDifferenceSeesWhatTheUnpairedOneCannot()
{
    Numbers first;
    Numbers second;
    Random random(9);
    for (int i = 0; i < 100; ++i) {
        first.push_back(random.normal() * 10);
        second.push_back(first.back() + 0.5 + random.normal() * 0.1);
    }
    const PairedDifference result = pairedBootstrap(first, second, 0.95, 1000, random);
    QVERIFY(std::abs(result.difference - 0.5) < 0.05);
    QVERIFY(result.interval.low > 0.4 && result.interval.high < 0.6);
    QCOMPARE(result.pValue, 2.0 / 1000); // no resample turned the sign
    QVERIFY_EXCEPTION_THROWN((void)pairedBootstrap(first, Numbers{1}, 0.95, 10, random),
                             std::logic_error);
}

void TestRoc::equalModelsDoNotDiffer()
{
    const Numbers values = {1, 2, 3, 4};
    Random random(1);
    const PairedDifference result = pairedBootstrap(values, values, 0.95, 100, random);
    QCOMPARE(result.difference, 0.0);
    QCOMPARE(result.pValue, 1.0);
    QVERIFY(std::isnan(pairedBootstrap({}, {}, 0.95, 10, random).pValue));
}

QTEST_GUILESS_MAIN(TestRoc)
#include "tst_roc.moc"
