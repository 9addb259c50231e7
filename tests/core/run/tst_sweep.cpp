#include "core/run/sweep.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <limits>

using namespace lacuna;

namespace {

Result<Sweep> sweepOf(const char* grid, const std::vector<std::string>& assignments = {})
{
    const TemporaryFolder folder;
    Json document = {{"lacuna", 1},
                     {"model", "m"},
                     {"forget", "f.json"},
                     {"name", "grid"},
                     {"method", {{"id", "ga"}}}};
    if (grid)
        document["sweep"] = Json::parse(grid);
    writeBytes(folder.file("recipe.json"), document.dump());
    return readSweep(folder.file("recipe.json"), assignments);
}

} // namespace

class TestSweep : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRecipeWithoutOneIsOneRun();
    void everyCombinationIsThereOnce();
    void wholeMethodsMayVary();
    void casesSetSeveralValuesTogether();
    void assignmentsHoldForEveryPoint();
    void aBadSweepIsRefused_data();
    void aBadSweepIsRefused();
    void aBadPointIsRefused();
    void requestsFollowOneAnother();
    void badRequestsAreRefused_data();
    void badRequestsAreRefused();
    void aDraftMakesTheSameRunsAsItsFile_data();
    void aDraftMakesTheSameRunsAsItsFile();
    void aDraftStandsAtTheFirstValues();
    void theFrontIsWhatNothingBeats();
};

void TestSweep::aRecipeWithoutOneIsOneRun()
{
    const Sweep sweep = sweepOf(nullptr).value();
    QCOMPARE(sweep.points.size(), std::size_t{1});
    QVERIFY(sweep.group.empty() && sweep.points.front().label.empty());
    QCOMPARE(sweep.points.front().recipe.name, std::string("grid"));
}

void TestSweep::everyCombinationIsThereOnce()
{
    const Sweep sweep =
        sweepOf(R"({"seed": [1, 2, 3], "training.learning_rate": [1e-5, 2e-5]})").value();
    QCOMPARE(sweep.group, std::string("grid"));
    QCOMPARE(sweep.points.size(), std::size_t{6});
    QStringList labels;
    for (const SweepPoint& point : sweep.points) {
        labels.append(shown(point.label));
        QCOMPARE(point.recipe.name, "grid: " + point.label);
    }
    QCOMPARE(labels.join(u'|'),
             QStringLiteral("seed 1, learning_rate 1e-05|seed 1, learning_rate 2e-05|"
                            "seed 2, learning_rate 1e-05|seed 2, learning_rate 2e-05|"
                            "seed 3, learning_rate 1e-05|seed 3, learning_rate 2e-05"));
    QCOMPARE(sweep.points[3].recipe.seed, std::int64_t{2});
    QCOMPARE(sweep.points[3].recipe.training.learningRate, 2e-5);
}

void TestSweep::wholeMethodsMayVary()
{
    const Sweep sweep =
        sweepOf(R"({"method": [{"id": "ga"}, {"id": "npo", "beta": 0.5}]})").value();
    QCOMPARE(sweep.points[1].label, std::string("method npo beta 0.5"));
    QCOMPARE(sweep.points[1].recipe.method["beta"], Json(0.5));
}

void TestSweep::casesSetSeveralValuesTogether()
{
    const Sweep sweep = sweepOf(R"({"cases": [{"label": "slow", "training.learning_rate": 1e-6},
                                              {"method": {"id": "npo"}, "training.epochs": 3}],
                                    "seed": [1, 2]})")
                            .value();
    QCOMPARE(sweep.points.size(), std::size_t{4});
    QCOMPARE(sweep.points[1].label, std::string("slow, seed 2"));
    QCOMPARE(sweep.points[1].recipe.training.learningRate, 1e-6);
    QCOMPARE(sweep.points[2].label, std::string("npo, seed 1"));
    QCOMPARE(sweep.points[2].recipe.training.epochs, 3.0);
}

