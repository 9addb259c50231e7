#include "widgets/chart/figure_chart.h"

#include "widgets/base/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QImage>
#include <QLabel>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

FigureChart::Line line(const QString& id, ColorRole color, double height)
{
    FigureChart::Line made{.id = id,
                           .style = {.label = id + u" model"_s, .color = color},
                           .xs = {0, 1},
                           .ys = {height, height},
                           .filled = true};
    for (const double x : {0.25, 0.5, 0.75})
        made.stops.push_back({.x = x, .y = height, .text = u"%1 at %2"_s.arg(height).arg(x)});
    return made;
}

FigureChart::Content content()
{
    return {.title = u"How are the samples spread?"_s,
            .xAxis = u"Probability"_s,
            .yAxis = u"Samples"_s,
            .x = {0, 1},
            .y = {0, 10},
            .lines = {line(u"a"_s, ColorRole::Original, 3), line(u"b"_s, ColorRole::Unlearned, 6)},
            .guides = {{.id = u"g"_s,
                        .style = {.label = {}, .dash = LineDash::Dot},
                        .xs = {0, 1},
                        .ys = {0, 10}}},
            .summary = u"The middle sample: a 3, b 6."_s,
            .tableHeader = {u"Bin"_s, u"a"_s, u"b"_s},
            .table = {{u"0 to 0.5"_s, u"3"_s, u"6"_s}, {u"0.5 to 1"_s, u"3"_s, u"6"_s}}};
}

struct Shown {
    FigureChart chart;

    Shown()
    {
        chart.setContent(content());
        chart.resize(480, 400);
        chart.show();
        QApplication::setActiveWindow(&chart);
    }
    [[nodiscard]] QWidget* canvas() const { return chart.findChild<QWidget*>(u"figureCanvas"_s); }
    [[nodiscard]] QAbstractButton* button(const char* name) const
    {
        return chart.findChild<QAbstractButton*>(QString::fromLatin1(name));
    }
    /// Whether the color of \p role is to be seen at the height of a line.
    [[nodiscard]] bool isDrawn(double height, ColorRole role)
    {
        const QImage image = chart.grab().toImage();
        const QPoint place = chart.positionOf(0.6, height).toPoint();
        for (int y = place.y() - 3; y <= place.y() + 3; ++y)
            if (image.pixelColor(place.x(), y) == themeColor(role, chart))
                return true;
        return false;
    }
};

} // namespace

class TestFigureChart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { applyTheme(*qApp, false); }

    void linesHaveTheColorsOfTheirModels_data();
    void linesHaveTheColorsOfTheirModels();
    void arrowKeysWalkAlongAndAcross();
    void walkingLeavesOutWhatIsHidden();
    void thePointerReadsTheNearestPoint();
    void theSameNumbersStandInATable();
    void theLegendHidesALine();
    void aHiddenLineStaysHiddenWhenNumbersChange();
    void aLogarithmicAxisPlacesDecades();
    void nothingCanBeWalkedOfNothing();
    void itFitsAtTwiceTheType();
};

void TestFigureChart::linesHaveTheColorsOfTheirModels_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestFigureChart::linesHaveTheColorsOfTheirModels()
{
    QFETCH(const bool, dark);
    applyTheme(*qApp, dark);
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    QTRY_VERIFY(shown.isDrawn(3, ColorRole::Original));
    QTRY_VERIFY(shown.isDrawn(6, ColorRole::Unlearned));
    QTRY_VERIFY(!shown.isDrawn(6, ColorRole::Original));
}

void TestFigureChart::arrowKeysWalkAlongAndAcross()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    QVERIFY(shown.chart.readout().isEmpty());
    QTest::keyClick(shown.canvas(), Qt::Key_Right);
    QCOMPARE(shown.chart.readout(), u"a model: 3 at 0.25"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_Right);
    QCOMPARE(shown.chart.readout(), u"a model: 3 at 0.5"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_Down);
    QCOMPARE(shown.chart.readout(), u"b model: 6 at 0.5"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_End);
    QCOMPARE(shown.chart.readout(), u"b model: 6 at 0.75"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_Right);
    QCOMPARE(shown.chart.readout(), u"b model: 6 at 0.75"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_Home);
    QCOMPARE(shown.chart.readout(), u"b model: 6 at 0.25"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_Up);
    QCOMPARE(shown.chart.readout(), u"a model: 3 at 0.25"_s);
    QCOMPARE(shown.canvas()->accessibleDescription(), shown.chart.readout());
}

