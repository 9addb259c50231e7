#include "core/probe/answer_tokens.h"

#include "tests/core/base/std_text.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace lacuna;

/// What the history keeps of an answer, read back.
class TestAnswerTokens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWasWrittenComesBack();
    void answersOfTheFirstReleaseAreReadable_data();
    void answersOfTheFirstReleaseAreReadable();
    void nothingMeansNoTokens();
    void whatIsNoListOfPiecesIsRefused_data();
    void whatIsNoListOfPiecesIsRefused();
};

void TestAnswerTokens::whatWasWrittenComesBack()
{
    ProbeAnswer answer;
    answer.tokens = {
        {.id = 968,
         .piece = "\xE2\x96\x81People",
         .text = " People",
         .logProb = -0.25F,
         .alternatives = {{"\xE2\x96\x81People", " People", -0.25F}, {"<0x0A>", "\n", -3.5F}}},
        {.id = 5, .piece = "\"", .text = "\"", .logProb = -std::numeric_limits<float>::infinity()},
    };
    const auto read = readAnswerTokens(answer.tokensJson());
    QVERIFY(read);
    QCOMPARE(read->size(), std::size_t{2});
    const ProbeAnswer::Token& first = read->front();
    QCOMPARE(first.id, 968);
    QCOMPARE(shown(first.piece), shown("\xE2\x96\x81People"));
    QCOMPARE(shown(first.text), shown(" People"));
    QCOMPARE(first.logProb, -0.25F);
    QVERIFY(first.alternatives == answer.tokens.front().alternatives);
    QCOMPARE(shown(read->back().piece), shown("\""));
    QVERIFY(std::isnan(read->back().logProb));
    QVERIFY(read->back().alternatives.empty());
}

void TestAnswerTokens::answersOfTheFirstReleaseAreReadable_data()
{
    QTest::addColumn<QByteArray>("piece");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("word") << QByteArray("▁the") << QByteArray(" the");
    QTest::newRow("part of a word") << QByteArray("ing") << QByteArray("ing");
    QTest::newRow("line break") << QByteArray("<0x0A>") << QByteArray("\n");
    QTest::newRow("a byte that is a letter") << QByteArray("<0x41>") << QByteArray("A");
    QTest::newRow("a byte that is part of one") << QByteArray("<0xE2>") << QByteArray("‹E2›");
    QTest::newRow("no byte") << QByteArray("<0xZZ>") << QByteArray("<0xZZ>");
    QTest::newRow("end of text") << QByteArray("</s>") << QByteArray("</s>");
    QTest::newRow("nothing") << QByteArray() << QByteArray();
}

void TestAnswerTokens::answersOfTheFirstReleaseAreReadable()
{
    QFETCH(const QByteArray, piece);
    QFETCH(const QByteArray, text);
    const std::string entry = R"("piece": ")" + piece.toStdString() + R"(", "log_prob": -1)";
    const auto read = readAnswerTokens("[{" + entry + R"(, "alternatives": [{)" + entry + "}]}]");
    QVERIFY(read);
    QCOMPARE(shown(read->front().text), shown(bytesOf(text)));
    QCOMPARE(shown(read->front().alternatives.front().text), shown(bytesOf(text)));
}

void TestAnswerTokens::nothingMeansNoTokens()
{
    QVERIFY(readAnswerTokens("")->empty());
    QVERIFY(readAnswerTokens("[]")->empty());
}

void TestAnswerTokens::whatIsNoListOfPiecesIsRefused_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("cut off") << QByteArray(R"([{"piece": "a")");
    QTest::newRow("an object") << QByteArray(R"({"piece": "a"})");
    QTest::newRow("a list of texts") << QByteArray(R"(["a"])");
    QTest::newRow("a piece that is a number") << QByteArray(R"([{"piece": 3}])");
    QTest::newRow("alternatives that are none")
        << QByteArray(R"([{"piece": "a", "alternatives": [1]}])");
}

void TestAnswerTokens::whatIsNoListOfPiecesIsRefused()
{
    QFETCH(const QByteArray, json);
    const auto read = readAnswerTokens(bytesOf(json));
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::Corrupt);
}

QTEST_GUILESS_MAIN(TestAnswerTokens)
#include "tst_answer_tokens.moc"
