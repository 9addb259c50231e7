#include "core/models/weight_files.h"
#include "core/run/plan.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/watched_run.h"

#include <QtTest>

using namespace lacuna;

/// What a run does on its way besides training: measures, guards and keeps.
class TestCourse : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBestModelsOfTheWayAreKept();
    void anInterruptedRunKeepsTheSameModels();
    void aDiscardedRunKeepsNone();
    void bestModelsNeedSomethingToKeep_data();
    void bestModelsNeedSomethingToKeep();
    void utilityIsMeasuredAndNotTrained();
    void answersThatRepeatEndTheRun();
    void aStepThatIsSearchedMovesTheLearningRate();
    void furtherTrainingLeavesNoTrace();
    void retainSamplesFollowTheRatio();
    void aGroupMeasuresTheOriginalOnce_data();
    void aGroupMeasuresTheOriginalOnce();
};

namespace {

/// A run that evaluates after every step and keeps three models. Ascent forgets more with every
/// step, so that the last one is always among them.
Json keepingThree()
{
    return changed({{"/evaluation/every_steps", 1},
                    {"/checkpoint/best", 3},
                    {"/training/steps", 5},
                    {"/method", {{"id", "ga"}}}});
}

std::vector<Artefact> bestModelsOf(const WatchedRun& run)
{
    std::vector<Artefact> found = run.store().readArtefacts(run.record().run.id).value();
    std::erase_if(found, [](const Artefact& one) { return one.kind != "best model"; });
    std::ranges::sort(found, {}, &Artefact::step);
    return found;
}

} // namespace

void TestCourse::theBestModelsOfTheWayAreKept()
{
    WatchedRun run(keepingThree());
    QVERIFY(run.untilEnd().state == RunState::Done);
    const std::vector<Artefact> kept = bestModelsOf(run);
    QVERIFY(!kept.empty() && kept.size() <= 3);
    std::size_t folders = 0;
    for (const auto& entry : std::filesystem::directory_iterator(run.folder() / "best"))
        folders += entry.is_directory() ? 1 : 0;
    QCOMPARE(folders, kept.size());
    for (const Artefact& one : kept) {
        QVERIFY(WeightFiles::open(one.path));
        QVERIFY(std::filesystem::exists(std::filesystem::path(one.path) / "tokenizer.model"));
    }
    QVERIFY(kept.back().step == 5); // the result itself
    QVERIFY(fileBytes(std::filesystem::path(kept.back().path) / "model.safetensors") ==
            run.record().weights);
}

void TestCourse::anInterruptedRunKeepsTheSameModels()
{
    const Json recipe = keepingThree();
    WatchedRun undisturbed(recipe);
    undisturbed.untilEnd();
    WatchedRun run(recipe);
    QVERIFY(run.untilStep(4));
    run.abandon();
    // Back to the start: what it kept on its way is of steps that come again.
    std::filesystem::remove_all(run.folder() / "checkpoints");
    QVERIFY(!bestModelsOf(run).empty());
    run.resume();
    QVERIFY(run.untilEnd().state == RunState::Done);
    const std::vector<Artefact> wanted = bestModelsOf(undisturbed);
    const std::vector<Artefact> found = bestModelsOf(run);
    QCOMPARE(found.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        QVERIFY(found[i].step == wanted[i].step);
        QCOMPARE(shown(found[i].sha256), shown(wanted[i].sha256));
    }
}

void TestCourse::aDiscardedRunKeepsNone()
{
    Json recipe = keepingThree();
    recipe["training"]["steps"] = 500;
    WatchedRun run(recipe);
    QVERIFY(run.untilStep(4));
    run.control().stop(StopKind::Discard);
    QVERIFY(run.untilEnd().state == RunState::Discarded);
    QVERIFY(bestModelsOf(run).empty());
    QVERIFY(!std::filesystem::exists(run.folder() / "best") ||
            std::filesystem::is_empty(run.folder() / "best"));
}

void TestCourse::bestModelsNeedSomethingToKeep_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::newRow("no retain corpus") << "/retain"
                                      << "null";
    QTest::newRow("a method that subtracts at its end") << "/method"
                                                        << R"({"id": "ssu"})";
}

