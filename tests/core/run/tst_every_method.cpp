#include "core/corpora/alternates.h"
#include "core/methods/method.h"
#include "core/models/stored_tensor.h"
#include "core/models/weight_files.h"
#include "core/run/plan.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/watched_run.h"

#include <QtTest>

using namespace lacuna;

/// Runs of whatever the catalogue holds: a new entry has these tests without a line being written
/// here.
class TestEveryMethod : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itRunsToTheEnd_data() { addMethods(); }
    void itRunsToTheEnd();
    void anInterruptedRunContinuesExactly_data() { addMethods(); }
    void anInterruptedRunContinuesExactly();
    void theModelWritesItsAlternatesOnce();
    void alternatesMayBeGiven();
    void whatCannotWorkIsRefusedByPlanAndRun_data();
    void whatCannotWorkIsRefusedByPlanAndRun();
    void aTruncatedMethodTrainsOnlyWhatItReaches();

private:
    static void addMethods()
    {
        QTest::addColumn<QString>("method");
        for (const std::string& id : methods().ids())
            QTest::newRow(id.c_str()) << shown(id);
    }
};

namespace {

/// Three steps; the small model knows nothing of the corpus, so that its own answers are others.
Json recipeOf(const QString& method)
{
    return changed({{"/method", {{"id", method.toStdString()}}},
                    {"/training/steps", 3},
                    {"/evaluation/every_steps", 0}});
}

} // namespace

void TestEveryMethod::itRunsToTheEnd()
{
    QFETCH(QString, method);
    QVERIFY(planRun(parseRecipe(recipeOf(method), {}).value()));
    WatchedRun run(recipeOf(method));
    const RunEnded end = run.untilEnd();
    QVERIFY2(end.state == RunState::Done, end.error ? end.error->text().c_str() : "");
    QCOMPARE(run.all<StepDone>().size(), std::size_t{3});
    for (const StepDone& step : run.all<StepDone>()) {
        QVERIFY(std::isfinite(step.loss) && step.gradientNorm > 0);
        QVERIFY(step.tokens > 0);
    }
}

void TestEveryMethod::anInterruptedRunContinuesExactly()
{
    QFETCH(QString, method);
    Json recipe = recipeOf(method);
    recipe["checkpoint"]["every_seconds"] = 0;
    WatchedRun undisturbed(recipe);
    undisturbed.untilEnd();
    WatchedRun run(recipe);
    QVERIFY(run.untilStep(1));
    run.control().stop(StopKind::Now);
    run.untilEnd();
    run.resume();
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(run.record().curves == undisturbed.record().curves);
    QVERIFY(run.record().sameWeights(undisturbed.record()));
}

void TestEveryMethod::theModelWritesItsAlternatesOnce()
{
    WatchedRun run(recipeOf(QStringLiteral("altpo")));
    QVERIFY(run.untilEnd().state == RunState::Done);
    const AnswerPool written = readAnswerPool(run.folder() / "alternates.jsonl").value();
    const Corpus forget = loadCorpus(runData("forget.json")).value();
    QCOMPARE(written.byPrompt.size(), forget.samples.size());
    for (const RawSample& sample : forget.samples)
        for (const std::string& answer : written.byPrompt.at(sample.prompt))
            QVERIFY2(!isSameAnswer(answer, sample.answer), answer.c_str());
    // The preference starts from where nothing is preferred: (2 / beta) ln 2.
    QVERIFY(std::abs(run.all<StepDone>().front().forgetLoss - 20 * std::log(2.0)) < 1e-4);
}

void TestEveryMethod::alternatesMayBeGiven()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("no.txt"), "Nobody knows that.\nI never heard of it.\n");
    Json recipe = recipeOf(QStringLiteral("idk"));
    WatchedRun own(recipe);
    own.untilEnd();
    recipe["alternates"] = folder.file("no.txt").string();
    WatchedRun given(recipe);
    QVERIFY(given.untilEnd().state == RunState::Done);
    QVERIFY(given.all<StepDone>().front().forgetLoss != own.all<StepDone>().front().forgetLoss);
    // There is no likelihood of the true answers to report: they are not read.
    QVERIFY(!given.all<StepDone>().front().forgetNll);
}

