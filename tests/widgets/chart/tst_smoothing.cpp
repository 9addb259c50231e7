#include "widgets/chart/smoothing.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <random>

using namespace lacuna;

/// Against the definition as a weighted mean, written out, and what a reader expects of it.
class TestSmoothing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTheWeightedMean_data();
    void equalsTheWeightedMean();
    void aConstantStaysWhatItIs_data();
    void aConstantStaysWhatItIs();
    void noWeightGivesTheSeriesBack();
    void theFirstValueIsItself();
    void staysBetweenTheExtremes();
    void tendsToTheArithmeticMean();
    void isTheSameInBatchesAsAtOnce();
    void valuesThatAreNotFiniteAreGivenBack();
};

namespace {

std::vector<double> noise(int count)
{
    std::mt19937 generator(7);
    std::normal_distribution<double> normal(3, 2);
    std::vector<double> values;
    for (int i = 0; i < count; ++i)
        values.push_back(normal(generator));
    return values;
}

void addWeights()
{
    QTest::addColumn<double>("weight");
    for (const double weight : {0.1, 0.5, 0.6, 0.9, 0.99, 0.999})
        QTest::addRow("%g", weight) << weight;
}

} // namespace

void TestSmoothing::equalsTheWeightedMean_data()
{
    addWeights();
}

void TestSmoothing::equalsTheWeightedMean()
{
    QFETCH(const double, weight);
    const std::vector<double> values = noise(200);
    const std::vector<double> result = smoothed(values, weight);
    QCOMPARE(result.size(), values.size());
    for (std::size_t n = 0; n < values.size(); ++n) {
        double sum = 0;
        double weights = 0;
        for (std::size_t i = 0; i <= n; ++i) {
            const double share = std::pow(weight, static_cast<double>(n - i));
            sum += share * values[i];
            weights += share;
        }
        // 1 - w^n loses up to three digits at weight 0.999.
        QVERIFY(std::abs(result[n] - sum / weights) < 1e-10);
    }
}

void TestSmoothing::aConstantStaysWhatItIs_data()
{
    addWeights();
}

void TestSmoothing::aConstantStaysWhatItIs()
{
    QFETCH(const double, weight);
    const std::vector<double> values(1000, 0.1);
    QCOMPARE(smoothed(values, weight) == values, true);
}

void TestSmoothing::noWeightGivesTheSeriesBack()
{
    const std::vector<double> values = noise(50);
    QVERIFY(smoothed(values, 0) == values);
}

void TestSmoothing::theFirstValueIsItself()
{
    QCOMPARE(DebiasedMean(0.99).add(42.5), 42.5);
}

void TestSmoothing::staysBetweenTheExtremes()
{
    const std::vector<double> values = noise(500);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    for (const double value : smoothed(values, 0.9))
        QVERIFY(value >= *least && value <= *most);
}

void TestSmoothing::tendsToTheArithmeticMean()
{
    const std::vector<double> values = {1, 2, 6};
    QVERIFY(std::abs(smoothed(values, 1 - 1e-9).back() - 3) < 1e-6);
}

void TestSmoothing::isTheSameInBatchesAsAtOnce()
{
    const std::vector<double> values = noise(100);
    const std::vector<double> atOnce = smoothed(values, 0.8);
    DebiasedMean mean(0.8);
    for (std::size_t i = 0; i < values.size(); ++i)
        QCOMPARE(mean.add(values[i]), atOnce[i]);
}

void TestSmoothing::valuesThatAreNotFiniteAreGivenBack()
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> result = smoothed(std::vector{1.0, nan, infinity, 1.0}, 0.9);
    QVERIFY(std::isnan(result[1]));
    QCOMPARE(result[2], infinity);
    QCOMPARE(result[3], 1.0);
}

QTEST_MAIN(TestSmoothing)
#include "tst_smoothing.moc"
