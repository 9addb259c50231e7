#include "core/metrics/direction.h"
#include "core/metrics/statistics.h"
#include "core/run/comparison.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <cmath>

using namespace lacuna;

namespace {

constexpr double kNone = Measurement::kUnknown;

const Quantity kForget{.set = "forget", .metric = "probability"};
const Quantity kRetain{.set = "retain", .metric = "probability"};

Evaluation measured(EvaluationPhase phase, std::int64_t step, const Quantity& of, double value)
{
    return {.step = step, .phase = phase, .set = of.set, .metric = of.metric, .value = value};
}

/// A run whose forget probability is the mean of \p values, of samples 0, 1, ...
ComparedRun sampled(const std::vector<double>& values, double value)
{
    Measurement one{.of = kForget, .latest = value};
    for (std::size_t i = 0; i < values.size(); ++i)
        one.samples.push_back(static_cast<std::int64_t>(i));
    one.values = values;
    ComparedRun run{.measured = {one}};
    run.run.forget = {.path = "/f.json"};
    return run;
}

ComparedRun withInterval(double value, double low, double high)
{
    ComparedRun run = sampled({}, value);
    run.measured.front().interval = {low, high};
    return run;
}

Run recipeRun(const std::string& recipe)
{
    return {.recipe = recipe};
}

std::vector<const RunSettings*> pointers(const std::vector<RunSettings>& all)
{
    std::vector<const RunSettings*> list;
    for (const RunSettings& one : all)
        list.push_back(&one);
    return list;
}

} // namespace

class TestComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Settings
    void settingsHaveDottedPaths_data();
    void settingsHaveDottedPaths();
    void defaultsOfARecipeAreWrittenOut();
    void aRecipeThatCannotBeReadIsTakenAsItStands();
    void onlyDifferencesAreListedUnlessAllAreAskedFor();
    void whatIsIgnoredIsLeftOutWithAllBelowIt_data();
    void whatIsIgnoredIsLeftOutWithAllBelowIt();
    void aSettingThatOneRunLacksDiffers();
    void deltasOfNumbersAreTakenFromThePinnedRun();
    // Measurements
    void theValueFromAfterTheRunCounts_data();
    void theValueFromAfterTheRunCounts();
    void theReferenceStandsBesideTheSetItIsOf_data();
    void theReferenceStandsBesideTheSetItIsOf();
    void standaloneValuesAreAQuantityOfTheirOwn();
    void utilityIsTheHarmonicMeanOfItsSets();
    // Differences
    void theSameSamplesGiveAPairedInterval();
    void samplesThatDoNotMatchGiveNone_data();
    void samplesThatDoNotMatchGiveNone();
    void twoIntervalsGiveOneOfTheirDifference();
    void whatWasMeasuredOnOtherDataSaysSo_data();
    void whatWasMeasuredOnOtherDataSaysSo();
    void aDifferenceIsReadByTheGoodDirection_data();
    void aDifferenceIsReadByTheGoodDirection();
    // Trade-off
    void theFrontFollowsTheDirections_data();
    void theFrontFollowsTheDirections();
    void aRunReadFromTheHistoryHasAllThatIsCompared();
};

void TestComparison::settingsHaveDottedPaths_data()
{
    QTest::addColumn<QByteArray>("recipe");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("a number") << QByteArray(R"({"x": {"y": 1e-5}})") << QByteArray("x.y")
                              << QByteArray("1e-05");
    QTest::newRow("a word") << QByteArray(R"({"x": {"y": "z"}})") << QByteArray("x.y")
                            << QByteArray("z");
    QTest::newRow("a list") << QByteArray(R"({"x": [1, "b"]})") << QByteArray("x")
                            << QByteArray(R"([1,"b"])");
    QTest::newRow("nothing in it")
        << QByteArray(R"({"x": {}})") << QByteArray("x") << QByteArray("{}");
    QTest::newRow("a control with a parameter")
        << QByteArray(R"({"controls": [{"id": "a"}, {"id": "b", "limit": 3}]})")
        << QByteArray("controls.b.limit") << QByteArray("3");
    QTest::newRow("a control without one")
        << QByteArray(R"({"controls": [{"id": "a"}, {"id": "b", "limit": 3}]})")
        << QByteArray("controls.a") << QByteArray("yes");
    QTest::newRow("the second of a name")
        << QByteArray(R"({"controls": [{"id": "a"}, {"id": "a", "limit": 3}]})")
        << QByteArray("controls.a-2.limit") << QByteArray("3");
}