void TestEveryMethod::whatCannotWorkIsRefusedByPlanAndRun_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("message");
    QTest::newRow("a layer that does not exist")
        << "/method/layer"
        << "5"
        << "rmu"
        << "layer 5 does not exist: the model has layers 0 to 4";
    QTest::newRow("a retain layer that does not exist") << "/method/retain"
                                                        << R"({"id": "residual-drift", "layer": 9})"
                                                        << "grad-diff"
                                                        << "layer 9 does not exist";
    QTest::newRow("nothing trained up to the layer") << "/scope/layers"
                                                     << R"("3-4")"
                                                     << "rmu"
                                                     << "the scope trains nothing up to there";
    QTest::newRow("alternates for a method without") << "/alternates"
                                                     << R"("forget.json")"
                                                     << "npo"
                                                     << "npo reads no alternate answers";
    QTest::newRow("alternates that are the truth") << "/alternates"
                                                   << R"("forget.json")"
                                                   << "dpo"
                                                   << "the truth itself";
    QTest::newRow("alternates of other questions") << "/alternates"
                                                   << R"("holdout.json")"
                                                   << "idk"
                                                   << "has no alternate answer in";
    QTest::newRow("no such file") << "/alternates"
                                  << R"("none.txt")"
                                  << "idk"
                                  << "none.txt";
    QTest::newRow("no retain corpus") << "/retain"
                                      << "null"
                                      << "llmu"
                                      << "needs a retain corpus";
}

void TestEveryMethod::whatCannotWorkIsRefusedByPlanAndRun()
{
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, method);
    QFETCH(QString, message);
    Json document = recipeOf(method);
    document[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const Recipe recipe = parseRecipe(document, runData("")).value();
    const Result<Plan> plan = planRun(recipe);
    QVERIFY(!plan);
    QVERIFY2(shown(plan.error().text()).contains(message), plan.error().text().c_str());
    QVERIFY(!plan.error().remedy.empty() || plan.error().code == ErrorCode::NotFound);

    WatchedRun run(recipe.toJson());
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Failed);
    QVERIFY2(shown(end.error->text()).contains(message), end.error->text().c_str());
}

void TestEveryMethod::aTruncatedMethodTrainsOnlyWhatItReaches()
{
    Json recipe = recipeOf(QStringLiteral("rmu"));
    recipe["method"]["layer"] = 1;
    recipe["training"]["weight_decay"] = 0.1;
    const Plan plan = planRun(parseRecipe(recipe, {}).value()).value();
    QVERIFY(plan.trainedParameters < plan.parameters);
    WatchedRun run(recipe);
    QVERIFY(run.untilEnd().state == RunState::Done);
    const auto before = WeightFiles::open(smallModel()).value();
    const auto after = WeightFiles::open(run.folder() / "model").value();
    for (const char* name : {"model.layers.2.mlp.down_proj.weight", "model.norm.weight"}) {
        const at::Tensor was = mappedTensor(*before.find(name)).to(at::kFloat);
        QVERIFY2(mappedTensor(*after.find(name)).equal(was), name); // not even decayed
    }
    const char* moved = "model.layers.1.mlp.down_proj.weight";
    QVERIFY(
        !mappedTensor(*after.find(moved)).equal(mappedTensor(*before.find(moved)).to(at::kFloat)));
    // Evaluations still read the whole model; a step has no likelihood to report.
    QVERIFY(!run.all<StepDone>().front().forgetNll);
    QVERIFY(!run.record().evaluations.empty());
}

QTEST_GUILESS_MAIN(TestEveryMethod)
#include "tst_every_method.moc"
