#include "core/base/json.h"
#include "core/metrics/rouge.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>

using namespace lacuna;

namespace {

constexpr double kTolerance = 1e-9;

bool near(const RougeScore& score, const Json& wanted)
{
    return std::abs(score.precision - wanted.at("precision").get<double>()) <= kTolerance &&
           std::abs(score.recall - wanted.at("recall").get<double>()) <= kTolerance &&
           std::abs(score.f1 - wanted.at("f1").get<double>()) <= kTolerance;
}

const Json& referencePairs()
{
    static const Json kPairs =
        readJsonFile(TEST_DATA_DIR "/metrics/rouge.json").value().at("pairs");
    return kPairs;
}

} // namespace

class TestRouge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aReferencePairIsReproduced_data();
    void aReferencePairIsReproduced();
    void pairsOfWordsAreCountedByHand_data();
    void pairsOfWordsAreCountedByHand();
    void publishedScoresAreReproduced_data();
    void publishedScoresAreReproduced();
    void textIsCutIntoTokens_data();
    void textIsCutIntoTokens();
    void aTextAgreesWithItself();
    void swappingTheSidesSwapsPrecisionAndRecall();
    void anEmptySideScoresZero();
};

void TestRouge::aReferencePairIsReproduced_data()
{
    QTest::addColumn<std::size_t>("index");
    QTest::addColumn<bool>("stem");
    for (std::size_t i = 0; i < referencePairs().size(); ++i) {
        QTest::addRow("pair %zu with stemming", i) << i << true;
        QTest::addRow("pair %zu without stemming", i) << i << false;
    }
}

void TestRouge::aReferencePairIsReproduced()
{
    QFETCH(std::size_t, index);
    QFETCH(bool, stem);
    const Json& pair = referencePairs().at(index);
    const Json& wanted = pair.at(stem ? "with_stemmer" : "without_stemmer");
    const Stemming stemming = stem ? Stemming::On : Stemming::Off;

    const auto target = rougeTokens(pair.at("target").get<std::string>(), stemming);
    const auto prediction = rougeTokens(pair.at("prediction").get<std::string>(), stemming);

    QCOMPARE(target, wanted.at("target_tokens").get<std::vector<std::string>>());
    QCOMPARE(prediction, wanted.at("prediction_tokens").get<std::vector<std::string>>());
    QVERIFY(near(rouge1(target, prediction), wanted.at("rouge1")));
    QVERIFY(near(rougeL(target, prediction), wanted.at("rougeL")));
}

void TestRouge::pairsOfWordsAreCountedByHand_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("prediction");
    QTest::addColumn<double>("precision");
    QTest::addColumn<double>("recall");
    QTest::newRow("the cat, on the, the mat of five each")
        << QByteArray("the cat sat on the mat") << QByteArray("the cat lay on the mat") << 3.0 / 5
        << 3.0 / 5;
    QTest::newRow("a repeated pair counts as often as the other side has it")
        << QByteArray("a b a b") << QByteArray("a b a b a b") << 3.0 / 5 << 1.0;
    QTest::newRow("the same words in another order share no pair")
        << QByteArray("a b c") << QByteArray("c b a") << 0.0 << 0.0;
    QTest::newRow("one word has no pair") << QByteArray("a") << QByteArray("a") << 0.0 << 0.0;
    QTest::newRow("a short prediction is precise")
        << QByteArray("one two three four five") << QByteArray("two three") << 1.0 << 1.0 / 4;
}

void TestRouge::pairsOfWordsAreCountedByHand()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, prediction);
    QFETCH(double, precision);
    QFETCH(double, recall);
    const RougeScore score = rouge2(rougeTokens(bytesOf(target), Stemming::Off),
                                    rougeTokens(bytesOf(prediction), Stemming::Off));
    QCOMPARE(score.precision, precision);
    QCOMPARE(score.recall, recall);
    QCOMPARE(score.f1, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
}

void TestRouge::publishedScoresAreReproduced_data()
{
    QTest::addColumn<QString>("entry");
    for (const char* entry :
         {"forget_Q_A_ROUGE", "retain_Q_A_ROUGE", "ra_Q_A_ROUGE", "wf_Q_A_ROUGE"})
        QTest::newRow(entry) << QString::fromLatin1(entry);
}

