#include "core/metrics/verbatim_memory.h"
#include "tests/core/base/std_text.h"
#include "tests/core/corpora/fake_tokenizer.h"

#include <QtTest>

#include <cmath>

using namespace lacuna;

/// The tokenizer has a token a word.
class TestVerbatimMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textsAreCutToTheTrueOnesTokens_data();
    void textsAreCutToTheTrueOnesTokens();
    void aLongAnswerThatBeginsTrulyIsRemembered();
    void wordsAreNotStemmed();
};

void TestVerbatimMemory::textsAreCutToTheTrueOnesTokens_data()
{
    QTest::addColumn<QByteArray>("generated");
    QTest::addColumn<QByteArray>("reference");
    QTest::addColumn<int>("most");
    QTest::addColumn<QByteArray>("generatedCut");
    QTest::addColumn<QByteArray>("referenceCut");
    QTest::newRow("both are short enough")
        << QByteArray("one two") << QByteArray("one two three") << 128 << QByteArray("one two")
        << QByteArray("one two three");
    QTest::newRow("a longer answer is cut to the truth")
        << QByteArray("one two three four") << QByteArray("one two") << 128 << QByteArray("one two")
        << QByteArray("one two");
    QTest::newRow("both are cut to the limit")
        << QByteArray("one two three four") << QByteArray("a b c d e") << 3
        << QByteArray("one two three") << QByteArray("a b c");
    QTest::newRow("nothing true leaves nothing")
        << QByteArray("one") << QByteArray() << 128 << QByteArray() << QByteArray();
}

void TestVerbatimMemory::textsAreCutToTheTrueOnesTokens()
{
    QFETCH(QByteArray, generated);
    QFETCH(QByteArray, reference);
    QFETCH(int, most);
    QFETCH(QByteArray, generatedCut);
    QFETCH(QByteArray, referenceCut);
    const FakeTokenizer tokenizer;
    const ContinuationPair pair =
        verbMemTexts(tokenizer, bytesOf(generated), bytesOf(reference), most);
    QCOMPARE(shown(pair.generated), shown(bytesOf(generatedCut)));
    QCOMPARE(shown(pair.reference), shown(bytesOf(referenceCut)));
}

void TestVerbatimMemory::aLongAnswerThatBeginsTrulyIsRemembered()
{
    const FakeTokenizer tokenizer;
    QCOMPARE(verbMem(tokenizer, "one two three and on and on", "one two three"), 1.0);
    // Two of three words in order on either side.
    QCOMPARE(verbMem(tokenizer, "one x three", "one two three"), 2.0 / 3);
    QCOMPARE(verbMem(tokenizer, "", "one two three"), 0.0);
}

void TestVerbatimMemory::wordsAreNotStemmed()
{
    const FakeTokenizer tokenizer;
    QCOMPARE(verbMem(tokenizer, "walking", "walked"), 0.0);
}

QTEST_GUILESS_MAIN(TestVerbatimMemory)
#include "tst_verbatim_memory.moc"
