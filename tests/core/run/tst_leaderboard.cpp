#include "core/run/leaderboard.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

struct MadeRun {
    const char* name;
    double quality; ///< NaN: missing
    double seconds;
    RunState state = RunState::Done;
};

Evaluation measured(EvaluationPhase phase, const char* set, const char* metric, double value)
{
    return {.phase = phase, .set = set, .metric = metric, .value = value, .count = 2};
}

RunId addRun(Store& store, const MadeRun& made, const std::string& group,
             const std::string& reference = {}, const std::string& original = {},
             const std::string& method = "npo")
{
    Json recipe = Json::object();
    if (!reference.empty())
        recipe["reference"] = reference;
    if (!original.empty())
        recipe["model"] = original;
    const Run run =
        store
            .createRun(
                {.name = made.name, .recipe = recipe.dump(), .method = method, .group = group})
            .value();
    std::vector<Evaluation> evaluations = {
        measured(EvaluationPhase::Before, "forget", "probability", 0.9),
        measured(EvaluationPhase::Before, "reference-forget", "probability", 0.2),
        measured(EvaluationPhase::Before, "reference-", "forget-quality", 1),
        measured(EvaluationPhase::After, "forget", "probability", 0.3)};
    Evaluation quality = measured(EvaluationPhase::After, "", "forget-quality", made.quality);
    quality.interval = {0.1, 0.4};
    if (std::isnan(made.quality))
        quality.missing = "no truth ratios; evaluate on the perturbed file";
    evaluations.push_back(quality);
    store.addEvaluations(run.id, evaluations).value();
    store
        .endRun(run.id,
                {.state = made.state, .summary = Json{{"training_seconds", made.seconds}}.dump()})
        .value();
    return run.id;
}

void summarise(Store& store, RunId run, const Json& summary)
{
    store.endRun(run, {.state = RunState::Done, .summary = summary.dump()}).value();
}

Store newStore(const TemporaryFolder& folder)
{
    return std::move(Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing)).value();
}

} // namespace

class TestLeaderboard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBestForgetQualityStandsFirst();
    void valuesComeWithIntervalOrReason();
    void theWorstAttackIsThatOfEachModel();
    void retrainingIsFoundByTheReferencesFolder();
    void retrainingCanBeNamed();
    void retrainingIsEstimatedAndSaidToBe();
    void anUnlearnedOriginalTellsNothingOfTraining();
    void aLinkLeadsToTheRunThatMadeTheReference();
    void aGroupWithoutAFinishedRunIsRefused();
};

void TestLeaderboard::theBestForgetQualityStandsFirst()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    addRun(store, {"weak", 1e-9, 10}, "g");
    addRun(store, {"broken", std::nan(""), 10}, "g");
    addRun(store, {"g: good", 0.4, 10}, "g");
    addRun(store, {"failed", 0.9, 10, RunState::Failed}, "g");
    addRun(store, {"of another group", 0.9, 10}, "h");
    const Leaderboard board = readLeaderboard(store, "g").value();
    QStringList names;
    for (const LeaderboardRow& row : board.rows)
        names << shown(row.name);
    QCOMPARE(names, (QStringList{u"original"_s, u"reference, retrained"_s, u"good"_s, u"weak"_s,
                                 u"broken"_s}));
}

void TestLeaderboard::valuesComeWithIntervalOrReason()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    addRun(store, {"good", 0.4, 10}, "g");
    const Leaderboard board = readLeaderboard(store, "g").value();
    const auto column = [](const char* metric) {
        const auto columns = leaderboardColumns();
        return static_cast<std::size_t>(
            std::ranges::find_if(columns,
                                 [&](const LeaderboardColumn& one) {
                                     return std::string_view(one.metric) == metric &&
                                            std::string_view(one.set) != "retain";
                                 }) -
            columns.begin());
    };
    const LeaderboardRow& good = board.rows.at(2);
    QCOMPARE(good.values[column("forget-quality")].value, 0.4);
    QCOMPARE(good.values[column("forget-quality")].interval->high, 0.4);
    QCOMPARE(good.values[column("probability")].value, 0.3);
    QCOMPARE(board.rows[0].values[column("probability")].value, 0.9);
    QCOMPARE(board.rows[1].values[column("probability")].value, 0.2);
    QCOMPARE(board.rows[1].values[column("forget-quality")].value, 1.0);
    QVERIFY(std::isnan(good.values[column("model-utility")].value));
    QVERIFY(!good.values[column("model-utility")].missing.empty());
    const OrderedJson json = toJson(board);
    QVERIFY(json["rows"][2]["values"][column("model-utility")]["value"].is_null());
    QCOMPARE(json["rows"][2]["values"][0]["interval"][0].get<double>(), 0.1);
}