/// open-unlearning's log of a Llama holds the texts and its scores of them.
void TestRouge::publishedScoresAreReproduced()
{
    QFETCH(QString, entry);
    const std::filesystem::path path =
        SHARED_DIR "/data/open-unlearning-eval/llama-3.2-1b_retain90/TOFU_EVAL.json";
    if (!std::filesystem::exists(path))
        QSKIP("the logs are not beside the project");
    const Json log = readJsonFile(path).value();
    int compared = 0;
    for (const Json& sample : log.at(entry.toStdString()).at("value_by_index")) {
        const auto target = rougeTokens(sample.at("ground_truth").get<std::string>(), Stemming::On);
        const auto answer = rougeTokens(sample.at("generation").get<std::string>(), Stemming::On);
        const auto agrees = [&](double value, const char* key) {
            return std::abs(value - sample.at(key).get<double>()) <= kTolerance;
        };
        QVERIFY(agrees(rouge1(target, answer).recall, "rouge1_recall"));
        QVERIFY(agrees(rougeL(target, answer).recall, "rougeL_recall"));
        QVERIFY(agrees(rougeL(target, answer).f1, "rougeL_f1"));
        ++compared;
    }
    QVERIFY(compared >= 100);
}

void TestRouge::textIsCutIntoTokens_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("tokens");
    QTest::newRow("no text has none") << QByteArray() << QByteArray();
    QTest::newRow("punctuation has none") << QByteArray("?! -- ...") << QByteArray();
    QTest::newRow("signs and accents separate")
        << QByteArray("Yun-Hwa's caf\xC3\xA9 n\xC3\xA9") << QByteArray("yun|hwa|s|caf|n");
    QTest::newRow("three letters are not stemmed")
        << QByteArray("was ties") << QByteArray("was|tie");
    QTest::newRow("the Kelvin sign is a k") << QByteArray("\xE2\x84\xAAit") << QByteArray("kit");
    QTest::newRow("a dotted capital I is an i and a separator")
        << QByteArray("\xC4\xB0zmir") << QByteArray("i|zmir");
    QTest::newRow("malformed bytes separate") << QByteArray("a\xC4\xE2\x84z") << QByteArray("a|z");
}

void TestRouge::textIsCutIntoTokens()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, tokens);
    QByteArrayList got;
    for (const std::string& token : rougeTokens(bytesOf(text), Stemming::On))
        got << QByteArray::fromStdString(token);
    QCOMPARE(got.join('|'), tokens);
}

void TestRouge::aTextAgreesWithItself()
{
    const auto tokens = rougeTokens("The cat saw the other cat.", Stemming::On);
    for (const RougeScore& score :
         {rouge1(tokens, tokens), rouge2(tokens, tokens), rougeL(tokens, tokens)}) {
        QCOMPARE(score.precision, 1.0);
        QCOMPARE(score.recall, 1.0);
        QCOMPARE(score.f1, 1.0);
    }
}

void TestRouge::swappingTheSidesSwapsPrecisionAndRecall()
{
    const auto a = rougeTokens("a b c d a", Stemming::Off);
    const auto b = rougeTokens("a a c", Stemming::Off);
    for (const auto score : {&rouge1, &rouge2, &rougeL}) {
        QCOMPARE(score(a, b).precision, score(b, a).recall);
        QCOMPARE(score(a, b).recall, score(b, a).precision);
        QCOMPARE(score(a, b).f1, score(b, a).f1);
    }
}

void TestRouge::anEmptySideScoresZero()
{
    const std::vector<std::string> none;
    const std::vector<std::string> some = {"word"};
    for (const auto score : {&rouge1, &rouge2, &rougeL}) {
        QCOMPARE(score(none, some).f1, 0.0);
        QCOMPARE(score(some, none).f1, 0.0);
        QCOMPARE(score(none, none).f1, 0.0);
    }
}

QTEST_GUILESS_MAIN(TestRouge)
#include "tst_rouge.moc"
