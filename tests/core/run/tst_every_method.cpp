#include "core/controls/mask.h"
#include "core/corpora/alternates.h"
#include "core/methods/method.h"
#include "core/models/stored_tensor.h"
#include "core/models/weight_files.h"
#include "core/run/plan.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/result_weights.h"
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
    void bytesThatAreNoCharactersAreNoAnswer();
    void alternatesMayBeGiven();
    void preferencePairsBringTheirOwn_data();
    void preferencePairsBringTheirOwn();
    void whatCannotWorkIsRefusedByPlanAndRun_data();
    void whatCannotWorkIsRefusedByPlanAndRun();
    void aTruncatedMethodTrainsOnlyWhatItReaches();
    void negationTurnsTheChangeAround_data();
    void negationTurnsTheChangeAround();
    void aNegatedRunStoppedLateContinuesExactly();
    void normalisedGradientsAreOfOneLength();
    void theCosineChangesNoNumber();
    void aMaskIsForAnyMethod_data();
    void aMaskIsForAnyMethod();
    void sophiaContinuesExactly();
    void aConstraintMovesTheRetainWeight();
    void theChangeOfEachBlockIsRecorded();
    void aSuggestedRetainTermNeedsNoCorpus();

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
    const RunOutcome continued = interruptedAfter(1, recipe);
    QVERIFY(continued.run.state == RunState::Done);
    QVERIFY(continued.curves == undisturbed.record().curves);
    QVERIFY(continued.sameWeights(undisturbed.record()));
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

