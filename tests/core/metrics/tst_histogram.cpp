#include "core/metrics/histogram.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace lacuna;

class TestHistogram : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sharesGetTheWholeOfTheirRange();
    void everyValueIsInOneBin();
    void edgesBelongToTheBinAbove();
    void outliersGetLogarithmicBins();
    void equalValuesGetAPlace();
    void whatIsNotFiniteIsLeftOut();
};

void TestHistogram::sharesGetTheWholeOfTheirRange()
{
    const HistogramBins bins = histogramBins(std::vector{0.4, 0.6}, 4);
    QCOMPARE(bins.edges, (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
    QVERIFY(!bins.logarithmic);
}

void TestHistogram::everyValueIsInOneBin()
{
    std::vector<double> values;
    for (int i = 0; i < 97; ++i)
        values.push_back(3 + 0.37 * i);
    const HistogramBins bins = histogramBins(values, 7);
    std::int64_t sum = 0;
    for (const std::int64_t count : histogramCounts(values, bins))
        sum += count;
    QCOMPARE(sum, std::int64_t{97});
}

void TestHistogram::edgesBelongToTheBinAbove()
{
    // As numpy.histogram counts: [0, 1), [1, 2), [2, 3), [3, 4].
    const HistogramBins bins{.edges = {0, 1, 2, 3, 4}};
    QCOMPARE(histogramCounts(std::vector{0.0, 1.0, 1.0, 2.5, 4.0, 4.5, -1.0}, bins),
             (std::vector<std::int64_t>{1, 2, 1, 1}));
}

void TestHistogram::outliersGetLogarithmicBins()
{
    const HistogramBins bins = histogramBins(std::vector{1.0, 10.0, 1e4}, 4);
    QVERIFY(bins.logarithmic);
    for (std::size_t i = 1; i < bins.edges.size(); ++i)
        QVERIFY(std::abs(bins.edges[i] / bins.edges[i - 1] - 10) < 1e-9);
    QCOMPARE(bins.edges.back(), 1e4);
}

void TestHistogram::equalValuesGetAPlace()
{
    const std::vector<double> values(5, 7.0);
    const HistogramBins bins = histogramBins(values, 2);
    QCOMPARE(bins.edges, (std::vector<double>{6.5, 7, 7.5}));
    QCOMPARE(histogramCounts(values, bins), (std::vector<std::int64_t>{0, 5}));
}

void TestHistogram::whatIsNotFiniteIsLeftOut()
{
    constexpr double kInf = std::numeric_limits<double>::infinity();
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> values = {2, kInf, kNaN, 4};
    const HistogramBins bins = histogramBins(values, 2);
    QCOMPARE(bins.edges, (std::vector<double>{2, 3, 4}));
    QCOMPARE(histogramCounts(values, bins), (std::vector<std::int64_t>{1, 1}));
    QVERIFY(histogramBins(std::vector{kNaN}, 2).edges.empty());
    QVERIFY(histogramCounts(values, {}).empty());
}

QTEST_APPLESS_MAIN(TestHistogram)
#include "tst_histogram.moc"
