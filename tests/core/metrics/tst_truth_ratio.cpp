#include "core/metrics/truth_ratio.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace lacuna;

namespace {

const std::vector<double> kLies = {1.0, 2.0, 3.0};

} // namespace

class TestTruthRatio : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalLikelihoodsGiveOne();
    void theTwoMeansDifferAsTheyShould();
    void theEpsilonIsInTheDenominatorOnly();
    void tinyProbabilitiesStillHaveARatio();
    void anInfiniteRatioHasAScore();
    void noRatiosHaveNoAggregate();
};

void TestTruthRatio::equalLikelihoodsGiveOne()
{
    const std::vector<double> lies(5, 2.5);
    const TruthLosses losses{.truth = 2.5, .lies = lies};
    QCOMPARE(truthRatio(losses), 1.0);
    QCOMPARE(arithmeticTruthRatio(losses), 1.0);
    QCOMPARE(truthProbability(losses), 0.5);
    QCOMPARE(optionProbability(losses), 1.0 / 6);
    const std::vector<double> ones(4, 1.0);
    QCOMPARE(truthRatioAggregate(ones, TruthAggregate::CloserToOne), 1.0);
    QCOMPARE(truthRatioAggregate(ones, TruthAggregate::TruthHigher), 0.0);
}

void TestTruthRatio::theTwoMeansDifferAsTheyShould()
{
    const TruthLosses losses{.truth = 1.5, .lies = kLies};
    QVERIFY(qFuzzyCompare(truthRatio(losses), std::exp(1.5 - 2.0)));
    const double arithmetic = (std::exp(-1.0) + std::exp(-2.0) + std::exp(-3.0)) / 3;
    QVERIFY(qFuzzyCompare(arithmeticTruthRatio(losses), arithmetic / std::exp(-1.5)));
    QVERIFY(truthRatio(losses) < arithmeticTruthRatio(losses)); // of any numbers
}

void TestTruthRatio::theEpsilonIsInTheDenominatorOnly()
{
    const TruthLosses losses{.truth = 20, .lies = kLies};
    const double truth = std::exp(-20.0);
    QVERIFY(qFuzzyCompare(truthRatio(losses, 1e-10), std::exp(-2.0) / (truth + 1e-10)));
    QVERIFY(
        qFuzzyCompare(truthProbability(losses, 1e-10), truth / (truth + std::exp(-2.0) + 1e-10)));
    QVERIFY(qFuzzyCompare(truthRatioScore(4, TruthAggregate::CloserToOne, 1e-2), 1 / 4.01));
}

void TestTruthRatio::tinyProbabilitiesStillHaveARatio()
{
    const std::vector<double> lies = {2000, 2002};
    const TruthLosses losses{.truth = 2000, .lies = lies};
    QVERIFY(qFuzzyCompare(truthRatio(losses), std::exp(-1.0)));
    QVERIFY(qFuzzyCompare(arithmeticTruthRatio(losses), (1 + std::exp(-2.0)) / 2));
    QVERIFY(qFuzzyCompare(optionProbability(losses), 1 / (2 + std::exp(-2.0))));
}

void TestTruthRatio::anInfiniteRatioHasAScore()
{
    const double infinity = std::numeric_limits<double>::infinity();
    QCOMPARE(truthRatioScore(infinity, TruthAggregate::CloserToOne), 0.0);
    QCOMPARE(truthRatioScore(infinity, TruthAggregate::TruthHigher), 0.0);
    QCOMPARE(truthRatioScore(0, TruthAggregate::CloserToOne), 0.0);
    QCOMPARE(truthRatioScore(0, TruthAggregate::TruthHigher), 1.0);
}

void TestTruthRatio::noRatiosHaveNoAggregate()
{
    QVERIFY(std::isnan(truthRatioAggregate({}, TruthAggregate::CloserToOne)));
    const std::vector<double> gap = {0.5, std::nan("")};
    QVERIFY(std::isnan(truthRatioAggregate(gap, TruthAggregate::TruthHigher)));
}

QTEST_GUILESS_MAIN(TestTruthRatio)
#include "tst_truth_ratio.moc"
