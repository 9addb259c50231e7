#include "core/run/sweep_runs.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <array>
#include <cmath>

using namespace lacuna;

namespace {

/// "a" and "b" as a grid of seeds, or as requests.
Sweep sweepOf(const char* several)
{
    Json document = {{"lacuna", 1},
                     {"model", "/models/start"},
                     {"forget", "/f.json"},
                     {"name", "group"},
                     {"method", {{"id", "ga"}}}};
    document.update(Json::parse(several));
    return parseSweep(document, {}, {}).value();
}

constexpr const char* kGrid = R"({"sweep": {"seed": [1, 2, 3]}})";
constexpr const char* kRequests = R"({"requests": [{"label": "a", "forget": "/a.json"},
    {"label": "b", "forget": "/b.json"}, {"label": "c", "forget": "/c.json"}]})";

/// A history whose runs are written by hand.
class Written {
public:
    /// The run of \p step, with what it came to.
    Run add(const Sweep& sweep, const SweepPass::Step& step, RunState state)
    {
        Run run =
            m_store
                .createRun({.name = step.recipe.name,
                            .recipe = step.recipe.toJson().dump(),
                            .parent = step.parent,
                            .group = sweep.group,
                            .createdAt = "2026-01-01T00:00:" + std::to_string(10 + m_count++)})
                .value();
        m_store.setFolder(run.id, "/runs/" + run.name).value();
        if (isEnded(state))
            m_store.endRun(run.id, {.state = state, .summary = R"({"training_seconds": 2.5})"})
                .value();
        else
            m_store.setState(run.id, state).value();
        return m_store.run(run.id).value();
    }
    void measure(const Run& run, EvaluationPhase phase, const std::string& set, double value)
    {
        m_store
            .addEvaluations(run.id,
                            std::vector<Evaluation>{{.step = phase == EvaluationPhase::After,
                                                     .phase = phase,
                                                     .set = set,
                                                     .metric = "probability",
                                                     .value = value,
                                                     .count = 1}})
            .value();
    }
    /// Every point through to \p last, done.
    std::vector<Run> addDone(const Sweep& sweep, std::size_t last)
    {
        std::vector<Run> runs;
        for (SweepPass pass(sweep, {}); pass.recorded().size() < last;) {
            runs.push_back(add(sweep, pass.step(), RunState::Done));
            pass.advance(runs.back());
        }
        return runs;
    }
    [[nodiscard]] SweepPass pass(const Sweep& sweep) const
    {
        return {sweep, readGroup(m_store, sweep.group).value()};
    }
    [[nodiscard]] std::vector<LabelledRun> labelled() const
    {
        return labelledRuns(readGroup(m_store, "group").value());
    }
    [[nodiscard]] const Store& store() const { return m_store; }

private:
    TemporaryFolder m_folder;
    Store m_store = Store::open(m_folder.file("history.sqlite"), OpenMode::CreateIfMissing).value();
    int m_count = 0;
};

QStringList labels(const std::vector<LabelledRun>& runs)
{
    QStringList found;
    for (const LabelledRun& one : runs)
        found << shown(one.label);
    return found;
}

} // namespace

class TestSweepRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatThereIsDecidesWhatIsToBeDone_data();
    void whatThereIsDecidesWhatIsToBeDone();
    void theNewestRecordOfAPointCounts();
    void anotherRecipeIsAnotherPoint();
    void aFailureEndsASequenceAndNoGrid_data();
    void aFailureEndsASequenceAndNoGrid();
    void aRequestStartsFromTheResultBefore();
    void outcomesAreMeasuredAndJudged();
    void utilityIsTheHarmonicMeanOfWhatIsKept_data();
    void utilityIsTheHarmonicMeanOfWhatIsKept();
    void seedsAreSpreadsOfOneRecipe();
    void theTimelineFollowsEachTarget();
    void aLineOfRequestsIsFoundFromEachOfThem();
    void aRunOfAGridIsInNoLine();
};

