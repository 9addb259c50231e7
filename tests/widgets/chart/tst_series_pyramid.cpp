#include "widgets/chart/series_pyramid.h"

#include <QTest>

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>

using namespace lacuna;
using Point = SeriesPyramid::Point;

namespace {

/// Steps of uneven length, repeated ones among them, and values with rare spikes.
SeriesPyramid randomSeries(int count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::uniform_int_distribution<int> step(0, 3);
    std::normal_distribution<double> normal;
    SeriesPyramid series;
    double x = 0;
    for (int i = 0; i < count; ++i) {
        x += step(generator);
        const bool isSpike = generator() % 97 == 0;
        series.append(x, normal(generator) * (isSpike ? 1000 : 1));
    }
    return series;
}

} // namespace

/// Against a walk over all points.
class TestSeriesPyramid : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void extremesAreThoseOfAllPoints_data();
    void extremesAreThoseOfAllPoints();
    void noColumnLosesItsExtremes_data();
    void noColumnLosesItsExtremes();
    void fourPointsAColumnAtMost();
    void aSpikeInAMillionPointsSurvives();
    void fewPointsComeAsTheyAre();
    void neighboursOutsideComeToo();
    void knowsItsHighestAndLowest();
    void anEmptyRangeGivesNothing();
    void refusesWhatItCannotOrder();
};

void TestSeriesPyramid::extremesAreThoseOfAllPoints_data()
{
    QTest::addColumn<int>("count");
    for (const int count : {1, 15, 16, 17, 255, 256, 257, 5000})
        QTest::addRow("%d points", count) << count;
}

void TestSeriesPyramid::extremesAreThoseOfAllPoints()
{
    QFETCH(const int, count);
    const SeriesPyramid series = randomSeries(count, 1);
    std::mt19937 generator(2);
    for (int trial = 0; trial < 300; ++trial) {
        auto begin = generator() % static_cast<unsigned>(count);
        auto end = generator() % static_cast<unsigned>(count) + 1;
        if (begin >= end)
            std::tie(begin, end) = std::pair(end - 1, begin + 1);
        double lowest = series.at(begin).y;
        double highest = lowest;
        for (std::size_t i = begin; i < end; ++i) {
            lowest = std::min(lowest, series.at(i).y);
            highest = std::max(highest, series.at(i).y);
        }
        const auto found = series.extremes(begin, end);
        QCOMPARE(series.at(found.lowest).y, lowest);
        QCOMPARE(series.at(found.highest).y, highest);
        QVERIFY(found.lowest >= begin && found.lowest < end);
        QVERIFY(found.highest >= begin && found.highest < end);
    }
}

void TestSeriesPyramid::noColumnLosesItsExtremes_data()
{
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<int>("columns");
    QTest::newRow("everything, narrow") << 0.0 << 40000.0 << 50;
    QTest::newRow("everything, wide") << 0.0 << 40000.0 << 2000;
    QTest::newRow("a part") << 1234.5 << 20000.25 << 640;
    QTest::newRow("beyond both ends") << -5000.0 << 90000.0 << 333;
}

void TestSeriesPyramid::noColumnLosesItsExtremes()
{
    QFETCH(const double, from);
    QFETCH(const double, to);
    QFETCH(const int, columns);
    const SeriesPyramid series = randomSeries(20000, 3);
    const std::vector<Point> thinned = series.thinned(from, to, columns);
    QVERIFY(std::is_sorted(thinned.begin(), thinned.end(),
                           [](const Point& a, const Point& b) { return a.x < b.x; }));
    for (int column = 0; column < columns; ++column) {
        const double left = from + (to - from) * column / columns;
        const double right = from + (to - from) * (column + 1) / columns;
        const bool isLast = column + 1 == columns;
        const auto isInside = [&](const Point& p) {
            return p.x >= left && (isLast ? p.x <= right : p.x < right);
        };
        std::vector<Point> all;
        for (std::size_t i = series.lowerBound(left); i < series.size() && isInside(series.at(i));
             ++i)
            all.push_back(series.at(i));
        std::vector<Point> kept;
        std::copy_if(thinned.begin(), thinned.end(), std::back_inserter(kept), isInside);
        QCOMPARE(kept.empty(), all.empty());
        QVERIFY(kept.size() <= 4);
        if (all.empty())
            continue;
        const auto byValue = [](const Point& a, const Point& b) { return a.y < b.y; };
        QCOMPARE(kept.front() == all.front(), true);
        QCOMPARE(kept.back() == all.back(), true);
        QCOMPARE(std::min_element(kept.begin(), kept.end(), byValue)->y,
                 std::min_element(all.begin(), all.end(), byValue)->y);
        QCOMPARE(std::max_element(kept.begin(), kept.end(), byValue)->y,
                 std::max_element(all.begin(), all.end(), byValue)->y);
    }
}

void TestSeriesPyramid::fourPointsAColumnAtMost()
{
    const SeriesPyramid series = randomSeries(100000, 4);
    QVERIFY(series.thinned(1000, 100000, 300).size() <= 4 * 300 + 2);
}

void TestSeriesPyramid::aSpikeInAMillionPointsSurvives()
{
    SeriesPyramid series;
    for (int i = 0; i < 1000000; ++i)
        series.append(i, i == 765432 ? 9.0 : 1.0);
    const std::vector<Point> thinned = series.thinned(0, 1000000, 400);
    QVERIFY(std::find(thinned.begin(), thinned.end(), Point{765432, 9}) != thinned.end());
}

void TestSeriesPyramid::fewPointsComeAsTheyAre()
{
    SeriesPyramid series;
    const std::vector<Point> points = {{0, 1}, {1, 3}, {1, 2}, {8, 5}};
    for (const Point& point : points)
        series.append(point.x, point.y);
    QVERIFY(series.thinned(-1, 9, 100) == points);
}

void TestSeriesPyramid::neighboursOutsideComeToo()
{
    SeriesPyramid series;
    for (int i = 0; i < 10; ++i)
        series.append(i, i * i);
    const std::vector<Point> thinned = series.thinned(3.5, 5.5, 100);
    QVERIFY((thinned == std::vector<Point>{{3, 9}, {4, 16}, {5, 25}, {6, 36}}));
}

void TestSeriesPyramid::knowsItsHighestAndLowest()
{
    SeriesPyramid series;
    for (const double y : {4.0, -2.0, 7.0, 0.0})
        series.append(0, y);
    QCOMPARE(series.lowest(), -2.0);
    QCOMPARE(series.highest(), 7.0);
}

void TestSeriesPyramid::anEmptyRangeGivesNothing()
{
    SeriesPyramid series;
    QVERIFY(series.thinned(0, 1, 10).empty());
    series.append(0, 0);
    QVERIFY(series.thinned(1, 1, 10).empty());
    QVERIFY(series.thinned(0, 1, 0).empty());
}

void TestSeriesPyramid::refusesWhatItCannotOrder()
{
    SeriesPyramid series;
    series.append(5, 1);
    QVERIFY_EXCEPTION_THROWN(series.append(4, 1), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(series.append(6, std::numeric_limits<double>::quiet_NaN()),
                             std::logic_error);
}

QTEST_MAIN(TestSeriesPyramid)
#include "tst_series_pyramid.moc"