void TestLeaderboard::theWorstAttackIsThatOfEachModel()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    const RunId run = addRun(store, {"good", 0.4, 10}, "g");
    const auto result = [](const char* attack, ModelRole role, double value) {
        return StressResult{.attack = attack,
                            .settings = "{}",
                            .role = role,
                            .metric = "rouge-l",
                            .value = value,
                            .interval = Interval{value - 0.1, value + 0.1},
                            .count = 3};
    };
    store
        .addStressResults(
            run,
            std::vector<StressResult>{result("prefix", ModelRole::Current, 0.2),
                                      result("relearning", ModelRole::Current, 0.7),
                                      result("relearning", ModelRole::Original, 0.99),
                                      result("quantisation", ModelRole::Current, std::nan(""))})
        .value();
    const Leaderboard board = readLeaderboard(store, "g").value();
    QCOMPARE(board.rows[2].stressWorst.value(), 0.7);
    QCOMPARE(board.rows[2].stressInterval->low, 0.7 - 0.1);
    QCOMPARE(board.rows[0].stressWorst.value(), 0.99);
    QVERIFY(!board.rows[1].stressWorst);
}

void TestLeaderboard::retrainingIsFoundByTheReferencesFolder()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    const RunId maker = addRun(store, {"retrained", 0.1, 200}, "");
    store.setFolder(maker, "/models/made").value();
    addRun(store, {"good", 0.4, 10}, "g", "/models/made/model");
    const Leaderboard board = readLeaderboard(store, "g").value();
    QCOMPARE(board.rows[1].seconds.value(), 200.0);
    QCOMPARE(board.rows[2].retrainRatio.value(), 0.05);
}

void TestLeaderboard::retrainingCanBeNamed()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    addRun(store, {"retrained", 0.1, 100}, "");
    addRun(store, {"good", 0.4, 10}, "g");
    QVERIFY(!readLeaderboard(store, "g").value().rows[2].retrainRatio);
    const Leaderboard board = readLeaderboard(store, "g", {.run = "retrained"}).value();
    QCOMPARE(board.rows[2].retrainRatio.value(), 0.1);
    QVERIFY(!board.estimated);
    QVERIFY(!readLeaderboard(store, "g", {.run = "nobody"}));
}

void TestLeaderboard::retrainingIsEstimatedAndSaidToBe()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    const RunId maker = addRun(store, {"learned all", 0.1, 300}, "", {}, {}, "finetune");
    store.setFolder(maker, "/models/made").value();
    summarise(store, maker, {{"training_seconds", 300}, {"forget_tokens", 1000}});
    const RunId run = addRun(store, {"good", 0.4, 10}, "g", {}, "/models/made/model");
    summarise(store, run,
              {{"training_seconds", 10}, {"trained_tokens", 500}, {"retain_tokens", 900}});
    // Nine tenths of what the original took.
    const Leaderboard alike = readLeaderboard(store, "g").value();
    QVERIFY(alike.estimated && toJson(alike)["retraining_is_estimated"].get<bool>());
    QCOMPARE(alike.rows[1].seconds.value(), 270.0);
    // 5 times 900 tokens at 50 a second.
    const Leaderboard paced = readLeaderboard(store, "g", {.passes = 5}).value();
    QVERIFY(paced.estimated);
    QCOMPARE(paced.rows[1].seconds.value(), 90.0);
    QCOMPARE(paced.rows[2].retrainRatio.value(), 10.0 / 90.0);
    QVERIFY(shown(paced.retraining).contains(u"estimated"_s));
}

void TestLeaderboard::anUnlearnedOriginalTellsNothingOfTraining()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    const RunId before = addRun(store, {"forgot the first", 0.1, 3}, "");
    store.setFolder(before, "/models/made").value();
    summarise(store, before, {{"training_seconds", 3}, {"forget_tokens", 10}});
    const RunId run = addRun(store, {"good", 0.4, 10}, "g", {}, "/models/made/model");
    summarise(store, run, {{"training_seconds", 10}, {"retain_tokens", 900}});
    const Leaderboard board = readLeaderboard(store, "g").value();
    QVERIFY(!board.estimated && !board.rows[1].seconds);
}

void TestLeaderboard::aLinkLeadsToTheRunThatMadeTheReference()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    const RunId maker = addRun(store, {"retrained", 0.1, 200}, "");
    std::filesystem::create_directories(folder.file("made") / "model");
    store.setFolder(maker, folder.file("made").string()).value();
    std::filesystem::create_directory_symlink(folder.file("made"), folder.file("reference"));
    addRun(store, {"good", 0.4, 10}, "g", (folder.file("reference") / "model").string());
    QCOMPARE(readLeaderboard(store, "g").value().rows[1].seconds.value(), 200.0);
}

void TestLeaderboard::aGroupWithoutAFinishedRunIsRefused()
{
    const TemporaryFolder folder;
    Store store = newStore(folder);
    addRun(store, {"failed", 0.9, 10, RunState::Failed}, "g");
    const auto board = readLeaderboard(store, "g");
    QVERIFY(!board);
    QCOMPARE(board.error().code, ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestLeaderboard)
#include "tst_leaderboard.moc"
