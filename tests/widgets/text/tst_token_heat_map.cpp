#include "widgets/base/colors.h"
#include "widgets/text/heat_legend.h"
#include "widgets/text/token_details.h"
#include "widgets/text/token_flow.h"
#include "widgets/text/token_heat_map.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QElapsedTimer>
#include <QLocale>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

using Token = ProbeAnswer::Token;

std::vector<Token> someTokens()
{
    const auto log = [](double p) { return static_cast<float>(std::log(p)); };
    return {{.id = 1,
             .piece = "\xC4\xA0The",
             .text = " The",
             .logProb = log(0.75),
             .alternatives = {{.piece = "\xC4\xA0The", .text = " The", .logProb = log(0.75)},
                              {.piece = "\xC4\xA0"
                                        "A",
                               .text = " A",
                               .logProb = log(0.25)}}},
            {.id = 2,
             .piece = "\xC4\x8A",
             .text = "\n",
             .logProb = log(0.1),
             .alternatives = {{.piece = "x", .text = "x", .logProb = log(0.2)},
                              {.piece = "y", .text = "y", .logProb = log(0.6)}}},
            {.id = 3, .piece = "end", .text = "end", .logProb = log(1.0)}};
}

std::vector<Token> manyTokens(int count)
{
    std::vector<Token> tokens;
    for (int i = 0; i < count; ++i)
        tokens.push_back({.id = i,
                          .piece = "\xE2\x96\x81word" + std::to_string(i % 500),
                          .text = " word" + std::to_string(i % 500),
                          .logProb = -0.01F * static_cast<float>(i % 300),
                          .alternatives = {{"a", "a", -1.0F}, {"b", "b", -2.0F}}});
    return tokens;
}

QString cell(const TokenHeatMap& map, int row, int column)
{
    return map.findChild<QTableWidget*>(u"alternativesTable"_s)->item(row, column)->text();
}

} // namespace

class TestTokenHeatMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void hoveringATokenShowsItsNumbers();
    void aTokenThatWasNoneOfTheLikeliestIsListedToo();
    void arrowKeysWalkTheTokens();
    void theFirstTokenIsShownWhenTheKeyboardArrives();
    void walkingDownKeepsTheTokenInSight();
    void aLineBreakEndsTheLine();
    void whiteSpaceIsShownOnRequest();
    void deltaNeedsASecondModel();
    void theLegendNamesItsNumbers();
    void aTokenThatIsNotThereIsSaid();
    void tokensThatComeLaterAreAppended();
    void onlyWhatIsVisibleIsPainted();
};

void TestTokenHeatMap::hoveringATokenShowsItsNumbers()
{
    TokenHeatMap map;
    map.resize(500, 500);
    map.setTokens(someTokens());
    map.show();
    QSignalSpy hovered(&map, &TokenHeatMap::tokenHovered);
    QTest::mouseMove(map.flow()->viewport(), map.flow()->tokenRect(0).center());
    QTRY_COMPARE(hovered.size(), 1);
    QCOMPARE(hovered.first().first().toInt(), 0);
    QVERIFY(map.details()->sentence().contains(u"75.0 %"_s));
    QVERIFY(map.details()->sentence().contains(u"-0.288"_s));
    QCOMPARE(cell(map, 0, 1), u"·The"_s);
    QCOMPARE(cell(map, 1, 1), u"·A"_s);
    // How the vocabulary spells it is at hand, but not in the way.
    QCOMPARE(map.findChild<QTableWidget*>(u"alternativesTable"_s)->item(1, 1)->toolTip(), u"ĠA"_s);
    QCOMPARE(cell(map, 1, 2), u"25.0 %"_s);
    QCOMPARE(map.flow()->accessibleDescription(), map.details()->sentence());
}

void TestTokenHeatMap::aTokenThatWasNoneOfTheLikeliestIsListedToo()
{
    TokenHeatMap map;
    map.setTokens(someTokens());
    map.setCurrent(1);
    QCOMPARE(map.findChild<QTableWidget*>(u"alternativesTable"_s)->rowCount(), 3);
    QCOMPARE(cell(map, 0, 1), u"y"_s); // likeliest first, whatever the order given
    QCOMPARE(cell(map, 2, 0), u"▸ –"_s);
    QCOMPARE(cell(map, 2, 1), u"⏎"_s);
}

void TestTokenHeatMap::arrowKeysWalkTheTokens()
{
    TokenHeatMap map;
    map.resize(500, 500);
    map.setTokens(someTokens());
    map.show();
    QSignalSpy hovered(&map, &TokenHeatMap::tokenHovered);
    map.flow()->setFocus(Qt::MouseFocusReason);
    const auto press = [&map](Qt::Key key) {
        QTest::keyClick(map.flow(), key);
        return map.current();
    };
    QCOMPARE(press(Qt::Key_Right), 0);
    QCOMPARE(press(Qt::Key_Right), 1);
    QCOMPARE(press(Qt::Key_Down), 2); // the line break ended the line
    QCOMPARE(press(Qt::Key_Right), 2);
    QCOMPARE(press(Qt::Key_Up), 0);
    QCOMPARE(press(Qt::Key_End), 2);
    QCOMPARE(press(Qt::Key_Home), 0);
    QCOMPARE(press(Qt::Key_Left), 0);
    QCOMPARE(hovered.size(), 6);
}