void TestFigureChart::walkingLeavesOutWhatIsHidden()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    QTest::mouseClick(shown.button("legend-a"), Qt::LeftButton);
    QTest::keyClick(shown.canvas(), Qt::Key_Right);
    QCOMPARE(shown.chart.readout(), u"b model: 6 at 0.25"_s);
    QTest::keyClick(shown.canvas(), Qt::Key_Down);
    QCOMPARE(shown.chart.readout(), u"b model: 6 at 0.25"_s);
}

void TestFigureChart::thePointerReadsTheNearestPoint()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    (void)shown.chart.grab(); // what was only asked for is laid out now
    const QPoint place = shown.canvas()->mapFrom(
        &shown.chart, shown.chart.positionOf(0.5, 6).toPoint() + QPoint(4, -3));
    QTest::mouseMove(shown.canvas(), place);
    QTRY_COMPARE(shown.chart.readout(), u"b model: 6 at 0.5"_s);
}

void TestFigureChart::theSameNumbersStandInATable()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    shown.canvas()->setFocus();
    QTest::keyClick(shown.canvas(), Qt::Key_T);
    QVERIFY(shown.chart.isTableShown());
    auto* table = shown.chart.findChild<QTableWidget*>(u"figureTable"_s);
    QTRY_VERIFY(table->isVisible());
    QCOMPARE(table->rowCount(), 2);
    QCOMPARE(table->item(1, 2)->text(), u"6"_s);
    QTest::mouseClick(shown.button("figureAsTable"), Qt::LeftButton);
    QVERIFY(!shown.chart.isTableShown());
}

void TestFigureChart::theLegendHidesALine()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    QTest::mouseClick(shown.button("legend-b"), Qt::LeftButton);
    QVERIFY(!shown.chart.isLineShown(u"b"_s));
    QTRY_VERIFY(!shown.isDrawn(6, ColorRole::Unlearned));
    QTest::mouseClick(shown.button("legend-b"), Qt::LeftButton);
    QTRY_VERIFY(shown.isDrawn(6, ColorRole::Unlearned));
}

void TestFigureChart::aHiddenLineStaysHiddenWhenNumbersChange()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    QTest::mouseClick(shown.button("legend-a"), Qt::LeftButton);
    FigureChart::Content other = content();
    other.lines.pop_back();
    shown.chart.setContent(other);
    QVERIFY(!shown.chart.isLineShown(u"a"_s));
    QVERIFY(!shown.button("legend-b"));
}

void TestFigureChart::aLogarithmicAxisPlacesDecades()
{
    Shown shown;
    FigureChart::Content other = content();
    other.x = {1, 100};
    other.logarithmicX = true;
    shown.chart.setContent(other);
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    (void)shown.chart.grab(); // what was only asked for is laid out now
    const double left = shown.chart.positionOf(1, 0).x();
    const double middle = shown.chart.positionOf(10, 0).x();
    const double right = shown.chart.positionOf(100, 0).x();
    QVERIFY(std::abs((middle - left) - (right - middle)) < 0.5);
}

void TestFigureChart::nothingCanBeWalkedOfNothing()
{
    FigureChart chart;
    chart.setContent({.title = u"Nothing"_s, .xAxis = {}, .yAxis = {}, .x = {}, .y = {}});
    chart.show();
    auto* canvas = chart.findChild<QWidget*>(u"figureCanvas"_s);
    for (const Qt::Key key : {Qt::Key_Right, Qt::Key_Down, Qt::Key_End})
        QTest::keyClick(canvas, key);
    QVERIFY(chart.readout().isEmpty());
}

void TestFigureChart::itFitsAtTwiceTheType()
{
    Shown shown;
    QVERIFY(QTest::qWaitForWindowExposed(&shown.chart));
    const auto width = [&] {
        (void)shown.chart.grab(); // what was only asked for is laid out now
        return shown.chart.positionOf(1, 0).x() - shown.chart.positionOf(0, 0).x();
    };
    const double before = width();
    QFont large = shown.chart.font();
    large.setPointSizeF(2 * large.pointSizeF());
    shown.chart.setFont(large);
    // What the axes write takes more room, and there is still a plot left between them.
    QTRY_VERIFY(width() < before);
    QVERIFY(width() > 100);
    QVERIFY(shown.chart.positionOf(0, 0).y() - shown.chart.positionOf(0, 10).y() > 40);
}

QTEST_MAIN(TestFigureChart)
#include "tst_figure_chart.moc"