void TestSweep::assignmentsHoldForEveryPoint()
{
    const Sweep sweep = sweepOf(R"({"seed": [1, 2]})", {"training.steps=7", "name=other"}).value();
    QCOMPARE(sweep.group, std::string("other"));
    for (const SweepPoint& point : sweep.points)
        QCOMPARE(point.recipe.training.steps, std::int64_t{7});
}

void TestSweep::aBadSweepIsRefused_data()
{
    QTest::addColumn<QString>("grid");
    QTest::addColumn<QString>("message");
    QTest::newRow("a list") << "[1]"
                            << "the values of at least one key";
    QTest::newRow("nothing") << "{}"
                             << "the values of at least one key";
    QTest::newRow("one value") << R"({"seed": 3})"
                               << "\"seed\" needs a list";
    QTest::newRow("no values") << R"({"seed": []})"
                               << "\"seed\" needs a list";
    QTest::newRow("no case") << R"({"cases": [3]})"
                             << "is an object of keys and values";
    QTest::newRow("into a value") << R"({"name.inner": [1]})"
                                  << "leads into a value";
    const QString twenty = QStringLiteral("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]");
    QTest::newRow("too many")
        << QStringLiteral(R"({"a": %1, "b": %1, "c": %1, "d": %1})").arg(twenty)
        << "more than 10000 runs";
}

void TestSweep::aBadSweepIsRefused()
{
    QFETCH(QString, grid);
    QFETCH(QString, message);
    const Result<Sweep> sweep = sweepOf(qPrintable(grid));
    QVERIFY(!sweep);
    QCOMPARE(sweep.error().code, ErrorCode::InvalidArgument);
    QVERIFY2(shown(sweep.error().text()).contains(message), sweep.error().text().c_str());
}

void TestSweep::aBadPointIsRefused()
{
    const Result<Sweep> sweep = sweepOf(R"({"training.epochs": [1, -1]})");
    QVERIFY(!sweep);
    QVERIFY(shown(sweep.error().text()).contains(u"epochs"));
}

void TestSweep::requestsFollowOneAnother()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("recipe.json"), R"({"lacuna": 1, "name": "books", "model": "m",
        "method": {"id": "ssu"}, "forget": "none",
        "requests": [{"label": "first", "forget": "a.jsonl"},
                     {"label": "second", "seed": 3, "forget":
                         {"path": "b.txt", "prompt_words": 20, "answer_words": 30}}, {"forget": "c.jsonl"}]})");
    const Sweep sweep = readSweep(folder.file("recipe.json")).value();
    QVERIFY(sweep.sequence);
    QCOMPARE(sweep.group, std::string("books"));
    QCOMPARE(sweep.points.size(), std::size_t{3});
    QCOMPARE(sweep.points[1].recipe.name, std::string("books: request 2, second"));
    QCOMPARE(sweep.points[1].recipe.seed, std::int64_t{3});
    const Recipe third = requestRecipe(sweep, 2, "/runs/2/model");
    QCOMPARE(third.model, std::string("/runs/2/model"));
    QCOMPARE(third.origin, folder.file("m").string());
    QCOMPARE(third.earlier.size(), std::size_t{2});
    QCOMPARE(third.earlier[0].path, folder.file("a.jsonl").string());
    // As it was asked to be forgotten: cut into passages.
    QCOMPARE(third.earlier[1].path, folder.file("b.txt").string());
    QVERIFY((third.earlier[1].passages == PassageLengths{20, 30}));
    QCOMPARE(parseRecipe(Json::parse(third.toJson().dump()), {}).value().toJson().dump(),
             third.toJson().dump());
    const Recipe first = requestRecipe(sweep, 0, {});
    QVERIFY(first.origin.empty() && first.earlier.empty());
    QCOMPARE(first.model, folder.file("m").string());
}

void TestSweep::badRequestsAreRefused_data()
{
    QTest::addColumn<QString>("requests");
    QTest::newRow("no list") << R"({"forget": "a"})";
    QTest::newRow("nothing") << "[]";
    QTest::newRow("no case") << "[3]";
}

