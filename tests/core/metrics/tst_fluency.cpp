#include "core/metrics/fluency.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <cmath>

using namespace lacuna;

class TestFluency : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingToReadIsEmpty_data();
    void nothingToReadIsEmpty();
    void wordsAreCounted_data();
    void wordsAreCounted();
    void plainProseDoesNotRepeat();
    void oneWordForEverRepeatsEverything();
    void anAlternationShowsInPairsNotInRuns();
    void entropyIsThatOfPairsAndTriples_data();
    void entropyIsThatOfPairsAndTriples();
    void tokensShowLoopsThatWordsHide();
};

void TestFluency::entropyIsThatOfPairsAndTriples_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<double>("bits");
    QTest::newRow("nothing") << QByteArray() << 0.0;
    QTest::newRow("one word") << QByteArray("yes") << 0.0;
    QTest::newRow("one word for ever") << QByteArray("no no no no no") << 0.0;
    // Two pairs, one triple: H2 = 1, H3 = 0.
    QTest::newRow("three words") << QByteArray("a b c") << 1.0 / 3;
    // Four pairs, three triples, all different: H2 = 2, H3 = log2 3.
    QTest::newRow("five words") << QByteArray("a b c d e")
                                << (2.0 / 3 * 2 + 4.0 / 3 * std::log2(3.0)) / 2;
    // Pairs ab, ba, ab, ba; triples aba, bab, aba.
    QTest::newRow("an alternation")
        << QByteArray("a b a b a") << (2.0 / 3 * 1 + 4.0 / 3 * (std::log2(3.0) - 2.0 / 3)) / 2;
}

void TestFluency::entropyIsThatOfPairsAndTriples()
{
    QFETCH(QByteArray, text);
    QFETCH(double, bits);
    QVERIFY(std::abs(gramEntropy(bytesOf(text)) - bits) < 1e-12);
}

void TestFluency::nothingToReadIsEmpty_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("no text") << QByteArray();
    QTest::newRow("white space") << QByteArray(" \t\r\n");
}

void TestFluency::nothingToReadIsEmpty()
{
    QFETCH(QByteArray, text);
    const Fluency result = fluency(bytesOf(text));
    QVERIFY(result.empty);
    QCOMPARE(result.words, std::size_t{0});
    QCOMPARE(result.longestRun, std::size_t{0});
    QCOMPARE(result.distinct2, 0.0);
    QCOMPARE(result.repetition[0], 0.0);
}

void TestFluency::wordsAreCounted_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<std::size_t>("words");
    QTest::addColumn<std::size_t>("longestRun");
    const auto row = [](const char* name, const char* text, std::size_t words, std::size_t run) {
        QTest::newRow(name) << QByteArray(text) << words << run;
    };
    row("one word", "word", 1, 1);
    row("each sign is a word", "!!!!", 4, 4);
    row("a sign ends a word", "no,no", 3, 1);
    row("an accent does not end a word", "caf\xC3\xA9 caf\xC3\xA9", 2, 2);
    row("capitals tell words apart", "No no", 2, 1);
    row("the longest run counts", "a a b b b a", 6, 3);
}

void TestFluency::wordsAreCounted()
{
    QFETCH(QByteArray, text);
    QFETCH(std::size_t, words);
    QFETCH(std::size_t, longestRun);
    const Fluency result = fluency(bytesOf(text));
    QVERIFY(!result.empty);
    QCOMPARE(result.words, words);
    QCOMPARE(result.longestRun, longestRun);
}

void TestFluency::plainProseDoesNotRepeat()
{
    const Fluency result = fluency("one two three four five");
    for (const double repetition : result.repetition)
        QCOMPARE(repetition, 0.0);
    QCOMPARE(result.distinct2, 0.8); // 4 pairs, 5 words
}

void TestFluency::oneWordForEverRepeatsEverything()
{
    const Fluency result = fluency("the the the the the");
    QCOMPARE(result.repetition[0], 1 - 1.0 / 5);
    QCOMPARE(result.repetition[1], 1 - 1.0 / 4);
    QCOMPARE(result.repetition[2], 1 - 1.0 / 3);
    QCOMPARE(result.repetition[3], 1 - 1.0 / 2);
    QCOMPARE(result.distinct2, 1.0 / 5);
}

void TestFluency::anAlternationShowsInPairsNotInRuns()
{
    const Fluency result = fluency("a b a b a b");
    QCOMPARE(result.longestRun, std::size_t{1});
    QCOMPARE(result.repetition[0], 1 - 2.0 / 6);
    QCOMPARE(result.repetition[1], 1 - 2.0 / 5);
    QCOMPARE(result.repetition[3], 1 - 2.0 / 3);
}

void TestFluency::tokensShowLoopsThatWordsHide()
{
    QCOMPARE(repetitionOf("inginginginging"), 0.0); // one word
    QCOMPARE(repeatedPairs({7, 7, 7, 7, 7}), 0.75);
    QCOMPARE(repeatedPairs({1, 2, 3, 4}), 0.0);
    QCOMPARE(repeatedPairs({1}), 0.0);
    QCOMPARE(repetitionOf(""), 1.0);
}

QTEST_GUILESS_MAIN(TestFluency)
#include "tst_fluency.moc"
