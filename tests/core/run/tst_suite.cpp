#include "core/run/suite.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <fstream>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

Json smallSuite()
{
    return Json::parse(R"({
        "lacuna_suite": 1, "id": "own", "title": "Own",
        "sets": [{"name": "forget", "file": "f.jsonl", "required": true},
                 {"name": "retain", "file": "r.jsonl"},
                 {"name": "quiz", "kind": "knowledge", "file": "q.jsonl", "examples": "e.jsonl"}]
    })");
}

void touch(const std::filesystem::path& path)
{
    std::ofstream(path) << "{\"question\": \"q\", \"answer\": \"a\"}\n";
}

std::vector<SuiteSource> sourcesOf(const Recipe& recipe)
{
    return suiteSources(parseSuite(smallSuite(), "own.json").value(), recipe).value();
}

} // namespace

class TestSuite : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theProgramsSuitesAskForWhatThereIs_data();
    void theProgramsSuitesAskForWhatThereIs();
    void aSetIsReadWhole();
    void whatIsWrongIsNamed_data();
    void whatIsWrongIsNamed();
    void aPersonsOwnFileIsASuite();
    void anUnknownNameListsTheKnownOnes();
    void whatIsNamedGoesBeforeTheFolderAndThatBeforeTheRecipe();
    void aRequiredSetWithoutAFileIsRefused();
    void anOptionalSetSaysWhyItIsMissing();
    void examplesLieBesideTheirQuestions();
    void aSetThatTheSuiteLacksIsRefused();
};

void TestSuite::theProgramsSuitesAskForWhatThereIs_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<int>("sets");
    QTest::newRow("tofu") << u"tofu"_s << 5;
    QTest::newRow("muse-news") << u"muse-news"_s << 5;
    QTest::newRow("muse-books") << u"muse-books"_s << 5;
    QTest::newRow("wmdp") << u"wmdp"_s << 4;
    QTest::newRow("truthfulqa") << u"truthfulqa"_s << 1;
    QTest::newRow("lacuna-sample") << u"lacuna-sample"_s << 5;
}

void TestSuite::theProgramsSuitesAskForWhatThereIs()
{
    QFETCH(QString, id);
    QFETCH(int, sets);
    const Suite suite = findSuite(id.toStdString()).value();
    QCOMPARE(shown(suite.id), id);
    QCOMPARE(int(suite.sets.size()), sets);
    QVERIFY(!suite.title.empty() && !suite.source.empty() && !suite.explanation.empty());
    for (const SuiteSet& set : suite.sets)
        QVERIFY2(!set.file.empty(), set.name.c_str());
}

void TestSuite::aSetIsReadWhole()
{
    Json document = smallSuite();
    document["sets"][0] = {{"name", "mine"},
                           {"kind", "choices"},
                           {"topic", "birds"},
                           {"generate", false},
                           {"membership", true},
                           {"gradient_norm", true},
                           {"max_samples", 7},
                           {"max_new_tokens", 8},
                           {"max_reference_tokens", 9},
                           {"shots", 3},
                           {"metrics", {"choice-accuracy"}}};
    const SuiteSet set = parseSuite(document, "own.json").value().sets.front();
    QVERIFY(set.kind == SetKind::Choices);
    QVERIFY(!set.generate && set.membership && set.gradientNorm && !set.required);
    QCOMPARE(shown(set.topic), u"birds"_s);
    QCOMPARE(set.maxSamples, 7);
    QCOMPARE(set.maxNewTokens, 8);
    QCOMPARE(set.maxReferenceTokens, 9);
    QCOMPARE(set.shots, 3);
    QCOMPARE(set.metrics, std::vector<std::string>{"choice-accuracy"});
}

