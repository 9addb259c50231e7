#include "core/metrics/kolmogorov_smirnov.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace lacuna;

namespace {

using Numbers = std::vector<double>;

/// 0, 1, ..., count - 1 from \p start on.
Numbers counted(int count, double start = 0)
{
    Numbers values;
    for (int i = 0; i < count; ++i)
        values.push_back(start + i);
    return values;
}

/// Two samples of \p size values whose statistic is \p steps / size: the second is the first moved
/// up by that many places.
KsResult shifted(int size, int steps)
{
    return kolmogorovSmirnov(counted(size), counted(size, steps - 0.5));
}

/// The share of all ways to mix two samples whose statistic is at least \p statistic.
double byEnumeration(std::size_t n, std::size_t m, double statistic)
{
    std::vector<bool> isFirst(n + m, false);
    std::fill(isFirst.begin() + static_cast<std::ptrdiff_t>(m), isFirst.end(), true);
    double all = 0;
    double reached = 0;
    do {
        double first = 0;
        double second = 0;
        double largest = 0;
        for (const bool one : isFirst) {
            (one ? first : second) += 1;
            largest = std::max(largest, std::abs(first / static_cast<double>(n) -
                                                 second / static_cast<double>(m)));
        }
        all += 1;
        reached += largest > statistic - 1e-9 ? 1 : 0;
    } while (std::next_permutation(isFirst.begin(), isFirst.end()));
    return reached / all;
}

bool near(double value, double wanted, double relative)
{
    return std::abs(value - wanted) <= relative * std::abs(wanted);
}

} // namespace

class TestKolmogorovSmirnov : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void identicalListsHaveAPOfOne();
    void fullSeparationIsTheFloor_data();
    void fullSeparationIsTheFloor();
    void publishedPValuesComeOut_data();
    void publishedPValuesComeOut();
    void everyStatisticOfSmallSamplesAgreesWithEnumeration_data();
    void everyStatisticOfSmallSamplesAgreesWithEnumeration();
    void theOrderOfTheTwoDoesNotMatter();
    void largeSamplesAreAsymptotic();
    void aLogarithmIsLeftWhereADoubleEnds();
    void infiniteValuesAreValuesAndNanIsNone();
    void theOneSampleTailHasItsClosedForms();
};

void TestKolmogorovSmirnov::identicalListsHaveAPOfOne()
{
    const Numbers values = {3, 1, 4, 1, 5};
    const KsResult result = kolmogorovSmirnov(values, values);
    QCOMPARE(result.statistic, 0.0);
    QCOMPARE(result.pValue, 1.0);
    QVERIFY(result.exact);
}

void TestKolmogorovSmirnov::fullSeparationIsTheFloor_data()
{
    // 2 / C(2n, n) in exact arithmetic, unlearning reference 3.1
    QTest::addColumn<int>("size");
    QTest::addColumn<double>("floor");
    QTest::newRow("40") << 40 << 1.86e-23;
    QTest::newRow("200") << 200 << 1.94e-119;
    QTest::newRow("300") << 300 << 1.48e-179;
    QTest::newRow("400") << 400 << 1.06e-239;
}

void TestKolmogorovSmirnov::fullSeparationIsTheFloor()
{
    QFETCH(int, size);
    QFETCH(double, floor);
    const KsResult result = kolmogorovSmirnov(counted(size), counted(size, 1e6));
    QCOMPARE(result.statistic, 1.0);
    QVERIFY(near(result.pValue, floor, 0.005)); // three digits were published
    QVERIFY(std::abs(result.logP - logKsFloor(size, size)) < 1e-9);
}

void TestKolmogorovSmirnov::publishedPValuesComeOut_data()
{
    QTest::addColumn<int>("steps");
    QTest::addColumn<double>("p");
    QTest::newRow("119") << 119 << 1.834e-21;
    QTest::newRow("123") << 123 << 6.03e-23;
    QTest::newRow("104") << 104 << 2.19e-16;
    QTest::newRow("107") << 107 << 2.43e-17;
}

void TestKolmogorovSmirnov::publishedPValuesComeOut()
{
    QFETCH(int, steps);
    QFETCH(double, p);
    const KsResult result = shifted(300, steps);
    QVERIFY(near(result.statistic, steps / 300.0, 1e-12));
    QVERIFY(near(result.pValue, p, 0.005)); // three digits were published
}

void TestKolmogorovSmirnov::everyStatisticOfSmallSamplesAgreesWithEnumeration_data()
{
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("m");
    for (const auto& [n, m] : {std::pair(6, 6), std::pair(7, 4), std::pair(3, 9), std::pair(1, 8),
                               std::pair(8, 6), std::pair(12, 2), std::pair(2, 12)})
        QTest::addRow("%d and %d", n, m) << n << m;
}