void TestSweepRuns::whatThereIsDecidesWhatIsToBeDone_data()
{
    QTest::addColumn<RunState>("state");
    QTest::addColumn<bool>("done");
    QTest::addColumn<bool>("continues");
    QTest::newRow("done") << RunState::Done << true << false;
    QTest::newRow("stopped and kept") << RunState::Stopped << true << false;
    QTest::newRow("interrupted") << RunState::Interrupted << false << true;
    QTest::newRow("its process may be gone") << RunState::Running << false << true;
    QTest::newRow("discarded") << RunState::Discarded << false << false;
    QTest::newRow("failed") << RunState::Failed << false << false;
}

void TestSweepRuns::whatThereIsDecidesWhatIsToBeDone()
{
    QFETCH(const RunState, state);
    const Sweep sweep = sweepOf(kGrid);
    Written history;
    SweepPass empty(sweep, {});
    QVERIFY(!empty.step().isDone() && !empty.step().continues());
    empty.advance(std::nullopt);
    const Run second = history.add(sweep, empty.step(), state);

    SweepPass pass = history.pass(sweep);
    QVERIFY(!pass.step().record);
    pass.advance(std::nullopt);
    const SweepPass::Step step = pass.step();
    QCOMPARE(step.label, std::string("seed 2"));
    QCOMPARE(step.record->uid, second.uid);
    QTEST(step.isDone(), "done");
    QTEST(step.continues(), "continues");
}

void TestSweepRuns::theNewestRecordOfAPointCounts()
{
    const Sweep sweep = sweepOf(kGrid);
    Written history;
    const SweepPass pass(sweep, {});
    (void)history.add(sweep, pass.step(), RunState::Failed);
    const Run again = history.add(sweep, pass.step(), RunState::Done);
    QCOMPARE(history.pass(sweep).step().record->uid, again.uid);
    QCOMPARE(labels(history.labelled()), QStringList{QStringLiteral("seed 1")});
    QCOMPARE(history.labelled().front().run.uid, again.uid);
}

void TestSweepRuns::anotherRecipeIsAnotherPoint()
{
    Written history;
    (void)history.addDone(sweepOf(kGrid), 3);
    Sweep other = sweepOf(kGrid);
    other.points.front().recipe.training.learningRate = 0.5;
    SweepPass pass = history.pass(other);
    QVERIFY(!pass.step().record);
    pass.advance(std::nullopt);
    QVERIFY(pass.step().isDone());
}

void TestSweepRuns::aFailureEndsASequenceAndNoGrid_data()
{
    QTest::addColumn<QByteArray>("several");
    QTest::addColumn<bool>("ends");
    QTest::newRow("grid") << QByteArray(kGrid) << false;
    QTest::newRow("requests") << QByteArray(kRequests) << true;
}

void TestSweepRuns::aFailureEndsASequenceAndNoGrid()
{
    QFETCH(const QByteArray, several);
    const Sweep sweep = sweepOf(several.constData());
    Written history;
    SweepPass pass(sweep, {});
    pass.advance(history.add(sweep, pass.step(), RunState::Failed));
    QTEST(pass.atEnd(), "ends");
    QTEST(pass.isBroken(), "ends");
    QCOMPARE(pass.recorded().size(), std::size_t{1});
}

void TestSweepRuns::aRequestStartsFromTheResultBefore()
{
    const Sweep sweep = sweepOf(kRequests);
    Written history;
    SweepPass pass(sweep, {});
    QVERIFY(!pass.step().parent);
    const Run first = history.add(sweep, pass.step(), RunState::Stopped);
    pass.advance(first);
    const SweepPass::Step second = pass.step();
    QCOMPARE(second.parent, std::optional(first.id));
    QCOMPARE(second.recipe.model, first.folder + "/model");
    QCOMPARE(second.recipe.origin, std::string("/models/start"));
    pass.advance(history.add(sweep, second, RunState::Done));
    pass.advance(history.add(sweep, pass.step(), RunState::Done));
    QVERIFY(pass.atEnd() && !pass.isBroken());
}

