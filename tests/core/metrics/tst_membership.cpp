#include "core/metrics/membership.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace lacuna;

// Recorded values of other programs: tst_recorded_metrics.
class TestMembership : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNumberOfTokensKeptIsComputedInDouble();
    void allTokensKeptIsTheLoss();
    void noTokensHaveNoScore();
    void aCertainDistributionIsClamped();
    void anImpossibleTokenOfTheVocabularyCountsNothing();
    void zlibCountsHeaderAndChecksum();
    void leakageIsZeroAtTheReferenceAndHasItsSigns();
    void closenessIsOneAtTheReferenceAndZeroFurthestAway();
};

void TestMembership::theNumberOfTokensKeptIsComputedInDouble()
{
    QCOMPARE(minKCount(100, 0.29), std::size_t(28));
    QCOMPARE(minKCount(10, 0.4), std::size_t(4));
    QCOMPARE(minKCount(1, 0.05), std::size_t(1));
    QCOMPARE(minKCount(7, 1.0), std::size_t(7));
}

void TestMembership::allTokensKeptIsTheLoss()
{
    const std::vector<double> logProbs = {-1, -4, -0.5, -2.5};
    QCOMPARE(minKOf(logProbs, 1.0), 2.0);
    QCOMPARE(minKOf(logProbs, 0.5), 3.25);
}

void TestMembership::noTokensHaveNoScore()
{
    QVERIFY(std::isnan(minKOf({})));
    QVERIFY(std::isnan(minKPlusPlusOf({})));
}

void TestMembership::aCertainDistributionIsClamped()
{
    const std::vector<TokenMoments> tokens = {{.logProb = -1e-3, .mean = 0, .variance = 0}};
    QVERIFY(qFuzzyCompare(minKPlusPlusOf(tokens, 1.0), 1.0));
}

void TestMembership::anImpossibleTokenOfTheVocabularyCountsNothing()
{
    const double half = std::log(0.5);
    const std::vector<double> vocabulary = {half, half, -std::numeric_limits<double>::infinity()};
    const TokenMoments moments = tokenMoments(vocabulary, half);
    QVERIFY(qFuzzyCompare(moments.mean, half));
    QVERIFY(std::abs(moments.variance) < 1e-15);
}

void TestMembership::zlibCountsHeaderAndChecksum()
{
    QCOMPARE(zlibLength(""), std::size_t(8)); // as Python's zlib.compress
    QCOMPARE(zlibLength("a"), std::size_t(9));
    QCOMPARE(zlibRatio(1.8, "a"), 0.2);
}

void TestMembership::leakageIsZeroAtTheReferenceAndHasItsSigns()
{
    QCOMPARE(privLeak(0.4, 0.4), 0.0);
    QCOMPARE(privLeak(1.0, 0.5), -100.0); // still in plain sight
    QCOMPARE(privLeak(0.0, 0.5), 100.0);
    QCOMPARE(relativeDifference(0.6, 0.5), 100 * (0.6 - 0.5) / 0.5);
    QVERIFY(std::isfinite(privLeak(0.9, 1.0, 1e-10)));
    QVERIFY(std::isinf(privLeak(0.9, 1.0)));
}

void TestMembership::closenessIsOneAtTheReferenceAndZeroFurthestAway()
{
    QCOMPARE(closeness(0.3, 0.3), 1.0);
    QCOMPARE(closeness(1.0, 0.3), 0.0);
    QCOMPARE(closeness(0.0, 0.8), 0.0);
}

QTEST_GUILESS_MAIN(TestMembership)
#include "tst_membership.moc"