void TestComparison::settingsHaveDottedPaths()
{
    QFETCH(QByteArray, recipe);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, text);
    const RunSettings settings = settingsOf(recipeRun(recipe.toStdString()));
    QVERIFY(settings.contains(path.toStdString()));
    QCOMPARE(settings.at(path.toStdString()).text, text.toStdString());
}

void TestComparison::defaultsOfARecipeAreWrittenOut()
{
    const RunSettings settings = settingsOf(
        recipeRun(R"({"lacuna": 1, "model": "/m", "forget": "/f.json", "method": {"id": "npo"}})"));
    QVERIFY(settings.contains("training.learning_rate"));
    QVERIFY(settings.at("training.learning_rate").number);
    QCOMPARE(settings.at("method.id").text, "npo");
    QCOMPARE(settings.at("forget.path").text, "/f.json");
}

void TestComparison::aRecipeThatCannotBeReadIsTakenAsItStands()
{
    QCOMPARE(settingsOf(recipeRun(R"({"of": "tomorrow"})")).at("of").text, "tomorrow");
    QVERIFY(settingsOf(recipeRun("no JSON")).empty());
}

void TestComparison::onlyDifferencesAreListedUnlessAllAreAskedFor()
{
    const std::vector<RunSettings> runs = {settingsOf(recipeRun(R"({"a": 1, "b": 2})")),
                                           settingsOf(recipeRun(R"({"a": 1, "b": 3})")),
                                           settingsOf(recipeRun(R"({"a": 1, "b": 2})"))};
    const std::vector<SettingRow> different = compareSettings(pointers(runs));
    QCOMPARE(different.size(), 1U);
    QCOMPARE(different.front().path, "b");
    QVERIFY(different.front().differs);
    const std::vector<SettingRow> all = compareSettings(pointers(runs), {.onlyDifferences = false});
    QCOMPARE(all.size(), 2U);
    QVERIFY(!all.front().differs);
}

void TestComparison::whatIsIgnoredIsLeftOutWithAllBelowIt_data()
{
    QTest::addColumn<QByteArray>("ignored");
    QTest::addColumn<int>("rows");
    QTest::newRow("nothing") << QByteArray("other") << 3;
    QTest::newRow("one") << QByteArray("t.a") << 2;
    QTest::newRow("a branch") << QByteArray("t") << 1;
    QTest::newRow("no half of a word") << QByteArray("t.ab") << 3;
}

void TestComparison::whatIsIgnoredIsLeftOutWithAllBelowIt()
{
    QFETCH(QByteArray, ignored);
    QFETCH(int, rows);
    const std::vector<RunSettings> runs = {
        settingsOf(recipeRun(R"({"t": {"a": 1, "b": 1}, "top": 1})")),
        settingsOf(recipeRun(R"({"t": {"a": 2, "b": 2}, "top": 2})"))};
    QCOMPARE(compareSettings(pointers(runs), {.ignored = {ignored.toStdString()}}).size(),
             static_cast<std::size_t>(rows));
}

void TestComparison::aSettingThatOneRunLacksDiffers()
{
    const std::vector<RunSettings> runs = {settingsOf(recipeRun(R"({"a": 1})")),
                                           settingsOf(recipeRun(R"({"a": 1, "b": 1})"))};
    const std::vector<SettingRow> rows = compareSettings(pointers(runs));
    QCOMPARE(rows.size(), 1U);
    QVERIFY(!rows.front().values.front());
    QVERIFY(!rows.front().delta(1, 0));
}

void TestComparison::deltasOfNumbersAreTakenFromThePinnedRun()
{
    const std::vector<RunSettings> runs = {settingsOf(recipeRun(R"({"a": 1, "b": "x"})")),
                                           settingsOf(recipeRun(R"({"a": 4, "b": "y"})"))};
    const std::vector<SettingRow> rows = compareSettings(pointers(runs));
    QCOMPARE(rows.at(0).delta(1, 0), std::optional(3.0));
    QCOMPARE(rows.at(0).delta(0, 1), std::optional(-3.0));
    QVERIFY(!rows.at(1).delta(1, 0)); // words
}

void TestComparison::theValueFromAfterTheRunCounts_data()
{
    QTest::addColumn<bool>("finished");
    QTest::addColumn<double>("latest");
    QTest::addColumn<int>("during");
    QTest::newRow("finished") << true << 0.1 << -1;
    QTest::newRow("interrupted") << false << 0.3 << 8;
}

