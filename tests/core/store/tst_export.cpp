#include "core/store/export.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <limits>

using namespace lacuna;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Store opened(const TemporaryFolder& folder)
{
    return std::move(Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing)).value();
}

RunId added(Store& store)
{
    return store.createRun({.name = "a", .recipe = R"({"z": 1, "a": [2]})", .tags = {"t"}})
        .value()
        .id;
}

} // namespace

class TestExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunAsJsonHasEverything();
    void textsThatAreNotUtf8CanBeWritten();
    void seriesBecomeATable();
    void aRunWithoutSeriesIsATableWithoutRows();
    void aPhaseIsItsLastStep();
    void aMissingRunIsNotFound();
};

void TestExport::aRunAsJsonHasEverything()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const Run parent = store.run(added(store)).value();
    const RunId id = store
                         .createRun({.name = "b",
                                     .recipe = R"({"z": 1, "a": [2]})",
                                     .parent = parent.id,
                                     .tags = {"t"}})
                         .value()
                         .id;
    QVERIFY(store.appendSeries(id, std::vector<SeriesPoint>{{1, "loss", 0.5}, {2, "loss", kNan}}));
    QVERIFY(store.addEvaluations(
        id,
        std::vector<Evaluation>{{.step = 2,
                                 .set = "forget",
                                 .metric = "m",
                                 .value = kNan,
                                 .count = 1,
                                 .samples = {{.sample = 0, .value = 1, .extra = "{\"x\":1}"}}}}));
    QVERIFY(
        store.addAnswers(id, std::vector<Answer>{{.prompt = "p", .text = "t", .tokens = "[1]"}}));
    QVERIFY(store.addInterruption(id, {.step = 1, .kind = InterruptionKind::Killed}));
    QVERIFY(store.addArtefact(id, {"model", "m"}));

    const OrderedJson all = runToJson(store, id).value();
    QCOMPARE(all["lacuna_run"].get<int>(), 1);
    QCOMPARE(shown(all["run"]["name"].get<std::string>()), shown("b"));
    QCOMPARE(shown(all["run"]["state"].get<std::string>()), shown("prepared"));
    QCOMPARE(shown(all["run"]["parent"].get<std::string>()), shown(parent.uid));
    QCOMPARE(shown(all["run"]["recipe"].dump()), shown(R"({"z":1,"a":[2]})"));
    QVERIFY(all["run"]["summary"].is_null() && all["run"]["ended_at"].is_null());
    QCOMPARE(shown(all["run"]["tags"].dump()), shown(R"(["t"])"));
    QCOMPARE(shown(all["series"].dump()), shown(R"({"loss":{"steps":[1,2],"values":[0.5,null]}})"));
    QCOMPARE(
        shown(all["evaluations"].dump()),
        shown(R"([{"step":2,"phase":"during","set":"forget","metric":"m","variant":"",)"
              R"("value":null,"count":1,"samples":[{"index":0,"value":1.0,"extra":{"x":1}}]}])"));
    QCOMPARE(shown(all["answers"].dump()),
             shown(R"([{"step":0,"prompt":"p","role":"current","text":"t","tokens":[1]}])"));
    QCOMPARE(shown(all["interruptions"][0]["kind"].get<std::string>()), shown("killed"));
    QCOMPARE(shown(all["artefacts"].dump()),
             shown(R"([{"kind":"model","path":"m","step":null,"bytes":0,"sha256":""}])"));
}

void TestExport::textsThatAreNotUtf8CanBeWritten()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store);
    QVERIFY(store.rename(id, "bad \xff name"));
    QVERIFY(store.addAnswers(
        id, std::vector<Answer>{{.prompt = "p", .text = "cut \xc3", .tokens = "\"\xc3\""}}));
    const std::string text = runToJson(store, id).value().dump();
    QVERIFY(text.find("bad \xef\xbf\xbd name") != std::string::npos);
    QVERIFY(text.find("cut \xef\xbf\xbd") != std::string::npos);
}

void TestExport::seriesBecomeATable()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store);
    QVERIFY(store.appendSeries(id, std::vector<SeriesPoint>{{2, "forget_nll", 0.1},
                                                            {10, "forget_nll", kNan},
                                                            {2, "retain \"x\", y", 3},
                                                            {3, "zeta", 1e-20}}));
    QCOMPARE(shown(seriesToCsv(store, id).value()), shown("step,forget_nll,\"retain \"\"x\"\", y\","
                                                          "zeta\n"
                                                          "2,0.1,3,\n"
                                                          "3,,,1e-20\n"
                                                          "10,nan,,\n"));
}

void TestExport::aRunWithoutSeriesIsATableWithoutRows()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    QCOMPARE(shown(seriesToCsv(store, added(store)).value()), shown("step\n"));
}

void TestExport::aPhaseIsItsLastStep()
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const RunId id = added(store);
    for (const std::int64_t step : {5, 10})
        QVERIFY(store.addEvaluations(
            id, std::vector<Evaluation>{
                    {.step = step, .set = "forget", .metric = "m", .value = double(step)},
                    {.step = step,
                     .phase = EvaluationPhase::After,
                     .set = "forget",
                     .metric = "m",
                     .value = 99}}));
    const auto last = evaluationsOfPhase(store, id, EvaluationPhase::During).value();
    QCOMPARE(last.size(), std::size_t(1));
    QCOMPARE(last[0].value, 10.0);
    QVERIFY(evaluationsOfPhase(store, id, EvaluationPhase::Before).value().empty());
}

void TestExport::aMissingRunIsNotFound()
{
    const TemporaryFolder folder;
    const Store store = opened(folder);
    QCOMPARE(runToJson(store, 1).error().code, ErrorCode::NotFound);
    QCOMPARE(seriesToCsv(store, 1).error().code, ErrorCode::NotFound);
    QCOMPARE(evaluationsOfPhase(store, 1, EvaluationPhase::After).error().code,
             ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
