#include "core/base/text.h"
#include "tests/core/guardrails/guardrail_bench.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <fstream>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// What of an answer comes through the filter while it is written.
class TestOutputFilter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPhraseIsNeverSeen_data();
    void aPhraseIsNeverSeen();
    void whatOnlyBeginsLikeAPhraseComesLater();
    void anEndDecides();
    void itLooksForWhatItIsGiven_data();
    void itLooksForWhatItIsGiven();
    void keywordsComeFromAFile();
    void whatTakesTooLongIsRefused();
    void whatCannotBeLookedForIsRefused_data();
    void whatCannotBeLookedForIsRefused();

private:
    GuardrailBench m_bench;
};

void TestOutputFilter::aPhraseIsNeverSeen_data()
{
    QTest::addColumn<QString>("answer");
    QTest::addColumn<int>("piece");
    const QString answer = u"She lives on Clapper  Hill, I think."_s;
    for (const int piece : {1, 2, 3, 7, 100})
        QTest::addRow("%d characters a token", piece) << answer << piece;
}

void TestOutputFilter::aPhraseIsNeverSeen()
{
    QFETCH(const QString, answer);
    QFETCH(const int, piece);
    const auto filter =
        m_bench.make({{"id", "output-filter"}, {"keywords", "clapper hill; Nimbold"}}).value();
    const std::string text = answer.toStdString();
    std::string seen;
    bool refused = false;
    for (std::size_t end = 0; !refused && end < text.size();) {
        end = std::min(text.size(), end + static_cast<std::size_t>(piece));
        const Guardrail::Sight sight = filter->look(text.substr(0, end), false);
        refused = sight.refused;
        const std::string shown = text.substr(0, sight.bytes);
        QVERIFY(refused || shown.starts_with(seen)); // nothing is taken back but all
        seen = shown;
        QVERIFY(seen.find("Clapper") == std::string::npos);
    }
    QVERIFY(refused);
    QCOMPARE(seen, std::string());
    QCOMPARE(filter->seen(text), std::string("I have no information about that."));
}

void TestOutputFilter::whatOnlyBeginsLikeAPhraseComesLater()
{
    const auto filter =
        m_bench.make({{"id", "output-filter"}, {"keywords", "Clapper Hill"}}).value();
    const auto seen = [&](const std::string& text) {
        const Guardrail::Sight sight = filter->look(text, false);
        return sight.refused ? "refused" : text.substr(0, sight.bytes);
    };
    QCOMPARE(seen("on Cla"), std::string("on "));
    QCOMPARE(seen("on Clapper"), std::string("on "));
    QCOMPARE(seen("on Clapper "), std::string("on "));
    QCOMPARE(seen("on Clapper Lane"), std::string("on Clapper Lane"));
    QCOMPARE(filter->seen("on Clapper"), std::string("on Clapper"));
}

void TestOutputFilter::anEndDecides()
{
    const auto filter =
        m_bench.make({{"id", "output-filter"}, {"regex", "(?<!\\w)cat(?!\\w)"}}).value();
    QCOMPARE(filter->look("a cat", false).bytes, std::size_t{2}); // it may be a category
    QVERIFY(!filter->look("a cat", false).refused);
    QCOMPARE(filter->look("a category", false).bytes, std::size_t{10});
    QVERIFY(filter->look("a cat ", false).refused);
    QVERIFY(filter->look("a cat", true).refused);
    QVERIFY(!filter->look("a tomcat", true).refused);
}

void TestOutputFilter::itLooksForWhatItIsGiven_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("answer");
    QTest::addColumn<bool>("refused");
    const QString words = uR"({"id": "output-filter", "keywords": "a.b; Marn"})"_s;
    QTest::newRow("any letter case") << words << u"MARN!"_s << true;
    QTest::newRow("a dot is a dot") << words << u"axb"_s << false;
    QTest::newRow("and found") << words << u"a.b"_s << true;
    const QString regex = uR"({"id": "output-filter", "regex": "b[aeiou]g"})"_s;
    QTest::newRow("regular expression") << regex << u"a bug"_s << true;
    QTest::newRow("that knows letter case") << regex << u"a BUG"_s << false;
    QTest::newRow("regular expression only") << regex << u"Ada"_s << false;
    const QString subjects = uR"({"id": "output-filter"})"_s;
    QTest::newRow("the subjects of the forget corpus") << subjects << u"ask Bo"_s << true;
    QTest::newRow("nothing else") << subjects << u"ask Cy"_s << false;
}

void TestOutputFilter::itLooksForWhatItIsGiven()
{
    QFETCH(const QString, spec);
    QFETCH(const QString, answer);
    const auto filter = m_bench.make(Json::parse(spec.toStdString())).value();
    QTEST(filter->look(answer.toStdString(), true).refused, "refused");
    QVERIFY(filter->watchesAnswers());
    QVERIFY(!filter->actsOnQuestionsOnly());
}

void TestOutputFilter::keywordsComeFromAFile()
{
    const TemporaryFolder folder;
    const auto file = folder.file("words.txt");
    std::ofstream(file) << "Lisk\n\n  Tar hythe \n";
    const Json spec = {
        {"id", "output-filter"}, {"keywords_file", file.string()}, {"refusal", "No."}};
    const auto filter = m_bench.make(spec).value();
    QCOMPARE(filter->seen("in tar\nhythe"), std::string("No."));
    QCOMPARE(filter->seen("in Marn"), std::string("in Marn"));
}

void TestOutputFilter::whatTakesTooLongIsRefused()
{
    const auto filter = m_bench.make({{"id", "output-filter"}, {"regex", "(a+)+[^a]"}}).value();
    const std::string text(60, 'a');
    QVERIFY(filter->look(text, true).refused);
}

void TestOutputFilter::whatCannotBeLookedForIsRefused_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("words");
    QTest::newRow("not a pattern")
        << uR"({"id": "output-filter", "regex": "("})"_s << u"output-filter.regex"_s;
    QTest::newRow("matches nothing at all")
        << uR"({"id": "output-filter", "regex": "a*"})"_s << u"without a character"_s;
    QTest::newRow("no such file")
        << uR"({"id": "output-filter", "keywords_file": "/nowhere/words"})"_s
        << u"/nowhere/words"_s;
    QTest::newRow("nothing given")
        << uR"({"id": "output-filter", "keywords": " ; "})"_s << u"nothing to look for"_s;
}

void TestOutputFilter::whatCannotBeLookedForIsRefused()
{
    QFETCH(const QString, spec);
    QFETCH(const QString, words);
    GuardrailBench bench;
    bench.hasForget = false;
    const auto made = bench.make(Json::parse(spec.toStdString()));
    QVERIFY(!made);
    const QString text = QString::fromStdString(made.error().text());
    QVERIFY2(text.contains(words), qPrintable(text));
}

LACUNA_TEST_MAIN(TestOutputFilter)
#include "tst_output_filter.moc"