void TestSweep::badRequestsAreRefused()
{
    QFETCH(QString, requests);
    const TemporaryFolder folder;
    writeBytes(
        folder.file("recipe.json"),
        R"({"lacuna": 1, "model": "m", "forget": "f", "method": {"id": "ga"}, "requests": )" +
            requests.toStdString() + "}");
    const Result<Sweep> sweep = readSweep(folder.file("recipe.json"));
    QVERIFY(!sweep);
    QVERIFY(shown(sweep.error().context).contains(u"recipe"));
}

void TestSweep::aDraftMakesTheSameRunsAsItsFile_data()
{
    QTest::addColumn<QByteArray>("several");
    QTest::newRow("one run") << QByteArray("{}");
    QTest::newRow("grid") << QByteArray(
        R"({"sweep": {"training.learning_rate": [1e-5, 2e-5], "scope.layers": ["all", "0-1"]}})");
    QTest::newRow("cases") << QByteArray(
        R"({"sweep": {"cases": [{"label": "slow", "training.epochs": 9}, {"method": {"id": "npo"}},
                                {"retain": "r.jsonl"}], "seed": [1, 2]}})");
    QTest::newRow("methods") << QByteArray(
        R"({"sweep": {"method": [{"id": "ga"}, {"id": "npo", "beta": 0.5}]}})");
    QTest::newRow("requests") << QByteArray(
        R"({"requests": [{"forget": "a.jsonl"}, {"label": "b", "forget": {"path": "b.jsonl"}}]})");
}

void TestSweep::aDraftMakesTheSameRunsAsItsFile()
{
    QFETCH(const QByteArray, several);
    const TemporaryFolder folder;
    Json document = {
        {"lacuna", 1}, {"model", "m"}, {"forget", "f.json"}, {"method", {{"id", "ga"}}}};
    document.update(Json::parse(several.constData()));
    writeBytes(folder.file("grid.json"), document.dump());
    const Sweep wanted = readSweep(folder.file("grid.json")).value();
    // Written anew elsewhere, as a form saves it.
    const RecipeDraft draft = readDraft(folder.file("grid.json")).value();
    const Sweep made = parseSweep(Json::parse(draft.toJson().dump()), "/elsewhere", {}).value();
    QCOMPARE(made.group, wanted.group);
    QCOMPARE(made.sequence, wanted.sequence);
    QCOMPARE(made.points.size(), wanted.points.size());
    for (std::size_t i = 0; i < made.points.size(); ++i) {
        QCOMPARE(made.points[i].label, wanted.points[i].label);
        QCOMPARE(made.points[i].recipe.toJson().dump(), wanted.points[i].recipe.toJson().dump());
    }
}

void TestSweep::aDraftStandsAtTheFirstValues()
{
    const RecipeDraft draft =
        parseDraft({{"lacuna", 1},
                    {"model", "m"},
                    {"method", {{"id", "ga"}}},
                    {"requests", {{{"forget", "a.jsonl"}, {"seed", 7}}, {{"forget", "b.jsonl"}}}}},
                   "/data")
            .value();
    QCOMPARE(draft.recipe.forget.path, std::string("/data/a.jsonl")); // which every request sets
    QCOMPARE(draft.recipe.seed, Recipe().seed);                       // which only one does
    QCOMPARE(draft.several["requests"][1]["forget"], Json("/data/b.jsonl"));
}

void TestSweep::theFrontIsWhatNothingBeats()
{
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<bool> front = paretoFront({{.forget = 0.1, .retain = 0.9},
                                                 {.forget = 0.2, .retain = 0.8},
                                                 {.forget = 0.0, .retain = 0.5},
                                                 {.forget = 0.1, .retain = 0.9},
                                                 {.forget = kNan, .retain = 1.0}});
    QCOMPARE(front, (std::vector<bool>{true, false, true, true, false}));
}

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