void TestSweepRuns::outcomesAreMeasuredAndJudged()
{
    Written history;
    const std::vector<Run> runs = history.addDone(sweepOf(kGrid), 3);
    const auto after = [&](std::size_t run, double forget, double retain) {
        history.measure(runs[run], EvaluationPhase::After, "forget", forget);
        history.measure(runs[run], EvaluationPhase::After, "retain", retain);
    };
    after(0, 0.1, 0.9);
    after(1, 0.2, 0.8); // the first beats it
    history.measure(runs[2], EvaluationPhase::Before, "forget", 0.0);
    const std::vector<SweepOutcome> outcomes = readOutcomes(history.store(), history.labelled());
    QCOMPARE(outcomes.size(), std::size_t{3});
    QCOMPARE(outcomes[0].values[0], 0.1);
    QCOMPARE(outcomes[1].values[2], 0.8);
    QVERIFY(std::isnan(outcomes[0].values[1])); // no extraction strength
    QVERIFY(std::isnan(outcomes[2].values[0])); // before the run does not count
    QCOMPARE(outcomes[0].seconds, 2.5);
    QVERIFY(outcomes[0].best && !outcomes[1].best && !outcomes[2].best);
}

void TestSweepRuns::utilityIsTheHarmonicMeanOfWhatIsKept_data()
{
    QTest::addColumn<QStringList>("values"); // set, metric, value
    QTest::addColumn<double>("utility");     // below 0: none
    QTest::newRow("no utility set")
        << QStringList{QStringLiteral("retain probability 0.5")} << -1.0;
    QTest::newRow("two sets") << QStringList{QStringLiteral("utility-1 probability 0.5"),
                                             QStringLiteral("utility-2 probability 1")}
                              << 2 / (1 / 0.5 + 1 / 1.0);
    QTest::newRow("answers count, other metrics and sets do not")
        << QStringList{QStringLiteral("retain probability 0.5"),
                       QStringLiteral("utility-1 probability 1"),
                       QStringLiteral("utility-1 rouge-l 0.25"),
                       QStringLiteral("utility-1 nll 3"),
                       QStringLiteral("forget probability 0.01"),
                       QStringLiteral("holdout probability 0.01")}
        << 2 / (1 / 1.0 + 1 / 0.25);
    QTest::newRow("one that is gone takes all with it")
        << QStringList{QStringLiteral("utility-1 probability 0.5"),
                       QStringLiteral("utility-2 probability 0")}
        << 0.0;
}

void TestSweepRuns::utilityIsTheHarmonicMeanOfWhatIsKept()
{
    QFETCH(QStringList, values);
    QFETCH(double, utility);
    std::vector<Evaluation> evaluations;
    for (const QString& value : values) {
        const QStringList parts = value.split(QLatin1Char(' '));
        evaluations.push_back({.phase = EvaluationPhase::After,
                               .set = parts[0].toStdString(),
                               .metric = parts[1].toStdString(),
                               .value = parts[2].toDouble()});
    }
    const double found = utilityOf(evaluations, EvaluationPhase::After);
    QVERIFY(utility < 0 ? std::isnan(found) : std::abs(found - utility) < 1e-12);
    QVERIFY(std::isnan(utilityOf(evaluations, EvaluationPhase::Before)));
}