void TestKolmogorovSmirnov::everyStatisticOfSmallSamplesAgreesWithEnumeration()
{
    QFETCH(int, n);
    QFETCH(int, m);
    for (int shift = -n; shift <= m; ++shift) {
        const KsResult result = kolmogorovSmirnov(counted(n), counted(m, shift + 0.25));
        QVERIFY(near(result.pValue,
                     byEnumeration(static_cast<std::size_t>(n), static_cast<std::size_t>(m),
                                   result.statistic),
                     1e-12));
    }
}

void TestKolmogorovSmirnov::theOrderOfTheTwoDoesNotMatter()
{
    Numbers first;
    Numbers second;
    for (int i = 0; i < 90; ++i)
        first.push_back(std::fmod(i * 0.618034, 1.0));
    for (int i = 0; i < 55; ++i)
        second.push_back(std::fmod(i * 0.414214, 1.0) + 0.2);
    const KsResult one = kolmogorovSmirnov(first, second);
    const KsResult other = kolmogorovSmirnov(second, first);
    QCOMPARE(one.statistic, other.statistic);
    QVERIFY(near(one.pValue, other.pValue, 1e-10));
    QCOMPARE(one.sign, 1); // the first sample's values are smaller
    QCOMPARE(other.sign, -1);
}

void TestKolmogorovSmirnov::largeSamplesAreAsymptotic()
{
    const KsResult result = kolmogorovSmirnov(counted(10'001), counted(10'001, 200.5));
    QVERIFY(!result.exact);
    QCOMPARE(result.pValue, std::exp(std::log(result.asymptotic)));
    // The limit and the exact value agree where both are to be had: within 3 % at this size.
    const KsResult exact = kolmogorovSmirnov(counted(9'999), counted(9'999, 200.5));
    QVERIFY(near(exact.pValue, exact.asymptotic, 0.03));
}

void TestKolmogorovSmirnov::aLogarithmIsLeftWhereADoubleEnds()
{
    const KsResult result = kolmogorovSmirnov(counted(700), counted(700, 1e6));
    QCOMPARE(result.pValue, 0.0);
    QVERIFY(std::abs(result.logP - logKsFloor(700, 700)) < 1e-8);
    QVERIFY(result.logP < -900);
    const KsResult unequal = kolmogorovSmirnov(counted(700), counted(690, 1e6));
    QVERIFY(std::abs(unequal.logP - logKsFloor(700, 690)) < 1e-8);
}

void TestKolmogorovSmirnov::infiniteValuesAreValuesAndNanIsNone()
{
    const double infinity = std::numeric_limits<double>::infinity();
    QCOMPARE(kolmogorovSmirnov(Numbers{1, infinity}, Numbers{1, 2}).statistic, 0.5);
    QVERIFY(std::isnan(kolmogorovSmirnov(Numbers{}, Numbers{1}).pValue));
    QVERIFY(std::isnan(kolmogorovSmirnov(Numbers{1, std::nan("")}, Numbers{1}).statistic));
}

void TestKolmogorovSmirnov::theOneSampleTailHasItsClosedForms()
{
    // n = 1: 2 (1 - d) from one half on. n = 2, d in [1/2, 1]: 2 (1 - d)^2; d in [1/4, 1/2]:
    // 1 - 2 (2 d - 1/2)^2.
    QVERIFY(near(oneSampleKsTail(0.6, 1), 0.8, 1e-12));
    QVERIFY(near(oneSampleKsTail(0.7, 2), 2 * 0.3 * 0.3, 1e-12));
    QVERIFY(near(oneSampleKsTail(0.4, 2), 1 - 2 * 0.3 * 0.3, 1e-12));
    QCOMPARE(oneSampleKsTail(0.001, 2), 1.0);
    QCOMPARE(oneSampleKsTail(1, 5), 0.0);
    // Durbin's matrix in whole fractions; scipy's series gives 0.7955464 here.
    QVERIFY(near(oneSampleKsTail(0.045, 200), 0.7955456855376207, 1e-11));
    // Both ways of computing meet at the border between them.
    const double below = oneSampleKsTail(0.2461, 100);
    const double above = oneSampleKsTail(0.2459, 100);
    QVERIFY(below < above && below > 0.9 * above);
}

QTEST_GUILESS_MAIN(TestKolmogorovSmirnov)
#include "tst_kolmogorov_smirnov.moc"