void TestSuite::whatIsWrongIsNamed_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("version") << u"/lacuna_suite"_s << u"2"_s << u"version 2"_s;
    QTest::newRow("unknown key") << u"/sets/0/topics"_s << u"\"birds\""_s << u"topics"_s;
    QTest::newRow("kind") << u"/sets/0/kind"_s << u"\"quiz\""_s << u"answers, texts"_s;
    QTest::newRow("metric") << u"/sets/0/metrics"_s << u"[\"rogue-l\"]"_s << u"rouge-l"_s;
    QTest::newRow("summary") << u"/summaries"_s << u"[\"model-utilty\"]"_s << u"model-utility"_s;
    QTest::newRow("negative") << u"/sets/0/max_samples"_s << u"-1"_s << u"below 0"_s;
    QTest::newRow("the same name twice") << u"/sets/1/name"_s << u"\"forget\""_s << u"two sets"_s;
    QTest::newRow("no examples") << u"/sets/2/examples"_s << u"null"_s << u"to show"_s;
    QTest::newRow("no sets") << u"/sets"_s << u"[]"_s << u"no sets"_s;
    QTest::newRow("sets of a wrong type") << u"/sets"_s << u"3"_s << u"list of sets"_s;
    QTest::newRow("a set of a wrong type") << u"/sets/0"_s << u"\"forget\""_s << u"sets[0]"_s;
}

void TestSuite::whatIsWrongIsNamed()
{
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, says);
    Json document = smallSuite();
    document[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const Result<Suite> suite = parseSuite(document, "own.json");
    QVERIFY(!suite);
    QVERIFY2(shown(suite.error().text()).contains(says), suite.error().text().c_str());
}

void TestSuite::aPersonsOwnFileIsASuite()
{
    const TemporaryFolder folder;
    const auto path = folder.file("own.json");
    std::ofstream(path) << smallSuite().dump();
    QCOMPARE(shown(findSuite(path.string()).value().id), u"own"_s);
}

void TestSuite::anUnknownNameListsTheKnownOnes()
{
    const Result<Suite> suite = findSuite("tofoo");
    QVERIFY(!suite);
    QVERIFY(shown(suite.error().remedy).contains(u"tofu"_s));
}

void TestSuite::whatIsNamedGoesBeforeTheFolderAndThatBeforeTheRecipe()
{
    const TemporaryFolder folder;
    touch(folder.file("f.jsonl"));
    Recipe recipe;
    recipe.forget.path = "recipe-forget";
    recipe.retain.path = "recipe-retain";
    QCOMPARE(shown(sourcesOf(recipe)[0].corpus.path), u"recipe-forget"_s);
    recipe.evaluation.data = folder.file(".").string();
    QVERIFY(shown(sourcesOf(recipe)[0].corpus.path).endsWith(u"f.jsonl"_s));
    QCOMPARE(shown(sourcesOf(recipe)[1].corpus.path), u"recipe-retain"_s);
    recipe.evaluation.sets["forget"].path = "named";
    QCOMPARE(shown(sourcesOf(recipe)[0].corpus.path), u"named"_s);
}

void TestSuite::aRequiredSetWithoutAFileIsRefused()
{
    const auto sources = suiteSources(parseSuite(smallSuite(), "own.json").value(), Recipe{});
    QVERIFY(!sources);
    QVERIFY(shown(sources.error().message).contains(u"--set forget=FILE"_s));
}

void TestSuite::anOptionalSetSaysWhyItIsMissing()
{
    Recipe recipe;
    recipe.forget.path = "f";
    recipe.evaluation.data = "/nowhere";
    const SuiteSource retain = sourcesOf(recipe)[1];
    QVERIFY(retain.corpus.empty());
    QVERIFY(shown(retain.missing).contains(u"r.jsonl is not in /nowhere"_s));
}

void TestSuite::examplesLieBesideTheirQuestions()
{
    const TemporaryFolder folder;
    touch(folder.file("q.jsonl"));
    Recipe recipe;
    recipe.forget.path = "f";
    recipe.evaluation.sets["quiz"].path = folder.file("q.jsonl").string();
    QVERIFY(shown(sourcesOf(recipe)[2].missing).contains(u"e.jsonl"_s));
    touch(folder.file("e.jsonl"));
    QVERIFY(sourcesOf(recipe)[2].missing.empty());
    QVERIFY(shown(sourcesOf(recipe)[2].examples).endsWith(u"e.jsonl"_s));
}

void TestSuite::aSetThatTheSuiteLacksIsRefused()
{
    Recipe recipe;
    recipe.forget.path = "f";
    recipe.evaluation.sets["foget"].path = "x";
    const auto sources = suiteSources(parseSuite(smallSuite(), "own.json").value(), recipe);
    QVERIFY(!sources);
    QVERIFY(shown(sources.error().remedy).contains(u"forget, retain, quiz"_s));
}

QTEST_GUILESS_MAIN(TestSuite)
#include "tst_suite.moc"