void TestEveryMethod::bytesThatAreNoCharactersAreNoAnswer()
{
    Json recipe = recipeOf(QStringLiteral("altpo"));
    recipe["method"]["temperature"] = 3; // a byte is about as likely as a word
    recipe["method"]["alternates"] = 3;
    WatchedRun run(recipe);
    const RunEnded end = run.untilEnd();
    QVERIFY2(end.state == RunState::Done, end.error ? end.error->text().c_str() : "");
    const std::string text = readTextFile(run.folder() / "alternates.jsonl").value();
    QVERIFY(text.find("\xEF\xBF\xBD") == std::string::npos); // nothing had to be mended
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

void TestEveryMethod::preferencePairsBringTheirOwn_data()
{
    QTest::addColumn<QString>("method");
    for (const char* method : {"idk", "dpo", "altpo"})
        QTest::newRow(method) << method;
}

/// The same numbers as with the chosen answers in a file of their own.
void TestEveryMethod::preferencePairsBringTheirOwn()
{
    QFETCH(QString, method);
    const TemporaryFolder folder;
    std::string pairs;
    std::string others;
    for (const RawSample& sample : loadCorpus(runData("forget.json")).value().samples) {
        const std::string chosen = "Row " + std::to_string(sample.row) + " is a secret.";
        pairs += Json{{"prompt", sample.prompt}, {"chosen", chosen}, {"rejected", sample.answer}}
                     .dump() +
                 "\n";
        others += Json{{"question", sample.prompt}, {"answer", chosen}}.dump() + "\n";
    }
    writeBytes(folder.file("pairs.jsonl"), pairs);
    writeBytes(folder.file("others.jsonl"), others);
    Json recipe = recipeOf(method);
    recipe["alternates"] = folder.file("others.jsonl").string();
    WatchedRun apart(recipe);
    QVERIFY(apart.untilEnd().state == RunState::Done);
    recipe.erase("alternates");
    recipe["forget"] = folder.file("pairs.jsonl").string();
    WatchedRun together(recipe);
    const RunEnded end = together.untilEnd();
    QVERIFY2(end.state == RunState::Done, end.error ? end.error->text().c_str() : "");
    QVERIFY(together.record().curves == apart.record().curves);
    QVERIFY(!std::filesystem::exists(together.folder() / "alternates.jsonl"));

    recipe["retain"] = recipe["forget"];
    const Result<Plan> plan = planRun(parseRecipe(recipe, {}).value());
    QVERIFY(!plan);
    QVERIFY2(plan.error().text().find("would be kept") != std::string::npos,
             plan.error().text().c_str());
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
    QTest::newRow("means that cannot be joined")
        << "/method"
        << R"({"id": "idk", "joint_mean": true, "retain": {"id": "kl"}})"
        << "idk"
        << "joins token means";
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

void TestEveryMethod::negationTurnsTheChangeAround_data()
{
    QTest::addColumn<double>("scale");
    QTest::addColumn<bool>("adapter");
    QTest::newRow("once") << 1.0 << false;
    QTest::newRow("three times") << 3.0 << false;
    QTest::newRow("not at all") << 0.0 << false;
    QTest::newRow("an adapter, twice") << 2.0 << true;
}

void TestEveryMethod::negationTurnsTheChangeAround()
{
    QFETCH(double, scale);
    QFETCH(bool, adapter);
    Json recipe = recipeOf(QStringLiteral("task-vector"));
    recipe["method"]["scale"] = scale;
    if (adapter)
        recipe["scope"] = {{"adapter", {{"rank", 2}}}};
    WatchedRun negated(recipe);
    QVERIFY(negated.untilEnd().state == RunState::Done);
    recipe["method"] = {{"id", "finetune"}};
    recipe.erase("retain"); // neither reads it
    WatchedRun learned(recipe);
    QVERIFY(learned.untilEnd().state == RunState::Done);
    const auto start = weightsIn(smallModel());
    const auto after = weightsIn(negated.folder() / "model");
    for (const auto& [name, taught] : weightsIn(learned.folder() / "model")) {
        const at::Tensor wanted =
            start.at(name).mul(1 + scale).sub(taught.mul(scale)); // start - scale * (end - start)
        QVERIFY2(after.at(name).allclose(wanted, 1e-5, 1e-6), name.c_str());
    }
}

void TestEveryMethod::aNegatedRunStoppedLateContinuesExactly()
{
    Json recipe = recipeOf(QStringLiteral("ssu"));
    WatchedRun undisturbed(recipe);
    undisturbed.untilEnd();
    WatchedRun run(recipe);
    QVERIFY(run.untilState(RunState::FinalEvaluation)); // what was learned is subtracted by now
    run.control().stop(StopKind::Now);
    if (run.untilEnd().state == RunState::Interrupted) {
        run.resume();
        QVERIFY(run.untilEnd().state == RunState::Done);
    }
    QVERIFY(run.record().sameWeights(undisturbed.record()));
}

void TestEveryMethod::normalisedGradientsAreOfOneLength()
{
    Json recipe = recipeOf(QStringLiteral("ngdiff"));
    recipe["training"]["clip_norm"] = 0;
    WatchedRun run(recipe);
    QVERIFY(run.untilEnd().state == RunState::Done);
    for (const StepDone& step : run.all<StepDone>()) {
        QVERIFY(step.gradientCosine);
        // |a + b| of two vectors of length 1.
        QVERIFY(std::abs(step.gradientNorm - std::sqrt(2 + 2 * *step.gradientCosine)) < 1e-4);
    }
}

void TestEveryMethod::theCosineChangesNoNumber()
{
    Json recipe = recipeOf(QStringLiteral("grad-diff"));
    WatchedRun plain(recipe);
    plain.untilEnd();
    recipe["evaluation"]["gradient_cosine"] = true;
    WatchedRun compared(recipe);
    compared.untilEnd();
    QVERIFY(compared.record().sameWeights(plain.record()));
    RunOutcome record = compared.record();
    for (const double cosine : record.curves.at("gradient_cosine").values)
        QVERIFY(cosine > -1 && cosine < 0); // ascent on what is written like what is kept
    record.curves.erase("gradient_cosine");
    QVERIFY(record.curves == plain.record().curves);
}

void TestEveryMethod::aMaskIsForAnyMethod_data()
{
    QTest::addColumn<QString>("mask");
    for (const std::string& id : masks().ids())
        QTest::newRow(id.c_str()) << shown(id);
}

void TestEveryMethod::aMaskIsForAnyMethod()
{
    QFETCH(QString, mask);
    Json recipe = recipeOf(QStringLiteral("npo"));
    recipe["scope"]["mask"] = {{"id", mask.toStdString()}};
    recipe["checkpoint"]["every_seconds"] = 0;
    WatchedRun undisturbed(recipe);
    QVERIFY(undisturbed.untilEnd().state == RunState::Done);
    double moved = 0;
    double all = 0;
    const auto start = weightsIn(smallModel());
    for (const auto& [name, after] : weightsIn(undisturbed.folder() / "model")) {
        moved += after.ne(start.at(name)).sum().item<double>();
        all += static_cast<double>(after.numel());
    }
    QVERIFY(moved > 0 && moved < 0.8 * all);
    QVERIFY(interruptedAfter(1, recipe).sameWeights(undisturbed.record()));
}

void TestEveryMethod::sophiaContinuesExactly()
{
    Json recipe = recipeOf(QStringLiteral("grad-diff"));
    recipe["training"]["optimizer"] = "sophia";
    recipe["training"]["sophia_interval"] = 2;
    recipe["checkpoint"]["every_seconds"] = 0;
    WatchedRun undisturbed(recipe);
    QVERIFY(undisturbed.untilEnd().state == RunState::Done);
    QVERIFY(interruptedAfter(1, recipe).sameWeights(undisturbed.record()));
}

void TestEveryMethod::aConstraintMovesTheRetainWeight()
{
    Json recipe = recipeOf(QStringLiteral("pdu"));
    recipe["method"]["dual_warmup_epochs"] = 0;
    recipe["method"]["max_increase"] = 0;
    WatchedRun run(recipe);
    QVERIFY(run.untilEnd().state == RunState::Done);
    const std::vector<double> weights = run.record().curves.at("retain_weight").values;
    QCOMPARE(weights.front(), 50.0);
    QVERIFY(weights.back() != 50.0);
    // The recipe's own control goes before the method's.
    recipe["controls"] = {{{"id", "retain-constraint"}, {"start_weight", 7}, {"rate", 0}}};
    WatchedRun own(recipe);
    own.untilEnd();
    QCOMPARE(own.record().curves.at("retain_weight").values.back(), 7.0);
}

void TestEveryMethod::theChangeOfEachBlockIsRecorded()
{
    Json recipe = recipeOf(QStringLiteral("npo"));
    recipe["scope"] = {{"layers", "1,3"}};
    recipe["evaluation"]["every_steps"] = 3;
    WatchedRun run(recipe);
    run.untilEnd();
    const SeriesByKey curves = run.record().curves;
    QVERIFY(!curves.contains("weight_change.0"));
    const auto start = weightsIn(smallModel());
    const auto after = weightsIn(run.folder() / "model");
    for (const char* layer : {"1", "3"}) {
        double moved = 0;
        double whole = 0;
        for (const auto& [name, before] : start)
            if (name.find("layers." + std::string(layer) + ".") != std::string::npos) {
                moved += std::pow(after.at(name).sub(before).norm().item<double>(), 2);
                whole += std::pow(before.norm().item<double>(), 2);
            }
        const Series& change = curves.at("weight_change." + std::string(layer));
        QCOMPARE(change.steps.back(), std::int64_t{3});
        QVERIFY(std::abs(change.values.back() / std::sqrt(moved / whole) - 1) < 1e-4);
    }
}

void TestEveryMethod::aSuggestedRetainTermNeedsNoCorpus()
{
    Json recipe = recipeOf(QStringLiteral("idk"));
    recipe.erase("retain");
    WatchedRun run(recipe);
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(!run.all<StepDone>().front().retainLoss);
    recipe["method"]["retain"] = {{"id", "nll"}};
    QVERIFY(!planRun(parseRecipe(recipe, {}).value()));
}

QTEST_GUILESS_MAIN(TestEveryMethod)
#include "tst_every_method.moc"
