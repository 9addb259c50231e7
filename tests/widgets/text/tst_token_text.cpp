#include "widgets/text/token_text.h"

#include <QLocale>
#include <QTest>

#include <cmath>
#include <limits>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

using Token = ProbeAnswer::Token;

Token token(std::int64_t id, float logProb, std::vector<ProbeAnswer::Alternative> alternatives = {})
{
    return {.id = id,
            .piece = "t" + std::to_string(id),
            .logProb = logProb,
            .alternatives = std::move(alternatives)};
}

} // namespace

class TestTokenText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void whiteSpaceIsShownOnRequest_data();
    void whiteSpaceIsShownOnRequest();
    void deltasAreKnownAsLongAsTheAnswersAgree();
    void deltasAreTheSameFromBothSides();
    void whereTheAnswersPartTheAlternativesKnow();
    void theScaleHoldsTheLargestDelta_data();
    void theScaleHoldsTheLargestDelta();
    void sentencesEndWhereAPersonWouldPause_data();
    void sentencesEndWhereAPersonWouldPause();
    void probabilitiesKeepTheDigitsThatCount_data();
    void probabilitiesKeepTheDigitsThatCount();
};

void TestTokenText::whiteSpaceIsShownOnRequest_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("withSpace");
    QTest::newRow("word") << u" the"_s << u"·the"_s;
    QTest::newRow("part of a word") << u"ing"_s << u"ing"_s;
    QTest::newRow("line break") << u"\n"_s << u"⏎"_s;
    QTest::newRow("indented") << u"\t\t x"_s << u"→→·x"_s;
    QTest::newRow("a byte of a character") << u"‹E2›"_s << u"‹E2›"_s;
    QTest::newRow("end of text") << u"</s>"_s << u"</s>"_s;
    QTest::newRow("nothing") << QString() << QString();
}

void TestTokenText::whiteSpaceIsShownOnRequest()
{
    QFETCH(const QString, text);
    QFETCH(const QString, withSpace);
    QCOMPARE(shownToken(text.toStdString(), false), text);
    QCOMPARE(shownToken(text.toStdString(), true), withSpace);
}

void TestTokenText::deltasAreKnownAsLongAsTheAnswersAgree()
{
    const std::vector<Token> unlearned = {token(1, -2), token(2, -1), token(4, -1), token(5, -1)};
    const std::vector<Token> original = {token(1, -0.5), token(2, -3), token(3, -1), token(5, -1)};
    const auto deltas = logProbDeltas(unlearned, original, false);
    QCOMPARE(deltas.size(), unlearned.size());
    QCOMPARE(deltas[0], -1.5F);
    QCOMPARE(deltas[1], 2.0F);
    QVERIFY(std::isnan(deltas[2]));
    QVERIFY(std::isnan(deltas[3])); // the same token, but not behind the same words
    QVERIFY(std::isnan(logProbDeltas(unlearned, {}, false)[0]));
}

void TestTokenText::deltasAreTheSameFromBothSides()
{
    const std::vector<Token> unlearned = {token(1, -2), token(2, -1)};
    const std::vector<Token> original = {token(1, -0.5), token(2, -3)};
    QVERIFY(logProbDeltas(unlearned, original, false) == logProbDeltas(original, unlearned, true));
}

void TestTokenText::whereTheAnswersPartTheAlternativesKnow()
{
    const std::vector<Token> unlearned = {token(4, -1)};
    const std::vector<Token> original = {
        token(3, -0.1F, {{.piece = "t3", .logProb = -0.1F}, {.piece = "t4", .logProb = -4}})};
    QCOMPARE(logProbDeltas(unlearned, original, false)[0], 3.0F);
}

void TestTokenText::theScaleHoldsTheLargestDelta_data()
{
    QTest::addColumn<QList<float>>("deltas");
    QTest::addColumn<double>("scale");
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    QTest::newRow("none") << QList<float>() << 1.0;
    QTest::newRow("unknown") << QList<float>{unknown} << 1.0;
    QTest::newRow("small") << QList<float>{0.2F, -0.9F} << 1.0;
    QTest::newRow("negative") << QList<float>{0.2F, -3.1F, unknown} << 4.0;
    QTest::newRow("huge") << QList<float>{90.0F} << 16.0;
}

void TestTokenText::theScaleHoldsTheLargestDelta()
{
    QFETCH(const QList<float>, deltas);
    QFETCH(const double, scale);
    QCOMPARE(deltaScale(std::vector<float>(deltas.begin(), deltas.end())), scale);
}

void TestTokenText::sentencesEndWhereAPersonWouldPause_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("end");
    QTest::newRow("none yet") << u"The cat"_s << 0 << 0;
    QTest::newRow("a mark at the very end may go on") << u"It is 3."_s << 0 << 0;
    QTest::newRow("one") << u"He sat. She"_s << 0 << 7;
    QTest::newRow("the last of two") << u"He sat. She ran! It"_s << 0 << 16;
    QTest::newRow("a number goes on") << u"It is 3.14 long"_s << 0 << 0;
    QTest::newRow("only what is new") << u"He sat. She"_s << 7 << 7;
    QTest::newRow("a line") << u"One\nTwo"_s << 0 << 4;
    QTest::newRow("Chinese") << u"我爱你。你"_s << 0 << 4;
}

void TestTokenText::sentencesEndWhereAPersonWouldPause()
{
    QFETCH(const QString, text);
    QFETCH(const int, from);
    QFETCH(const int, end);
    QCOMPARE(sentencesEnd(text, from), qsizetype(end));
}

void TestTokenText::probabilitiesKeepTheDigitsThatCount_data()
{
    QTest::addColumn<double>("probability");
    QTest::addColumn<QString>("text");
    QTest::newRow("certain") << 1.0 << u"100.0 %"_s;
    QTest::newRow("almost") << 0.9999 << u"> 99.9 %"_s;
    QTest::newRow("likely") << 0.9312 << u"93.1 %"_s;
    QTest::newRow("some") << 0.0123 << u"1.23 %"_s;
    QTest::newRow("few") << 0.00031 << u"0.031 %"_s;
    QTest::newRow("hardly") << 1e-9 << u"< 0.001 %"_s;
    QTest::newRow("unknown") << std::nan("") << u"–"_s;
}

void TestTokenText::probabilitiesKeepTheDigitsThatCount()
{
    QFETCH(const double, probability);
    QFETCH(const QString, text);
    QCOMPARE(probabilityText(std::log(probability)), text);
}

QTEST_MAIN(TestTokenText)
#include "tst_token_text.moc"
