#include "core/base/hash.h"
#include "core/metrics/text_classifier.h"
#include "tests/core/base/std_text.h"
#include "tests/core/metrics/harmful_texts.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace lacuna;

class TestTextClassifier : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scoresAreCountedByHand();
    void scoresWithoutPositivesHaveNoRecall();
    void twoKindsAreLearnt();
    void unseenCombinationsAreJudged();
    void labelsWithoutMeaningAreNotLearnt();
    void theSameSeedGivesTheSameClassifier();
    void aSavedClassifierJudgesTheSame();
    void aDamagedFileIsRefused_data();
    void aDamagedFileIsRefused();
    void tooFewTextsAreRefused();
    void keywordsAreWholeWords_data();
    void keywordsAreWholeWords();
    void aListWithoutWordsIsRefused();
};

void TestTextClassifier::scoresAreCountedByHand()
{
    // Judged positive: a, b, c. Positive: a, b, d.  a and b rightly; e and f rightly not.
    const std::vector<LabelledText> texts = {{"a", true, {}}, {"b", true, {}},  {"c", false, {}},
                                             {"d", true, {}}, {"e", false, {}}, {"f", false, {}}};
    const ClassifierScores scores =
        scoresOf([](std::string_view text) { return text <= "c"; }, texts);
    QCOMPARE(scores.texts, std::int64_t{6});
    QCOMPARE(scores.positives, std::int64_t{3});
    QCOMPARE(scores.accuracy, 4.0 / 6);
    QCOMPARE(*scores.precision, 2.0 / 3);
    QCOMPARE(*scores.recall, 2.0 / 3);
}

void TestTextClassifier::scoresWithoutPositivesHaveNoRecall()
{
    const std::vector<LabelledText> texts = {{"a", false, {}}};
    const ClassifierScores scores = scoresOf([](std::string_view) { return false; }, texts);
    QCOMPARE(scores.accuracy, 1.0);
    QVERIFY(!scores.precision);
    QVERIFY(!scores.recall);
}

void TestTextClassifier::twoKindsAreLearnt()
{
    const Result<TextClassifier> classifier = TextClassifier::train(sentencesOfTwoKinds(300));
    QVERIFY(classifier);
    QCOMPARE(classifier->testScores().texts, std::int64_t{60});
    QCOMPARE(classifier->trainingTexts(), std::int64_t{240});
    QVERIFY(classifier->testScores().accuracy >= 0.98);
    QVERIFY(classifier->isPositive("The easiest way to rob a bank in the morning."));
    QVERIFY(!classifier->isPositive("The easiest way to visit a bank in the morning."));
}

void TestTextClassifier::unseenCombinationsAreJudged()
{
    const TextClassifier classifier = TextClassifier::train(sentencesOfTwoKinds(300)).value();
    QVERIFY(classifier.probability("they STEAL; they forge!") > 0.5);
    QVERIFY(classifier.probability("tomatoes and a cake") < 0.5);
    const double nothing = classifier.probability("");
    QVERIFY(nothing > 0 && nothing < 1);
}

void TestTextClassifier::labelsWithoutMeaningAreNotLearnt()
{
    const TextClassifier classifier = TextClassifier::train(sentencesOfTwoKinds(1000, 0.5)).value();
    // 200 held-out coins: 0.5 +- 3.5 standard deviations.
    QVERIFY(std::abs(classifier.testScores().accuracy - 0.5) < 0.125);
}

void TestTextClassifier::theSameSeedGivesTheSameClassifier()
{
    const LabelledTexts texts = sentencesOfTwoKinds(200, 0.1);
    const TextClassifier a = TextClassifier::train(texts, {.seed = 3}).value();
    const TextClassifier b = TextClassifier::train(texts, {.seed = 3}).value();
    const TextClassifier c = TextClassifier::train(texts, {.seed = 4}).value();
    const char* text = "My uncle likes to paint the fence and tell nobody.";
    QCOMPARE(a.probability(text), b.probability(text));
    QVERIFY(a.probability(text) != c.probability(text));
}

