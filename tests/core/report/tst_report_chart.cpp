#include "core/report/chart.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <algorithm>
#include <limits>

using namespace lacuna;

namespace {

template <class T> std::vector<T> all(const Drawing& drawing)
{
    std::vector<T> found;
    for (const DrawnShape& shape : drawing.shapes)
        if (const T* one = std::get_if<T>(&shape))
            found.push_back(*one);
    return found;
}

/// The lines of the unlearned model's ink that are no legend.
std::vector<LineShape> curvesOf(const Drawing& drawing)
{
    std::vector<LineShape> lines = all<LineShape>(drawing);
    std::erase_if(lines, [](const LineShape& line) {
        return line.ink != Ink::Unlearned ||
               (line.points.size() == 2 && line.points[0].y == line.points[1].y);
    });
    return lines;
}

} // namespace

class TestReportChart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ticksAreRoundAndFew_data();
    void ticksAreRoundAndFew();
    void barsAreAsLongAsTheirValues();
    void intervalsAreDrawnWhereTheyLie();
    void curvesRunFromLeftToRight();
    void whatIsNotFiniteIsAGap();
    void manyPointsKeepTheirExtremes();
    void aConstantOrSinglePointHasAFrame_data();
    void aConstantOrSinglePointHasAFrame();
};

void TestReportChart::ticksAreRoundAndFew_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<QVector<double>>("ticks");
    QTest::newRow("shares") << 0.0 << 1.0 << QVector<double>{0, 0.2, 0.4, 0.6, 0.8, 1};
    QTest::newRow("steps") << 1.0 << 48.0 << QVector<double>{10, 20, 30, 40};
    QTest::newRow("negative") << -1.0 << 1.0 << QVector<double>{-1, -0.5, 0, 0.5, 1};
    QTest::newRow("large") << 0.0 << 12000.0 << QVector<double>{0, 2000, 4000, 6000, 8000, 10000};
}

void TestReportChart::ticksAreRoundAndFew()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(QVector<double>, ticks);
    const std::vector<double> made = roundTicks(low, high, 6);
    QCOMPARE(made.size(), static_cast<std::size_t>(ticks.size()));
    for (std::size_t i = 0; i < made.size(); ++i)
        QVERIFY(std::abs(made[i] - ticks[static_cast<qsizetype>(i)]) < 1e-9);
}

void TestReportChart::barsAreAsLongAsTheirValues()
{
    const Drawing drawing = drawn(BarChart{.groups = {{"a",
                                                       {{"original", Ink::Original, 1.0},
                                                        {"unlearned", Ink::Unlearned, 0.25},
                                                        {"reference", Ink::Reference, 7.0}}}}});
    const std::vector<BoxShape> bars = all<BoxShape>(drawing);
    QCOMPARE(bars.size(), 3);
    QCOMPARE(bars[1].width, bars[0].width / 4);
    QCOMPARE(bars[2].width, bars[0].width); // no further than the axis
    for (const BoxShape& bar : bars)
        QVERIFY(bar.corner.y + bar.height < drawing.height);
}

void TestReportChart::intervalsAreDrawnWhereTheyLie()
{
    const Drawing drawing = drawn(
        BarChart{.groups = {{"a", {{"original", Ink::Original, 0.5, Interval{0.25, 0.75}}}}}});
    const BoxShape bar = all<BoxShape>(drawing).at(0);
    const std::vector<LineShape> lines = all<LineShape>(drawing);
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [](const LineShape& line) { return line.ink == Ink::Text; });
    QVERIFY(found != lines.end());
    QCOMPARE(found->points[0].x, bar.corner.x + bar.width / 2);
    QCOMPARE(found->points[1].x, bar.corner.x + bar.width * 1.5);
    const auto texts = all<TextShape>(drawing);
    QVERIFY(std::ranges::any_of(
        texts, [](const TextShape& text) { return text.text == "0.5 [0.25, 0.75]"; }));
}

void TestReportChart::curvesRunFromLeftToRight()
{
    const Drawing drawing =
        drawn(CurveChart{.curves = {{.label = "a", .points = {{0, 0}, {5, 1}, {10, 0.5}}}},
                         .range = Interval{0, 1}});
    const std::vector<LineShape> lines = curvesOf(drawing);
    QCOMPARE(lines.size(), 1);
    const std::vector<DrawnPoint>& points = lines[0].points;
    QCOMPARE(points.size(), 3);
    QVERIFY(points[0].x < points[1].x && points[1].x < points[2].x);
    QCOMPARE(points[1].x, (points[0].x + points[2].x) / 2);
    QVERIFY(points[1].y < points[2].y && points[2].y < points[0].y); // downwards
    QCOMPARE(points[2].y, (points[0].y + points[1].y) / 2);
}

void TestReportChart::whatIsNotFiniteIsAGap()
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Drawing drawing =
        drawn(CurveChart{.curves = {{.label = "a",
                                     .marker = Marker::Square,
                                     .points = {{0, 0}, {1, 1}, {2, nan}, {3, 1}, {4, 0}}}}});
    QCOMPARE(curvesOf(drawing).size(), 2);
    QCOMPARE(all<DotShape>(drawing).size(), 1 + 4); // one in the legend
}

void TestReportChart::manyPointsKeepTheirExtremes()
{
    ChartCurve curve{.label = "a"};
    for (int i = 0; i < 100'000; ++i)
        curve.points.emplace_back(i, i == 77'777 ? 9.0 : i % 2);
    const Drawing drawing = drawn(CurveChart{.curves = {curve}, .range = Interval{0, 10}});
    const std::vector<LineShape> lines = curvesOf(drawing);
    QCOMPARE(lines.size(), 1);
    QVERIFY(lines[0].points.size() < 4 * kDrawingWidth);
    double lowest = lines[0].points[0].y;
    double highest = lowest;
    for (const DrawnPoint& point : lines[0].points) {
        lowest = std::max(lowest, point.y);
        highest = std::min(highest, point.y);
    }
    // 9 of 10: nine times as far from the bottom as 1 is.
    QVERIFY(lowest - highest > 0.89 * 200);
}

void TestReportChart::aConstantOrSinglePointHasAFrame_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<int>("points");
    QTest::newRow("zero") << 0.0 << 2;
    QTest::newRow("constant") << 3.5 << 5;
    QTest::newRow("single") << -2.0 << 1;
    QTest::newRow("none") << 0.0 << 0;
}

void TestReportChart::aConstantOrSinglePointHasAFrame()
{
    QFETCH(double, value);
    QFETCH(int, points);
    ChartCurve curve{.label = "a", .marker = Marker::Square};
    for (int i = 0; i < points; ++i)
        curve.points.emplace_back(i, value);
    const Drawing drawing = drawn(CurveChart{.curves = {curve}});
    for (const LineShape& line : all<LineShape>(drawing))
        for (const DrawnPoint& point : line.points) {
            QVERIFY(point.x >= 0 && point.x <= drawing.width);
            QVERIFY(point.y >= 0 && point.y <= drawing.height);
        }
    QVERIFY(all<TextShape>(drawing).size() > 4);
}

QTEST_APPLESS_MAIN(TestReportChart)
#include "tst_report_chart.moc"