void TestComparison::theValueFromAfterTheRunCounts()
{
    QFETCH(bool, finished);
    QFETCH(double, latest);
    QFETCH(int, during);
    std::vector<Evaluation> evaluations = {measured(EvaluationPhase::Before, 0, kForget, 0.9),
                                           measured(EvaluationPhase::During, 0, kForget, 0.91),
                                           measured(EvaluationPhase::During, 4, kForget, 0.5),
                                           measured(EvaluationPhase::During, 8, kForget, 0.3)};
    if (finished) // the store hands rows out by step: the last of the course may come after it
        evaluations.insert(evaluations.begin() + 3,
                           measured(EvaluationPhase::After, 8, kForget, 0.1));
    const std::vector<Measurement> rows = measurementsOf(evaluations);
    QCOMPARE(rows.size(), 1U);
    QCOMPARE(rows.front().before, 0.9);
    QCOMPARE(rows.front().latest, latest);
    QCOMPARE(static_cast<int>(rows.front().during.value_or(-1)), during);
}

void TestComparison::theReferenceStandsBesideTheSetItIsOf_data()
{
    QTest::addColumn<QByteArray>("set");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("a set") << QByteArray("forget") << QByteArray("-forget");
    QTest::newRow("all sets together") << QByteArray("") << QByteArray("");
}

void TestComparison::theReferenceStandsBesideTheSetItIsOf()
{
    QFETCH(QByteArray, set);
    QFETCH(QByteArray, named);
    const auto value = [&](const std::string& model, double known) {
        return measured(EvaluationPhase::Standalone, 8,
                        {.set = model.empty() ? set.toStdString() : model + named.toStdString(),
                         .metric = "probability"},
                        known);
    };
    const std::vector<Measurement> rows =
        measurementsOf({value("reference", 0.2), value("original", 0.9), value("", 0.1)});
    QCOMPARE(rows.size(), 1U);
    QCOMPARE(rows.front().of.set, set.toStdString());
    QCOMPARE(rows.front().reference, 0.2);
    QCOMPARE(rows.front().before, 0.9);
    QCOMPARE(rows.front().latest, 0.1);
}

void TestComparison::standaloneValuesAreAQuantityOfTheirOwn()
{
    const std::vector<Measurement> rows =
        measurementsOf({measured(EvaluationPhase::After, 8, kForget, 0.1),
                        measured(EvaluationPhase::Standalone, 8, kForget, 0.4)});
    QCOMPARE(rows.size(), 2U);
    QVERIFY(rows.at(1).of.standalone);
}

void TestComparison::utilityIsTheHarmonicMeanOfItsSets()
{
    const std::vector<Measurement> rows = measurementsOf(
        {measured(EvaluationPhase::After, 8, {.set = "utility-1", .metric = "probability"}, 0.5),
         measured(EvaluationPhase::After, 8, {.set = "utility-2", .metric = "probability"}, 1.0),
         measured(EvaluationPhase::Before, 0,
                  {.set = "reference-utility-1", .metric = "probability"}, 0.75)});
    QCOMPARE(rows.back().of.set, kUtilitySet);
    QVERIFY(std::abs(rows.back().latest - 2.0 / 3) < 1e-12); // 2 / (1/0.5 + 1/1)
    QCOMPARE(rows.back().reference, 0.75);
    QVERIFY(std::isnan(rows.back().before));
}

void TestComparison::theSameSamplesGiveAPairedInterval()
{
    // Differences of -0.4 +- 0.1: an independent interval would be as wide as the values spread.
    const ComparedRun pinned = sampled({0.9, 0.1, 0.8, 0.2}, 0.5);
    const ComparedRun run = sampled({0.4, -0.2, 0.5, -0.3}, 0.1);
    const MetricDelta delta = deltaFrom(pinned, run, kForget);
    QVERIFY(std::abs(delta.value + 0.4) < 1e-12);
    QCOMPARE(delta.basis, DeltaBasis::Paired);
    // Every resampled mean lies between the least and the greatest difference; with 4 ^ 4 equally
    // likely draws the 2.5 % tails end at means of one 0.3 or 0.5 more or less.
    QVERIFY(delta.interval->low >= -0.5 - 1e-12 && delta.interval->low < -0.4);
    QVERIFY(delta.interval->high <= -0.3 + 1e-12 && delta.interval->high > -0.4);
    QVERIFY(delta.isClear());
    const MetricDelta again = deltaFrom(pinned, run, kForget);
    QCOMPARE(again.interval->low, delta.interval->low); // the same draws
    const MetricDelta back = deltaFrom(run, pinned, kForget);
    QVERIFY(std::abs(back.value - 0.4) < 1e-12);
}