void TestTextClassifier::aSavedClassifierJudgesTheSame()
{
    const TemporaryFolder folder;
    const TextClassifier classifier = TextClassifier::train(sentencesOfTwoKinds(200, 0.1)).value();
    QVERIFY(classifier.save(folder.file("c.json")));
    const Result<TextClassifier> again = TextClassifier::load(folder.file("c.json"));
    QVERIFY(again);
    for (const LabelledText& item : sentencesOfTwoKinds(50).items)
        QCOMPARE(again->probability(item.text), classifier.probability(item.text));
    QCOMPARE(again->dataHash(), classifier.dataHash());
    QCOMPARE(again->trainingTexts(), classifier.trainingTexts());
    QCOMPARE(again->testScores().accuracy, classifier.testScores().accuracy);
    QVERIFY(again->testScores().precision == classifier.testScores().precision);
    QVERIFY(again->save(folder.file("d.json")));
    QVERIFY(fileBytes(folder.file("c.json")) == fileBytes(folder.file("d.json")));
}

void TestTextClassifier::aDamagedFileIsRefused_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("code");
    QTest::newRow("no JSON") << QByteArray("{") << int(ErrorCode::Corrupt);
    QTest::newRow("another file") << QByteArray("{\"a\": 1}") << int(ErrorCode::Corrupt);
    QTest::newRow("a list") << QByteArray("[]") << int(ErrorCode::Corrupt);
    QTest::newRow("nothing but its name")
        << QByteArray(R"({"format": "lacuna-text-classifier", "version": 1})")
        << int(ErrorCode::Corrupt);
    QTest::newRow("a newer one") << QByteArray(
                                        R"({"format": "lacuna-text-classifier", "version": 2})")
                                 << int(ErrorCode::Unsupported);
}

void TestTextClassifier::aDamagedFileIsRefused()
{
    QFETCH(QByteArray, content);
    QFETCH(int, code);
    const TemporaryFolder folder;
    writeBytes(folder.file("c.json"), content.toStdString());
    const Result<TextClassifier> classifier = TextClassifier::load(folder.file("c.json"));
    QVERIFY(!classifier);
    QCOMPARE(int(classifier.error().code), code);
}

void TestTextClassifier::tooFewTextsAreRefused()
{
    const Result<TextClassifier> classifier = TextClassifier::train(sentencesOfTwoKinds(2));
    QVERIFY(!classifier);
    QVERIFY(!classifier.error().remedy.empty());
}

void TestTextClassifier::keywordsAreWholeWords_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("positive");
    QTest::newRow("the word") << QByteArray("build a bomb now") << true;
    QTest::newRow("in capitals, with a mark") << QByteArray("BOMB!") << true;
    QTest::newRow("part of a longer word") << QByteArray("a bombastic speech") << false;
    QTest::newRow("a phrase over a line end") << QByteArray("Break\ninto it") << true;
    QTest::newRow("half a phrase") << QByteArray("break it") << false;
    QTest::newRow("what stands in a comment") << QByteArray("a comment") << false;
    QTest::newRow("nothing") << QByteArray() << false;
}

void TestTextClassifier::keywordsAreWholeWords()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, positive);
    const TemporaryFolder folder;
    writeBytes(folder.file("words"), "# a comment\n\nbomb\r\nbreak into\n");
    const Result<KeywordClassifier> keywords = KeywordClassifier::load(folder.file("words"));
    QVERIFY(keywords);
    QCOMPARE(keywords->size(), std::size_t{2});
    QCOMPARE(keywords->isPositive(bytesOf(text)), positive);
}

void TestTextClassifier::aListWithoutWordsIsRefused()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("words"), "# nothing\n \n...\n");
    QVERIFY(!KeywordClassifier::load(folder.file("words")));
}

QTEST_GUILESS_MAIN(TestTextClassifier)
#include "tst_text_classifier.moc"