void TestCourse::bestModelsNeedSomethingToKeep()
{
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    Json recipe = keepingThree();
    recipe[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const Result<Plan> plan = planRun(parseRecipe(recipe, {}).value());
    QVERIFY(!plan);
    QCOMPARE(shown(plan.error().context), shown("recipe.checkpoint.best"));
}

void TestCourse::utilityIsMeasuredAndNotTrained()
{
    Json recipe = changed({{"/training/steps", 2}});
    WatchedRun plain(recipe);
    plain.untilEnd();
    recipe["utility"] = {runData("holdout.json")};
    WatchedRun measured(recipe);
    QVERIFY(measured.untilEnd().state == RunState::Done);
    QVERIFY(measured.record().sameWeights(plain.record()));
    // The same corpus measured as what it is held out for gives the same number.
    const auto valueOf = [&](const std::string& set, EvaluationPhase phase) {
        for (const Evaluation& one : measured.record().evaluations)
            if (one.set == set && one.metric == "nll" && one.phase == phase)
                return one.value;
        throw std::logic_error("no value of " + set);
    };
    for (const EvaluationPhase phase : {EvaluationPhase::Before, EvaluationPhase::After})
        QCOMPARE(valueOf("utility-1", phase), valueOf("holdout", phase));
}

void TestCourse::answersThatRepeatEndTheRun()
{
    Json recipe = changed({{"/evaluation/every_steps", 1},
                           {"/evaluation/max_new_tokens", 24},
                           {"/method", {{"id", "ga"}}},
                           {"/training/learning_rate", 1e-2}});
    recipe["controls"] = {{{"id", "fluency-guard"}, {"max_repetition", 1}}};
    WatchedRun patient(recipe);
    QVERIFY(patient.untilEnd().state == RunState::Done);
    const Series repetition = patient.record().curves.at("repetition");
    QCOMPARE(repetition.steps.size(), std::size_t{kSmallSteps});
    const double worst = std::ranges::max(repetition.values);
    QVERIFY(worst > 0.1 && worst <= 1);
    // The same run under a guard that is broken on its way.
    recipe["controls"][0]["max_repetition"] = worst - 1e-6;
    WatchedRun strict(recipe);
    QVERIFY(strict.untilEnd().state == RunState::Stopped);
    const RunOutcome record = strict.record();
    QVERIFY2(record.run.stopReason.starts_with("answers repeat"), record.run.stopReason.c_str());
    const auto broken = std::ranges::find(repetition.values, worst) - repetition.values.begin();
    QCOMPARE(record.run.step, repetition.steps.at(static_cast<std::size_t>(broken)));
}

void TestCourse::aStepThatIsSearchedMovesTheLearningRate()
{
    Json recipe = changed({{"/method", {{"id", "ngdiff"}, {"step_interval", 2}}},
                           {"/training/schedule", "constant"},
                           {"/training/warmup_epochs", 0},
                           {"/training/steps", 6}});
    WatchedRun run(recipe);
    QVERIFY(run.untilEnd().state == RunState::Done);
    // Steps 1, 3 and 5 search, and what they find is what they and those behind them go.
    const std::vector<double> rates = run.record().curves.at("learning_rate").values;
    for (std::size_t i = 0; i < rates.size(); i += 2) {
        QCOMPARE(rates[i + 1], rates[i]);
        QVERIFY(rates[i] >= 1e-3 / 4 * (1 - 1e-12) && rates[i] <= 4e-3 * (1 + 1e-12));
    }
    QVERIFY(rates[0] != 1e-3);
    recipe["method"]["step_interval"] = 0;
    WatchedRun fixed(recipe);
    fixed.untilEnd();
    const Series constant = fixed.record().curves.at("learning_rate");
    for (const double rate : constant.values)
        QCOMPARE(rate, 1e-3);
}

void TestCourse::furtherTrainingLeavesNoTrace()
{
    // A learning rate of 0 shows the weights that the run's own training starts from.
    Json recipe = changed({{"/method", {{"id", "whp"}, {"reinforce_learning_rate", 1e-3}}},
                           {"/training/learning_rate", 0},
                           {"/training/steps", 1}});
    WatchedRun run(recipe);
    QVERIFY(run.untilEnd().state == RunState::Done);
    int compared = 0;
    const RunOutcome record = run.record();
    for (const Evaluation& after : record.evaluations)
        for (const Evaluation& before : record.evaluations)
            if (after.phase == EvaluationPhase::After && before.phase == EvaluationPhase::Before &&
                after.set == before.set && after.metric == before.metric) {
                QCOMPARE(after.value, before.value);
                ++compared;
            }
    QVERIFY(compared > 3);
    // The labels come from the further training: without it they are the original's own choice.
    const double taught = run.all<StepDone>().front().forgetLoss;
    recipe["method"]["reinforce_epochs"] = 0;
    WatchedRun untaught(recipe);
    untaught.untilEnd();
    QVERIFY(untaught.all<StepDone>().front().forgetLoss < taught);
}

void TestCourse::retainSamplesFollowTheRatio()
{
    Json recipe = changed({{"/training/steps", 1}, {"/training/pairing", "yao"}});
    WatchedRun one(recipe);
    one.untilEnd();
    recipe["training"]["retain_per_forget"] = 3;
    WatchedRun three(recipe);
    three.untilEnd();
    // NPO reads the forget batch in the same order; only the retain rows are more.
    QCOMPARE(three.all<StepDone>().front().forgetLoss, one.all<StepDone>().front().forgetLoss);
    QVERIFY(three.all<StepDone>().front().tokens > 1.5 * one.all<StepDone>().front().tokens);
}

void TestCourse::aGroupMeasuresTheOriginalOnce_data()
{
    QTest::addColumn<QString>("group");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<bool>("known");
    QTest::newRow("another method") << "g"
                                    << "/method"
                                    << R"({"id": "ga"})" << true;
    QTest::newRow("another learning rate") << "g"
                                           << "/training/learning_rate"
                                           << "1e-4" << true;
    QTest::newRow("another seed") << "g"
                                  << "/seed"
                                  << "7" << false;
    QTest::newRow("other samples") << "g"
                                   << "/evaluation/max_samples"
                                   << "5" << false;
    QTest::newRow("another corpus")
        << "g"
        << "/forget" << QStringLiteral("\"%1\"").arg(shown(runData("holdout.json"))) << false;
    QTest::newRow("rows left out")
        << "g"
        << "/forget"
        << QStringLiteral(R"({"path": "%1", "leave_out_invalid_rows": true})")
               .arg(shown(runData("forget.json")))
        << false;
    QTest::newRow("utility sets in another order")
        << "g"
        << "/utility"
        << QStringLiteral(R"(["%1", "%2"])")
               .arg(shown(runData("retain.json")), shown(runData("holdout.json")))
        << false;
    QTest::newRow("another group") << "h"
                                   << "/method"
                                   << R"({"id": "ga"})" << false;
    QTest::newRow("no group") << ""
                              << "/method"
                              << R"({"id": "ga"})" << false;
}

void TestCourse::aGroupMeasuresTheOriginalOnce()
{
    QFETCH(QString, group);
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(bool, known);
    const TemporaryFolder folder;
    const std::filesystem::path history = folder.file("history.sqlite");
    const auto evaluationsOf = [&](const Json& recipe, const QString& name) {
        const auto thread = RunThread::start({.recipe = parseRecipe(recipe, {}).value(),
                                              .store = history,
                                              .runsFolder = folder.file("runs"),
                                              .programVersion = "test",
                                              .group = name.toStdString()})
                                .value();
        while (thread->mailbox().wait(std::chrono::seconds(60)))
            for (const RunEvent& event : thread->mailbox().drain())
                if (const auto* end = std::get_if<RunEnded>(&event)) {
                    if (end->state != RunState::Done)
                        throw std::logic_error("the run failed");
                    const Store store = Store::open(history, OpenMode::ReadOnly).value();
                    auto all = store.readEvaluations(store.runs().value().front().id, true).value();
                    std::erase_if(all, [](const Evaluation& one) {
                        return one.phase != EvaluationPhase::Before;
                    });
                    return all;
                }
        throw std::logic_error("the run is silent");
    };
    Json recipe = changed({{"/training/steps", 1},
                           {"/reference", smallModel()},
                           {"/utility", {runData("holdout.json"), runData("retain.json")}}});
    const std::vector<Evaluation> first = evaluationsOf(recipe, QStringLiteral("g"));
    // What the first run has measured is marked, so that it can be told whether it was taken over.
    {
        Store store = Store::open(history, OpenMode::ReadWrite).value();
        Evaluation marked = first.front();
        marked.value = 123;
        QVERIFY(store.addEvaluations(store.runs().value().front().id, std::span(&marked, 1)));
    }
    recipe[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const std::vector<Evaluation> second = evaluationsOf(recipe, group);
    QCOMPARE(second.size(), first.size());
    const auto any = [&](const auto& wanted) { return std::ranges::any_of(second, wanted); };
    QCOMPARE(any([](const Evaluation& one) { return one.value == 123; }), known);
    QVERIFY(any([](const Evaluation& one) { return one.set == "reference-forget"; }));
}

QTEST_GUILESS_MAIN(TestCourse)
#include "tst_course.moc"
