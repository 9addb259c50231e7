#include "widgets/table/score_delegate.h"

#include "widgets/base/colors.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QImage>
#include <QSet>
#include <QTableWidget>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// One cell, the window's only one.
struct Shown {
    QTableWidget table{1, 1};
    QTableWidgetItem* item = new QTableWidgetItem(u"0.5"_s);

    explicit Shown(bool dark = false)
    {
        applyTheme(*qApp, dark);
        table.setItemDelegate(new ScoreDelegate(&table));
        table.setItem(0, 0, item);
        table.setColumnWidth(0, 160);
        table.setRowHeight(0, 48);
        table.resize(300, 120);
        table.show();
    }
    [[nodiscard]] int fittedHeight()
    {
        table.resizeRowToContents(0);
        return table.rowHeight(0);
    }
    [[nodiscard]] int fittedWidth()
    {
        table.resizeColumnToContents(0);
        return table.columnWidth(0);
    }
    [[nodiscard]] QSet<QRgb> colors()
    {
        const QImage image = table.viewport()->grab(table.visualItemRect(item)).toImage();
        QSet<QRgb> found;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                found << (image.pixel(x, y) | 0xff000000);
        return found;
    }
    [[nodiscard]] bool has(ColorRole role)
    {
        return colors().contains(themeColor(role, table).rgb());
    }
};

} // namespace

class TestScoreDelegate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anIntervalStandsBelowInLessWeight();
    void aMissingNumberIsHatched_data();
    void aMissingNumberIsHatched();
    void aLongReasonMakesNoColumnWide();
};

void TestScoreDelegate::anIntervalStandsBelowInLessWeight()
{
    Shown shown;
    const int plain = shown.fittedHeight();
    QVERIFY(!shown.has(ColorRole::Secondary));
    shown.item->setData(ScoreDelegate::Interval, u"0.4 to 0.6"_s);
    QVERIFY(shown.fittedHeight() > plain);
    QVERIFY(shown.has(ColorRole::Text));
    QVERIFY(shown.has(ColorRole::Secondary));
}

void TestScoreDelegate::aMissingNumberIsHatched_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestScoreDelegate::aMissingNumberIsHatched()
{
    QFETCH(const bool, dark);
    Shown shown(dark);
    QVERIFY(!shown.has(ColorRole::Border));
    shown.item->setData(ScoreDelegate::Missing, true);
    QVERIFY(shown.has(ColorRole::Border));
    QVERIFY(shown.has(ColorRole::Secondary));
}

void TestScoreDelegate::aLongReasonMakesNoColumnWide()
{
    Shown shown;
    shown.item->setText(QString(400, u'x'));
    const int wide = shown.fittedWidth();
    shown.item->setData(ScoreDelegate::Missing, true);
    QVERIFY(shown.fittedWidth() < wide / 4);
    QVERIFY(shown.fittedWidth() >= 96);
}

QTEST_MAIN(TestScoreDelegate)
#include "tst_score_delegate.moc"
