#include "widgets/chart/scatter_chart.h"

#include "widgets/base/theme.h"

#include <QApplication>
#include <QImage>
#include <QLabel>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include <cmath>
#include <limits>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// a and c are on the front, b behind it, d has no place.
std::vector<ScatterPoint> points()
{
    return {{.id = u"a"_s, .label = u"first"_s, .x = 0.1, .y = 0.6, .overlay = 0, .onFront = true},
            {.id = u"b"_s, .label = u"second"_s, .x = 0.5, .y = 0.5, .overlay = 1},
            {.id = u"c"_s, .label = u"third"_s, .x = 0.3, .y = 0.9, .overlay = 2, .onFront = true},
            {.id = u"d"_s, .label = u"fourth"_s, .x = std::nan(""), .y = 0.9, .overlay = 3}};
}

struct Shown {
    ScatterChart chart;

    Shown()
    {
        chart.setTitle(u"Which run?"_s, u"a hint"_s);
        chart.setAxes({u"forget"_s, GoodEnd::Low}, {u"utility"_s, GoodEnd::High});
        chart.setPoints(points());
        chart.setMarks({{.label = u"Original"_s, .x = 0.99, .y = 0.95}});
        chart.resize(640, 420);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        chart.activateWindow();
    }
    [[nodiscard]] QTableWidget* table() { return chart.findChild<QTableWidget*>(); }
    [[nodiscard]] QPoint place(double x, double y) const
    {
        return chart.canvas()->mapFrom(&chart, chart.positionOf(x, y).toPoint());
    }
};

} // namespace

class TestScatterChart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }
    void cleanup() { applyTheme(*qApp, false); }
    void pointsLieByTheirValues();
    void aClickChoosesAPoint();
    void aClickBesideAllPointsChoosesNone();
    void theArrowKeysWalkThePoints_data();
    void theArrowKeysWalkThePoints();
    void enterOpensThePoint();
    void theTableIsOneKeyAway();
    void theTableChoosesToo();
    void theChosenPointIsToldInWords();
    void aChosenPointStaysWhenPointsComeAnew();
    void pointsAreDrawnInTheirColors_data();
    void pointsAreDrawnInTheirColors();
    void nothingToDrawIsSaid();
    void manyPointsAreDrawnAtOnce();
};

void TestScatterChart::pointsLieByTheirValues()
{
    const Shown shown;
    QVERIFY(shown.place(0.1, 0.6).x() < shown.place(0.3, 0.9).x());
    QVERIFY(shown.place(0.1, 0.6).y() > shown.place(0.3, 0.9).y());
    QVERIFY(shown.chart.canvas()->rect().contains(shown.place(0.99, 0.95))); // the mark is in sight
}

void TestScatterChart::aClickChoosesAPoint()
{
    Shown shown;
    const QSignalSpy changed(&shown.chart, &ScatterChart::currentChanged);
    QTest::mouseClick(shown.chart.canvas(), Qt::LeftButton, {}, shown.place(0.5, 0.5));
    QCOMPARE(shown.chart.current(), u"b"_s);
    QCOMPARE(changed.size(), 1);
    QTest::mouseClick(shown.chart.canvas(), Qt::LeftButton, {}, shown.place(0.5, 0.5));
    QCOMPARE(changed.size(), 1); // it was chosen already
}

void TestScatterChart::aClickBesideAllPointsChoosesNone()
{
    Shown shown;
    QTest::mouseClick(shown.chart.canvas(), Qt::LeftButton, {}, shown.place(0.7, 0.7));
    QCOMPARE(shown.chart.current(), QString());
}

void TestScatterChart::theArrowKeysWalkThePoints_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<int>("key");
    QTest::addColumn<QString>("to");
    QTest::newRow("the first from the left") << u""_s << int{Qt::Key_Right} << u"a"_s;
    QTest::newRow("the first from the right") << u""_s << int{Qt::Key_Left} << u"b"_s;
    QTest::newRow("to the right") << u"a"_s << int{Qt::Key_Right} << u"c"_s;
    QTest::newRow("to the left") << u"b"_s << int{Qt::Key_Left} << u"c"_s;
    QTest::newRow("up") << u"b"_s << int{Qt::Key_Up} << u"a"_s;
    QTest::newRow("down") << u"c"_s << int{Qt::Key_Down} << u"a"_s;
    QTest::newRow("not beyond the last") << u"b"_s << int{Qt::Key_Right} << u"b"_s;
}

void TestScatterChart::theArrowKeysWalkThePoints()
{
    QFETCH(QString, from);
    QFETCH(int, key);
    QFETCH(QString, to);
    Shown shown;
    shown.chart.setCurrent(from);
    shown.chart.canvas()->setFocus();
    QTest::keyClick(shown.chart.canvas(), static_cast<Qt::Key>(key));
    QCOMPARE(shown.chart.current(), to);
}

