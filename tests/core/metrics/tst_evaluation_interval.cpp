#include "core/metrics/evaluation_interval.h"

#include <QtTest>

#include <cmath>
#include <vector>

using namespace lacuna;

namespace {

/// \p values of samples 0, 1, ..., and their mean times \p factor as the value.
Evaluation evaluationOf(const std::vector<double>& values, double factor = 1)
{
    Evaluation evaluation{.set = "forget", .metric = "probability"};
    for (const double value : values) {
        evaluation.samples.push_back(
            {.sample = static_cast<std::int64_t>(evaluation.samples.size()), .value = value});
        evaluation.value += factor * value / static_cast<double>(values.size());
    }
    return evaluation;
}

/// 100 values: mean 0.5 and deviation 0.5 / sqrt(99 / 100).
std::vector<double> coins()
{
    std::vector<double> values(100);
    for (std::size_t i = 0; i < values.size(); i += 2)
        values[i] = 1;
    return values;
}

} // namespace

class TestEvaluationInterval : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aStoredIntervalIsKept();
    void theIntervalOfAShareAgreesWithTheNormalOne();
    void theIntervalOfAnotherStatisticIsUnknown();
    void oneSampleHasNoInterval();
    void aChangeIsPairedBySample();
    void onlySharedSamplesAreCompared();
    void nothingInCommonIsNoChange();
};

void TestEvaluationInterval::aStoredIntervalIsKept()
{
    Evaluation evaluation = evaluationOf(coins());
    evaluation.interval = Interval{.low = 0.2, .high = 0.7};
    QCOMPARE(intervalOf(evaluation)->low, 0.2);
    QCOMPARE(intervalOf(evaluation)->high, 0.7);
}

void TestEvaluationInterval::theIntervalOfAShareAgreesWithTheNormalOne()
{
    const std::optional<Interval> interval = intervalOf(evaluationOf(coins()));
    QVERIFY(interval);
    // 0.5 +- 1.96 * 0.5 / 10; means of 100 coins are whole hundredths, and a thousand resamples
    // settle the ends to about as much.
    QVERIFY2(std::abs(interval->low - 0.402) < 0.02, qPrintable(QString::number(interval->low)));
    QVERIFY2(std::abs(interval->high - 0.598) < 0.02, qPrintable(QString::number(interval->high)));
    QCOMPARE(intervalOf(evaluationOf(coins()))->low, interval->low);
}

void TestEvaluationInterval::theIntervalOfAnotherStatisticIsUnknown()
{
    QVERIFY(!intervalOf(evaluationOf(coins(), 1.2)));
}

void TestEvaluationInterval::oneSampleHasNoInterval()
{
    QVERIFY(!intervalOf(evaluationOf({0.3})));
    QVERIFY(!intervalOf(evaluationOf({})));
}

void TestEvaluationInterval::aChangeIsPairedBySample()
{
    // Samples differ by much more than what they all lose.
    std::vector<double> before = coins();
    std::vector<double> after = before;
    for (double& value : after)
        value -= 0.25;
    const auto change = pairedChange(evaluationOf(before), evaluationOf(after));
    QVERIFY(change);
    QCOMPARE(change->mean, -0.25);
    QCOMPARE(change->interval.low, -0.25);
    QCOMPARE(change->interval.high, -0.25);
    QCOMPARE(change->count, std::int64_t{100});
}

void TestEvaluationInterval::onlySharedSamplesAreCompared()
{
    Evaluation after = evaluationOf({1, 2, 3, 10});
    after.samples.back().sample = 99;
    const auto change = pairedChange(evaluationOf({0, 0, 0, 0}), after);
    QVERIFY(change);
    QCOMPARE(change->mean, 2.0);
    QCOMPARE(change->count, std::int64_t{3});
}

void TestEvaluationInterval::nothingInCommonIsNoChange()
{
    Evaluation after = evaluationOf({1, 2});
    after.samples[0].sample = 7;
    after.samples[1].sample = 8;
    QVERIFY(!pairedChange(evaluationOf({1, 2}), after));
    QVERIFY(!pairedChange(evaluationOf({1, 2}), evaluationOf({1, 2}, 3)));
}

QTEST_APPLESS_MAIN(TestEvaluationInterval)
#include "tst_evaluation_interval.moc"
