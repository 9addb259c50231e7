#include "core/corpora/passages.h"
#include "core/corpora/tokenise.h"
#include "tests/core/base/std_text.h"
#include "tests/core/corpora/fake_tokenizer.h"

#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestPassages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTextIsCutInOrder_data();
    void aTextIsCutInOrder();
    void everyCharacterStaysInItsPlace();
    void rowsAreTheLinesWherePassagesBegin();
    void otherSamplesStay();
    void aTextThatIsTooShortIsRefused();
    void onlyTheEndOfATextEndsInEos();
};

namespace {

Corpus bookOf(const std::string& text)
{
    return {.path = "book.txt",
            .format = "text",
            .samples = {{.kind = SampleKind::Text, .answer = text, .row = 1}}};
}

} // namespace

void TestPassages::aTextIsCutInOrder_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("passages"); // prompt|answer
    QTest::newRow("exactly two") << "a b c d e f g h i j"
                                 << QStringList{u"a b| c d e"_s, u"f g| h i j"_s};
    QTest::newRow("a rest with most of a continuation")
        << "a b c d e f g h i" << QStringList{u"a b| c d e"_s, u"f g| h i"_s};
    QTest::newRow("a rest that is too short") << "a b c d e f g h" << QStringList{u"a b| c d e"_s};
    QTest::newRow("spaces at both ends") << "  a b c d e\n" << QStringList{u"a b| c d e"_s};
}

void TestPassages::aTextIsCutInOrder()
{
    QFETCH(QString, text);
    QFETCH(QStringList, passages);
    Corpus corpus = bookOf(text.toStdString());
    QVERIFY(cutPassages(corpus, {2, 3}));
    QStringList found;
    for (const RawSample& sample : corpus.samples) {
        QVERIFY(sample.kind == SampleKind::Completion);
        found << shown(sample.prompt) + QLatin1Char('|') + shown(sample.answer);
    }
    QCOMPARE(found, passages);
}

void TestPassages::everyCharacterStaysInItsPlace()
{
    const std::string text = "One\ttwo  three\n\nfour five,  six seven\neight.";
    Corpus corpus = bookOf(text);
    QVERIFY(cutPassages(corpus, {2, 2}));
    std::size_t from = 0;
    for (const RawSample& sample : corpus.samples) {
        const std::string passage = sample.prompt + sample.answer;
        const std::size_t at = text.find(passage, from);
        QVERIFY2(at != std::string::npos, passage.c_str());
        QVERIFY(text.find_first_not_of(" \t\n", from) == at); // only white space lies between
        from = at + passage.size();
    }
    QCOMPARE(from, text.size());
}

void TestPassages::rowsAreTheLinesWherePassagesBegin()
{
    Corpus corpus = bookOf("a b\nc d\n\ne f g h");
    QVERIFY(cutPassages(corpus, {2, 2}));
    QCOMPARE(corpus.samples.size(), std::size_t{2});
    QCOMPARE(corpus.samples[0].row, std::int64_t{1});
    QCOMPARE(corpus.samples[1].row, std::int64_t{4});
    // In other files a line within a text is no line of the file.
    Corpus rows = bookOf("a b\nc d\n\ne f g h");
    rows.format = "jsonl";
    rows.samples.front().row = 7;
    QVERIFY(cutPassages(rows, {2, 2}));
    QCOMPARE(rows.samples[1].row, std::int64_t{7});
}

void TestPassages::otherSamplesStay()
{
    Corpus corpus = bookOf("a b c d");
    corpus.samples.push_back(
        {.kind = SampleKind::QuestionAnswer, .prompt = "Who?", .answer = "Alice."});
    QVERIFY(cutPassages(corpus, {2, 2}));
    QCOMPARE(corpus.samples.size(), std::size_t{2});
    QVERIFY(corpus.samples.back().kind == SampleKind::QuestionAnswer);
}

void TestPassages::aTextThatIsTooShortIsRefused()
{
    Corpus corpus = bookOf("a b c");
    const Status status = cutPassages(corpus, {200, 200});
    QVERIFY(!status);
    QCOMPARE(shown(status.error().context), shown("book.txt"));
    QVERIFY(!status.error().remedy.empty());
}

void TestPassages::onlyTheEndOfATextEndsInEos()
{
    Corpus corpus = bookOf("a b c d e f g h");
    QVERIFY(cutPassages(corpus, {2, 2}));
    const FakeTokenizer tokenizer;
    const TokenisedCorpus tokens = tokenise(corpus, tokenizer, {}).value();
    QCOMPARE(tokens.samples.size(), std::size_t{2});
    QVERIFY(!tokens.samples[0].endsWithEos);
    QVERIFY(tokens.samples[1].endsWithEos);
}

QTEST_GUILESS_MAIN(TestPassages)
#include "tst_passages.moc"
