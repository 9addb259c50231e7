#include "core/base/json.h"
#include "core/metrics/porter_stemmer.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lacuna;

class TestPorterStemmer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyReferenceWordHasItsStem();
    void aRuleDecides_data();
    void aRuleDecides();
    void lettersOutsideAsciiSurvive();
    void aLongRunOfOneLetterEnds();
};

void TestPorterStemmer::everyReferenceWordHasItsStem()
{
    const Json stems = readJsonFile(TEST_DATA_DIR "/metrics/porter_stems.json").value();
    QVERIFY(stems.size() > 500);
    QStringList wrong;
    for (const auto& [word, stem] : stems.items())
        if (porterStem(word) != stem.get<std::string>())
            wrong << shown(word + ": " + porterStem(word) + ", not " + stem.get<std::string>());
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
}

void TestPorterStemmer::aRuleDecides_data()
{
    QTest::addColumn<QByteArray>("word");
    QTest::addColumn<QByteArray>("stem");
    const auto row = [](const char* name, const char* word, const char* stem) {
        QTest::newRow(name) << QByteArray(word) << QByteArray(stem);
    };
    row("the empty word stays", "", "");
    row("two letters stay", "as", "as");
    row("capitals are lowered", "RUNNING", "run");
    row("an irregular word has its own stem", "dying", "die");
    row("a short -ies keeps its e", "ties", "tie");
    row("a long -ies loses it", "ponies", "poni");
    row("a short -ied keeps its e", "died", "die");
    row("a long -ied loses it", "carried", "carri");
    row("-eed needs a syllable before it", "feed", "feed");
    row("-eed with one loses its d", "agreed", "agre");
    row("-ing needs a vowel before it", "sing", "sing");
    row("a doubled consonant is halved", "hopping", "hop");
    row("a doubled l is kept", "falling", "fall");
    row("a short word gets its e back", "filing", "file");
    row("y after a consonant becomes i", "happy", "happi");
    row("y after a vowel stays", "enjoy", "enjoy");
    row("y after the only letter stays", "byes", "bye");
    row("-alli is undone first", "rationally", "ration");
    row("-logi counts its l", "geology", "geolog");
    row("-ion needs s or t", "adoption", "adopt");
    row("-ion after another letter stays", "champion", "champion");
    row("a final double l is halved", "controll", "control");
}

void TestPorterStemmer::aRuleDecides()
{
    QFETCH(QByteArray, word);
    QFETCH(QByteArray, stem);
    QCOMPARE(shown(porterStem(bytesOf(word))), shown(bytesOf(stem)));
}

void TestPorterStemmer::lettersOutsideAsciiSurvive()
{
    QCOMPARE(shown(porterStem("caf\xC3\xA9s")), shown("caf\xC3\xA9"));
}

void TestPorterStemmer::aLongRunOfOneLetterEnds()
{
    const std::string word(200'000, 'y');
    QCOMPARE(porterStem(word).size(), word.size());
}

QTEST_GUILESS_MAIN(TestPorterStemmer)
#include "tst_porter_stemmer.moc"