void TestTokenHeatMap::theFirstTokenIsShownWhenTheKeyboardArrives()
{
    TokenHeatMap map;
    map.setTokens(someTokens());
    map.show();
    map.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&map));
    map.flow()->setFocus(Qt::TabFocusReason);
    QTRY_COMPARE(map.current(), 0);
}

void TestTokenHeatMap::walkingDownKeepsTheTokenInSight()
{
    TokenHeatMap map;
    map.resize(400, 400);
    map.setTokens(manyTokens(2000));
    map.show();
    for (int i = 0; i < 40; ++i)
        QTest::keyClick(map.flow(), Qt::Key_Down);
    QVERIFY(map.current() > 40);
    QVERIFY(map.flow()->viewport()->rect().contains(map.flow()->tokenRect(map.current())));
    QTest::keyClick(map.flow(), Qt::Key_End);
    QCOMPARE(map.current(), 1999);
    QVERIFY(map.flow()->viewport()->rect().contains(map.flow()->tokenRect(1999)));
}

void TestTokenHeatMap::aLineBreakEndsTheLine()
{
    TokenHeatMap map;
    map.resize(500, 400);
    map.setTokens(someTokens());
    map.show();
    QCOMPARE(map.flow()->tokenRect(0).top(), map.flow()->tokenRect(1).top());
    QVERIFY(map.flow()->tokenRect(2).top() > map.flow()->tokenRect(1).bottom());
    QCOMPARE(map.flow()->tokenRect(2).left(), map.flow()->tokenRect(0).left());
}

void TestTokenHeatMap::whiteSpaceIsShownOnRequest()
{
    TokenHeatMap map;
    map.resize(500, 400);
    map.setTokens(someTokens());
    map.show();
    const int before = map.flow()->tokenRect(1).width();
    QTest::mouseClick(map.findChild<QCheckBox*>(u"showSpaceBox"_s), Qt::LeftButton, {},
                      QPoint(8, map.findChild<QCheckBox*>(u"showSpaceBox"_s)->height() / 2));
    QVERIFY(map.flow()->tokenRect(1).width() > before); // ⏎ is wider than nothing
}

void TestTokenHeatMap::deltaNeedsASecondModel()
{
    TokenHeatMap map;
    map.resize(500, 400);
    map.setTokens(someTokens());
    map.show();
    auto* button = map.findChild<QAbstractButton*>(u"deltaButton"_s);
    QVERIFY(!button->isEnabled());
    QVERIFY(!button->toolTip().isEmpty());
    map.setDeltas({-8.0F, std::nanf(""), 2.0F});
    QVERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    const QImage shown = map.flow()->viewport()->grab().toImage();
    QCOMPARE(shown.pixelColor(map.flow()->tokenRect(0).topLeft() + QPoint(1, 1)),
             deltaColor(-8, 8, isDark(map.palette())));
    map.setCurrent(1);
    QVERIFY(map.details()->sentence().contains(u"Δ not known"_s));
    map.setCurrent(2);
    QVERIFY(map.details()->sentence().contains(u"Δ +2.00"_s));
}

void TestTokenHeatMap::theLegendNamesItsNumbers()
{
    TokenHeatMap map;
    map.setTokens(someTokens());
    const auto* legend = map.findChild<HeatLegend*>();
    QVERIFY(legend->accessibleName().contains(u"from 0 % to 100 %"_s));
    map.setDeltas({-3.0F});
    map.setColoring(TokenHeatMap::Coloring::Delta);
    QVERIFY(legend->accessibleName().contains(u"-4 original"_s));
    QVERIFY(legend->accessibleName().contains(u"+4 unlearned"_s));
}

void TestTokenHeatMap::aTokenThatIsNotThereIsSaid()
{
    TokenHeatMap map;
    map.setTokens(someTokens());
    map.setCurrent(7);
    QVERIFY(map.details()->sentence().contains(u"no token 8"_s));
}

void TestTokenHeatMap::tokensThatComeLaterAreAppended()
{
    TokenHeatMap appended;
    TokenHeatMap whole;
    for (TokenHeatMap* map : {&appended, &whole}) {
        map->resize(300, 400);
        map->show();
    }
    const auto tokens = manyTokens(200);
    for (const Token& token : tokens)
        appended.appendToken(token);
    whole.setTokens(tokens);
    QCOMPARE(appended.flow()->count(), 200);
    appended.flow()->verticalScrollBar()->setValue(0);
    for (int i = 0; i < 200; ++i)
        QCOMPARE(appended.flow()->tokenRect(i), whole.flow()->tokenRect(i));
}

void TestTokenHeatMap::onlyWhatIsVisibleIsPainted()
{
    TokenHeatMap map;
    map.resize(400, 400);
    map.setTokens(manyTokens(2000));
    map.show();
    map.flow()->viewport()->grab();
    QVERIFY(map.flow()->paintedCount() > 0);
    QVERIFY(map.flow()->paintedCount() < 200);
}

QTEST_MAIN(TestTokenHeatMap)
#include "tst_token_heat_map.moc"