void TestComparison::samplesThatDoNotMatchGiveNone_data()
{
    QTest::addColumn<int>("change");
    QTest::newRow("other samples") << 0;
    QTest::newRow("one sample less") << 1;
    QTest::newRow("a value that is not the mean of its samples") << 2;
    QTest::newRow("a sample without a value") << 3;
    QTest::newRow("other data") << 4;
    QTest::newRow("no samples") << 5;
}

void TestComparison::samplesThatDoNotMatchGiveNone()
{
    QFETCH(int, change);
    const ComparedRun pinned = sampled({0.9, 0.1, 0.8, 0.2}, 0.5);
    ComparedRun run = sampled({0.4, -0.2, 0.5, -0.3}, 0.1);
    Measurement& one = run.measured.front();
    switch (change) {
    case 0:
        one.samples.back() = 9;
        break;
    case 1:
        one.samples.pop_back();
        one.values.pop_back();
        one.latest = 0.7 / 3;
        break;
    case 2:
        one.latest = 0.2;
        break;
    case 3:
        one.values.back() = kNone;
        break;
    case 4:
        run.run.forget.path = "/other.json";
        break;
    default:
        one.samples.clear();
        one.values.clear();
    }
    const MetricDelta delta = deltaFrom(pinned, run, kForget);
    QVERIFY(!delta.interval);
    QCOMPARE(delta.basis, DeltaBasis::None);
    QCOMPARE(delta.otherData, change == 4);
    QVERIFY(std::isfinite(delta.value));
}

void TestComparison::twoIntervalsGiveOneOfTheirDifference()
{
    // Zou and Donner 2008, eq. 7 by hand: 0.2 - sqrt(0.03^2 + 0.04^2), 0.2 + sqrt(0.12^2 + 0.05^2)
    const MetricDelta delta =
        deltaFrom(withInterval(0.5, 0.45, 0.54), withInterval(0.7, 0.67, 0.82), kForget);
    QCOMPARE(delta.basis, DeltaBasis::Independent);
    QVERIFY(std::abs(delta.interval->low - 0.15) < 1e-12);
    QVERIFY(std::abs(delta.interval->high - 0.33) < 1e-12);
}

void TestComparison::whatWasMeasuredOnOtherDataSaysSo_data()
{
    QTest::addColumn<QByteArray>("set");
    QTest::addColumn<bool>("same");
    QTest::newRow("the same hash in another place") << QByteArray("forget") << true;
    QTest::newRow("another hash in the same place") << QByteArray("retain") << false;
    QTest::newRow("neither has a hash nor a path") << QByteArray("holdout") << true;
    QTest::newRow("other utility sets") << QByteArray("utility-1") << false;
    QTest::newRow("the same suite") << QByteArray("world-facts") << true;
}

void TestComparison::whatWasMeasuredOnOtherDataSaysSo()
{
    QFETCH(QByteArray, set);
    QFETCH(bool, same);
    const auto make = [](const char* folder, const char* retain, const char* utility) {
        ComparedRun run;
        run.run = {.recipe = std::string(R"({"utility": [")") + utility +
                             R"("], "evaluation": {"suite": "default"}})",
                   .forget = {.path = std::string(folder) + "/f", .sha256 = "f"},
                   .retain = {.path = "/r", .sha256 = retain}};
        run.settings = settingsOf(run.run);
        return run;
    };
    QCOMPARE(sameData(make("/a", "1", "u"), make("/b", "2", "v"), set.toStdString()), same);
}

void TestComparison::aDifferenceIsReadByTheGoodDirection_data()
{
    QTest::addColumn<QByteArray>("set");
    QTest::addColumn<QByteArray>("metric");
    QTest::addColumn<double>("value");
    QTest::addColumn<bool>("clear");
    QTest::addColumn<int>("reading");
    const auto row = [](const char* name, const char* set, const char* metric, double value,
                        bool clear, DeltaReading reading) {
        QTest::newRow(name) << QByteArray(set) << QByteArray(metric) << value << clear
                            << static_cast<int>(reading);
    };
    row("less is known of the forget set", "forget", "probability", -0.2, true,
        DeltaReading::Better);
    row("less is known of the retain set", "retain", "probability", -0.2, true,
        DeltaReading::Worse);
    row("more utility", "", "model-utility", 0.1, true, DeltaReading::Better);
    row("a summary that is good in the middle", "", "privleak", 0.1, true, DeltaReading::Unknown);
    row("a loss on the forget set", "forget", "nll", 0.1, true, DeltaReading::Better);
    row("within its interval", "forget", "probability", -0.2, false, DeltaReading::Unclear);
    row("no difference", "forget", "probability", 0, false, DeltaReading::Same);
    row("not measured", "forget", "probability", kNone, true, DeltaReading::Unknown);
    row("a set without a direction", "holdout", "probability", -0.2, true, DeltaReading::Unknown);
    row("a metric that nobody knows", "forget", "charm", -0.2, true, DeltaReading::Unknown);
}

