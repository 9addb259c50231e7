#include "widgets/chart/heat_grid.h"

#include "widgets/base/colors.h"

#include <QHelpEvent>
#include <QImage>
#include <QTest>
#include <QToolTip>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

HeatGrid::Content content(int columns)
{
    HeatGrid::Content made{.columnTitle = u"Block"_s, .rows = {u"Attention"_s, u"MLP"_s}};
    for (int row = 0; row < 2; ++row) {
        made.cells.emplace_back();
        for (int column = 0; column < columns; ++column)
            made.cells.back().push_back({.place = 0.1 * (column % 10),
                                         .text = u"1.62"_s,
                                         .toolTip = u"%1 of %2"_s.arg(row).arg(column)});
    }
    return made;
}

/// Colours of a cell, frame and text included.
QSet<QRgb> colorsIn(HeatGrid& grid, int row, int column)
{
    const QImage image = grid.grab(grid.cellRect(row, column)).toImage();
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            colors.insert(image.pixel(x, y) | 0xff000000);
    return colors;
}

} // namespace

class TestHeatGrid : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cellsHaveTheColorOfTheirPlace();
    void numbersAreWrittenWhereThereIsRoom();
    void aMarkedCellLooksDifferent_data();
    void aMarkedCellLooksDifferent();
    void aToolTipTellsTheCell();
    void nothingIsShownOfNothing();
};

void TestHeatGrid::cellsHaveTheColorOfTheirPlace()
{
    HeatGrid grid;
    grid.setContent(content(5));
    grid.resize(600, grid.sizeHint().height());
    for (const int column : {0, 4})
        QVERIFY(colorsIn(grid, 1, column).contains(probabilityColor(0.1 * column).rgb()));
    QVERIFY(!colorsIn(grid, 1, 0).contains(probabilityColor(0.4).rgb()));
    QVERIFY(grid.cellRect(1, 4).right() < grid.width());
}

void TestHeatGrid::numbersAreWrittenWhereThereIsRoom()
{
    HeatGrid grid;
    grid.setContent(content(5));
    grid.resize(600, grid.sizeHint().height());
    QVERIFY(colorsIn(grid, 0, 1).size() > 1);
    grid.setContent(content(80)); // as many blocks as large models have
    QVERIFY(grid.minimumSizeHint().width() <= 600);
    QCOMPARE(colorsIn(grid, 0, 1), QSet<QRgb>{probabilityColor(0.1).rgb()});
    QVERIFY(grid.cellRect(1, 79).right() < grid.width());
}

void TestHeatGrid::aMarkedCellLooksDifferent_data()
{
    QTest::addColumn<int>("columns");
    QTest::newRow("a frame") << 5;
    QTest::newRow("a line where the cells are narrow") << 80;
}

void TestHeatGrid::aMarkedCellLooksDifferent()
{
    QFETCH(int, columns);
    HeatGrid grid;
    HeatGrid::Content marked = content(columns);
    for (HeatGrid::Cell& cell : marked.cells[0])
        cell.text.clear();
    marked.cells[0][1].marked = true;
    grid.setContent(marked);
    grid.resize(600, grid.sizeHint().height());
    QVERIFY(colorsIn(grid, 0, 1).contains(textOn(probabilityColor(0.1)).rgb()));
    QCOMPARE(colorsIn(grid, 0, 2).size(), 1);
}

void TestHeatGrid::aToolTipTellsTheCell()
{
    HeatGrid grid;
    grid.setContent(content(5));
    grid.resize(600, grid.sizeHint().height());
    grid.show();
    const QPoint place = grid.cellRect(1, 3).center();
    QHelpEvent help(QEvent::ToolTip, place, grid.mapToGlobal(place));
    QCoreApplication::sendEvent(&grid, &help);
    QCOMPARE(QToolTip::text(), u"1 of 3"_s);
    const QPoint outside(1, 1);
    QHelpEvent none(QEvent::ToolTip, outside, grid.mapToGlobal(outside));
    QCoreApplication::sendEvent(&grid, &none);
    QTRY_VERIFY(QToolTip::text().isEmpty());
}

void TestHeatGrid::nothingIsShownOfNothing()
{
    HeatGrid grid;
    grid.resize(300, 100);
    QVERIFY(!grid.grab().isNull());
}

QTEST_MAIN(TestHeatGrid)
#include "tst_heat_grid.moc"