void TestScatterChart::enterOpensThePoint()
{
    Shown shown;
    const QSignalSpy activated(&shown.chart, &ScatterChart::activated);
    shown.chart.canvas()->setFocus();
    QTest::keyClick(shown.chart.canvas(), Qt::Key_Return);
    QCOMPARE(activated.size(), 0); // none is chosen
    QTest::keyClick(shown.chart.canvas(), Qt::Key_Right);
    QTest::keyClick(shown.chart.canvas(), Qt::Key_Return);
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated.first().first().toString(), u"a"_s);
}

void TestScatterChart::theTableIsOneKeyAway()
{
    Shown shown;
    shown.chart.canvas()->setFocus();
    QTRY_VERIFY(shown.chart.canvas()->hasFocus());
    QTest::keyClick(shown.chart.canvas(), Qt::Key_T);
    QVERIFY(shown.chart.isTableShown());
    QVERIFY(shown.table()->isVisible());
    QTRY_VERIFY(shown.table()->hasFocus());
    QCOMPARE(shown.table()->rowCount(), 4); // the one without a place too
    QCOMPARE(shown.table()->item(2, 0)->text(), u"third"_s);
    QCOMPARE(shown.table()->item(2, 1)->text(), u"0.3"_s);
    QCOMPARE(shown.table()->item(2, 3)->text(), u"yes"_s);
    QCOMPARE(shown.table()->item(1, 3)->text(), QString());
    QTest::mouseClick(shown.chart.findChild<QToolButton*>(), Qt::LeftButton);
    QVERIFY(!shown.chart.isTableShown());
}

void TestScatterChart::theTableChoosesToo()
{
    Shown shown;
    shown.chart.setTableShown(true);
    const QSignalSpy changed(&shown.chart, &ScatterChart::currentChanged);
    QTest::mouseClick(shown.table()->viewport(), Qt::LeftButton, {},
                      shown.table()->visualItemRect(shown.table()->item(1, 0)).center());
    QCOMPARE(shown.chart.current(), u"b"_s);
    QTest::keyClick(shown.table(), Qt::Key_Down);
    QCOMPARE(shown.chart.current(), u"c"_s);
    QCOMPARE(changed.size(), 2);
}

void TestScatterChart::theChosenPointIsToldInWords()
{
    Shown shown;
    QCOMPARE(shown.chart.canvas()->accessibleName(), u"Which run?"_s);
    QCOMPARE(shown.chart.canvas()->accessibleDescription(), u"4 points"_s);
    shown.chart.setCurrent(u"c"_s);
    QCOMPARE(shown.chart.canvas()->accessibleDescription(),
             u"third: forget 0.3, utility 0.9; no other beats it"_s);
    shown.chart.setCurrent(u"b"_s);
    QCOMPARE(shown.chart.canvas()->accessibleDescription(), u"second: forget 0.5, utility 0.5"_s);
}

void TestScatterChart::aChosenPointStaysWhenPointsComeAnew()
{
    Shown shown;
    shown.chart.setCurrent(u"b"_s);
    std::vector<ScatterPoint> more = points();
    more.push_back({.id = u"e"_s, .label = u"fifth"_s, .x = 0.2, .y = 0.2});
    shown.chart.setPoints(std::move(more));
    QCOMPARE(shown.chart.current(), u"b"_s);
    QCOMPARE(shown.table()->currentRow(), 1);
}

void TestScatterChart::pointsAreDrawnInTheirColors_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestScatterChart::pointsAreDrawnInTheirColors()
{
    QFETCH(bool, dark);
    applyTheme(*qApp, dark);
    Shown shown;
    const QImage image = shown.chart.canvas()->grab().toImage();
    // Those on the front are filled, the others are rings.
    QCOMPARE(image.pixelColor(shown.place(0.1, 0.6)), overlayColor(0, dark));
    QCOMPARE(image.pixelColor(shown.place(0.3, 0.9)), overlayColor(2, dark));
    QCOMPARE(image.pixelColor(shown.place(0.5, 0.5)), themeColor(ColorRole::Surface, dark));
    QCOMPARE(image.pixelColor(shown.place(0.99, 0.95)), themeColor(ColorRole::Original, dark));
}

void TestScatterChart::nothingToDrawIsSaid()
{
    Shown shown;
    shown.chart.setEmptyText(u"Nothing was measured."_s);
    shown.chart.setPoints({});
    QCOMPARE(shown.chart.canvas()->accessibleDescription(), u"Nothing was measured."_s);
    QTest::keyClick(shown.chart.canvas(), Qt::Key_Right);
    QCOMPARE(shown.chart.current(), QString());
}

void TestScatterChart::manyPointsAreDrawnAtOnce()
{
    Shown shown;
    std::vector<ScatterPoint> many;
    for (int i = 0; i < 200; ++i)
        many.push_back({.id = QString::number(i),
                        .label = u"run %1"_s.arg(i),
                        .x = (i * 37 % 100) / 100.0,
                        .y = (i * 61 % 100) / 100.0,
                        .overlay = 6,
                        .onFront = i % 20 == 0});
    shown.chart.setPoints(std::move(many));
    QVERIFY(!shown.chart.grab().isNull());
    QCOMPARE(shown.table()->rowCount(), 200);
}

QTEST_MAIN(TestScatterChart)
#include "tst_scatter_chart.moc"