void TestSweepRuns::seedsAreSpreadsOfOneRecipe()
{
    Written history;
    const Sweep sweep = sweepOf(R"({"sweep": {"cases": [{"label": "seed bank, slow",
        "training.learning_rate": 1e-5}, {"label": "fast", "training.learning_rate": 1e-3}],
        "seed": [1, 2, 3]}})");
    const std::vector<Run> runs = history.addDone(sweep, 5); // the last one is missing
    const std::array<double, 5> forget = {0.1, 0.2, 0.6, 0.4, 0.6};
    for (std::size_t i = 0; i < runs.size(); ++i)
        history.measure(runs[i], EvaluationPhase::After, "forget", forget.at(i));
    const auto outcomes = readOutcomes(history.store(), history.labelled());
    const std::vector<SeedSpread> spreads = spreadOverSeeds(outcomes);
    QCOMPARE(spreads.size(), std::size_t{2});
    QCOMPARE(shown(spreads[0].label), shown("seed bank, slow"));
    QCOMPARE(spreads[0].runs, std::size_t{3});
    QVERIFY(std::abs(spreads[0].means[0] - 0.3) < 1e-12);
    QVERIFY(std::abs(spreads[0].deviations[0] - std::sqrt(0.07)) < 1e-12); // (4 + 1 + 9) / 200
    QCOMPARE(spreads[1].runs, std::size_t{2});
    QVERIFY(std::isnan(spreads[1].means[1])); // no extraction strength was measured
    QVERIFY(spreadOverSeeds({outcomes[0], outcomes[3]}).empty());
}

void TestSweepRuns::theTimelineFollowsEachTarget()
{
    Written history;
    const std::vector<Run> runs = history.addDone(sweepOf(kRequests), 2);
    history.measure(runs[0], EvaluationPhase::Before, "forget", 0.9);
    history.measure(runs[0], EvaluationPhase::Before, "retain", 0.8);
    history.measure(runs[0], EvaluationPhase::After, "forget", 0.1);
    history.measure(runs[0], EvaluationPhase::After, "retain", 0.7);
    history.measure(runs[1], EvaluationPhase::Before, "forget", 0.85);
    history.measure(runs[1], EvaluationPhase::After, "forget", 0.2);
    history.measure(runs[1], EvaluationPhase::After, "earlier-1", 0.3);
    const Timeline timeline = readTimeline(history.store(), history.labelled());
    QCOMPARE(timeline.targets.size(), std::size_t{2});
    QCOMPARE(timeline.targets[0].label, std::string("request 1, a"));
    QCOMPARE(timeline.targets[0].known, (std::vector<double>{0.9, 0.1, 0.3}));
    QVERIFY(std::isnan(timeline.targets[1].known[0]));
    QCOMPARE(timeline.targets[1].known[1], 0.85);
    QCOMPARE(timeline.targets[1].known[2], 0.2);
    QCOMPARE(timeline.retain.known[0], 0.8);
    QCOMPARE(timeline.retain.known[1], 0.7);
    QVERIFY(std::isnan(timeline.retain.known[2])); // not measured
}

void TestSweepRuns::aLineOfRequestsIsFoundFromEachOfThem()
{
    const Sweep sweep = sweepOf(kRequests);
    Written history;
    const std::vector<Run> runs = history.addDone(sweep, 3);
    const QStringList all = {QStringLiteral("request 1, a"), QStringLiteral("request 2, b"),
                             QStringLiteral("request 3, c")};
    for (const Run& run : runs)
        QCOMPARE(labels(requestLine(history.labelled(), run.id)), all);

    // Another second request after the first: a line of its own, and the first's newest.
    Sweep other = sweep;
    other.points[1].recipe.seed = 7;
    SweepPass pass = history.pass(other);
    pass.advance(pass.step().record);
    const Run branch = history.add(other, pass.step(), RunState::Done);
    for (const RunId id : {branch.id, runs[0].id})
        QCOMPARE(requestLine(history.labelled(), id).back().run.id, branch.id);
    QCOMPARE(labels(requestLine(history.labelled(), runs[1].id)), all);
}

void TestSweepRuns::aRunOfAGridIsInNoLine()
{
    Written history;
    const std::vector<Run> runs = history.addDone(sweepOf(kGrid), 3);
    QVERIFY(requestLine(history.labelled(), runs[1].id).empty());
    QVERIFY(requestLine(history.labelled(), 4711).empty());
}

QTEST_GUILESS_MAIN(TestSweepRuns)
#include "tst_sweep_runs.moc"