void TestComparison::aDifferenceIsReadByTheGoodDirection()
{
    QFETCH(QByteArray, set);
    QFETCH(QByteArray, metric);
    QFETCH(double, value);
    QFETCH(bool, clear);
    QFETCH(int, reading);
    const double half = clear ? std::abs(value) / 2 : 2 * std::abs(value) + 1;
    const MetricDelta delta{.value = value, .interval = Interval{value - half, value + half}};
    QCOMPARE(static_cast<int>(
                 readingOf(delta, {.set = set.toStdString(), .metric = metric.toStdString()})),
             reading);
}

void TestComparison::theFrontFollowsTheDirections_data()
{
    QTest::addColumn<bool>("lowerX");
    QTest::addColumn<bool>("higherY");
    QTest::addColumn<QList<int>>("front");
    // Corners of a square, its middle, and one that was not measured.
    QTest::newRow("lower and higher") << true << true << QList<int>{1};
    QTest::newRow("lower and lower") << true << false << QList<int>{0};
    QTest::newRow("higher and higher") << false << true << QList<int>{3};
    QTest::newRow("higher and lower") << false << false << QList<int>{2};
}

void TestComparison::theFrontFollowsTheDirections()
{
    QFETCH(bool, lowerX);
    QFETCH(bool, higherY);
    QFETCH(QList<int>, front);
    const std::vector<std::pair<double, double>> places = {{0, 0}, {0, 1},     {1, 0},
                                                           {1, 1}, {0.5, 0.5}, {0, kNone}};
    std::vector<ComparedRun> runs;
    for (const auto& [x, y] : places)
        runs.push_back({.measured = {{.of = kForget, .latest = x}, {.of = kRetain, .latest = y}}});
    std::vector<const ComparedRun*> list;
    for (const ComparedRun& run : runs)
        list.push_back(&run);
    const std::vector<TradeOff> points =
        tradeOffs(list, kForget, lowerX ? Direction::Lower : Direction::Higher, kRetain,
                  higherY ? Direction::Higher : Direction::Lower);
    QList<int> found;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].onFront)
            found << static_cast<int>(i);
    QCOMPARE(found, front);
    QCOMPARE(points.at(4).x, 0.5);
}

void TestComparison::aRunReadFromTheHistoryHasAllThatIsCompared()
{
    const TemporaryFolder folder;
    Store store = Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing).value();
    const RunId id = store.createRun({.name = "one", .recipe = R"({"a": 1})"}).value().id;
    Evaluation during = measured(EvaluationPhase::During, 4, kForget, 0.5);
    Evaluation after = measured(EvaluationPhase::After, 8, kForget, 0.25);
    after.interval = {0.2, 0.3};
    after.samples = {{.sample = 3, .value = 0.2}, {.sample = 5, .value = 0.3}};
    store.addEvaluations(id, std::vector{during, after}).value();
    store.appendSeries(id, std::vector<SeriesPoint>{{.step = 1, .key = "loss", .value = 2}})
        .value();
    store.addAnswers(id, std::vector<Answer>{{.step = 8, .prompt = "Who?", .text = "Nobody."}})
        .value();

    const ComparedRun run = readComparedRun(store, id, true).value();
    QCOMPARE(run.run.name, "one");
    QCOMPARE(run.settings.at("a").text, "1");
    QCOMPARE(run.curves.at("loss").values, std::vector<double>{2});
    QCOMPARE(run.curves.at("forget probability").steps, std::vector<std::int64_t>{4});
    QCOMPARE(run.answers.front().text, "Nobody.");
    const Measurement& one = *run.find(kForget);
    QCOMPARE(one.latest, 0.25);
    QCOMPARE(one.interval->high, 0.3);
    QCOMPARE(one.samples, (std::vector<std::int64_t>{3, 5}));
    QCOMPARE(one.values, (std::vector<double>{0.2, 0.3}));
    QVERIFY(readComparedRun(store, id, false).value().find(kForget)->values.empty());
    QCOMPARE(readComparedRun(store, 99, false).error().code, ErrorCode::NotFound);
}

QTEST_APPLESS_MAIN(TestComparison)
#include "tst_comparison.moc"
