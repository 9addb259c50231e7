#include "core/run/sweep.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/result_weights.h"
#include "tests/core/run/watched_run.h"

#include <QtTest>

#include <set>

using namespace lacuna;

namespace {

/// A short run of plain descent, in which rounding at the start stays rounding.
Json shortRecipe(const Json& method, const std::string& forget, const std::string& model)
{
    Json recipe = changed({{"/method", method},
                           {"/forget", runData(forget)},
                           {"/model", model},
                           {"/training/steps", 3},
                           {"/training/optimizer", "sgd"},
                           {"/training/learning_rate", 0.5},
                           {"/training/weight_decay", 0.0},
                           {"/training/schedule", "constant"},
                           {"/training/warmup_epochs", 0},
                           {"/evaluation/every_steps", 0}});
    recipe.erase("retain");
    recipe.erase("holdout");
    return recipe;
}

std::string resultOf(const WatchedRun& run)
{
    return (run.folder() / "model").string();
}

/// A second request, after \p first.
Json second(const Json& method, const WatchedRun& first)
{
    Json recipe = shortRecipe(method, "holdout.json", resultOf(first));
    recipe["origin"] = smallModel();
    recipe["earlier"] = {runData("forget.json")};
    return recipe;
}

} // namespace

/// Requests that arrive one after another (unlearning reference 2.16).
class TestSequence : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWasLearnedIsLearnedOnAndSubtractedWhole_data();
    void whatWasLearnedIsLearnedOnAndSubtractedWhole();
    void earlierTargetsAreMeasuredAgain();
    void anInterruptedRequestContinuesExactly_data();
    void anInterruptedRequestContinuesExactly();
    void aDamagedCheckpointStartsOverFromWhatWasGiven();
    void otherMethodsGoOnFromTheResult();
};

void TestSequence::whatWasLearnedIsLearnedOnAndSubtractedWhole_data()
{
    QTest::addColumn<double>("scale");
    QTest::newRow("once") << 1.0;
    QTest::newRow("twice") << 2.0;
}

void TestSequence::whatWasLearnedIsLearnedOnAndSubtractedWhole()
{
    QFETCH(double, scale);
    const Json vector = {{"id", "task-vector"}, {"scale", scale}};
    WatchedRun first(shortRecipe(vector, "forget.json", smallModel()));
    QVERIFY(first.untilEnd().state == RunState::Done);
    WatchedRun next(second(vector, first));
    QVERIFY(next.untilEnd().state == RunState::Done);
    // The same learning by hand.
    const Json tuning = {{"id", "finetune"}};
    WatchedRun one(shortRecipe(tuning, "forget.json", smallModel()));
    one.untilEnd();
    WatchedRun both(shortRecipe(tuning, "holdout.json", resultOf(one)));
    both.untilEnd();
    const auto origin = weightsIn(smallModel());
    const auto after = weightsIn(resultOf(next));
    for (const auto& [name, learned] : weightsIn(resultOf(both))) {
        const at::Tensor wanted = origin.at(name).mul(1 + scale).sub(learned.mul(scale));
        QVERIFY2(after.at(name).allclose(wanted, 1e-4, 1e-4), name.c_str());
    }
    // What it was given is measured first, and then what it goes on learning from.
    const auto nllAt = [](const WatchedRun& run, EvaluationPhase phase) {
        for (const Evaluation& found : run.record().evaluations)
            if (found.phase == phase && found.step == 0 && found.set == "earlier-1" &&
                found.metric == "nll")
                return found.value;
        return 0.0;
    };
    QVERIFY(nllAt(next, EvaluationPhase::Before) > nllAt(next, EvaluationPhase::During));
}

void TestSequence::earlierTargetsAreMeasuredAgain()
{
    const Json method = {{"id", "ga"}};
    WatchedRun first(shortRecipe(method, "forget.json", smallModel()));
    first.untilEnd();
    WatchedRun next(second(method, first));
    next.untilEnd();
    std::set<std::string> sets;
    for (const Evaluation& one : next.record().evaluations)
        sets.insert(one.set);
    QVERIFY((sets == std::set<std::string>{"forget", "earlier-1"}));
}

void TestSequence::anInterruptedRequestContinuesExactly_data()
{
    QTest::addColumn<bool>("adapter");
    QTest::newRow("weights") << false;
    QTest::newRow("an adapter") << true;
}

void TestSequence::anInterruptedRequestContinuesExactly()
{
    QFETCH(bool, adapter);
    const Json method = {{"id", "ssu"}};
    WatchedRun first(shortRecipe(method, "forget.json", smallModel()));
    first.untilEnd();
    Json recipe = second(method, first);
    recipe["checkpoint"]["every_seconds"] = 0;
    if (adapter)
        recipe["scope"] = {{"adapter", {{"rank", 2}}}};
    WatchedRun undisturbed(recipe);
    QVERIFY(undisturbed.untilEnd().state == RunState::Done);
    QVERIFY(interruptedAfter(2, recipe).sameWeights(undisturbed.record()));
    // What is subtracted was not all learned in this adapter: it is no way to the result.
    QVERIFY(!std::filesystem::exists(undisturbed.folder() / "adapter"));
}

void TestSequence::aDamagedCheckpointStartsOverFromWhatWasGiven()
{
    const Json method = {{"id", "task-vector"}};
    WatchedRun first(shortRecipe(method, "forget.json", smallModel()));
    first.untilEnd();
    Json recipe = second(method, first);
    recipe["checkpoint"]["every_seconds"] = 0;
    WatchedRun undisturbed(recipe);
    undisturbed.untilEnd();
    WatchedRun run(recipe);
    QVERIFY(run.untilStep(2));
    run.control().stop(StopKind::Now);
    run.untilEnd();
    for (const auto& entry : std::filesystem::directory_iterator(run.folder() / "checkpoints"))
        writeBytes(entry.path() / "state.json", "{}");
    run.resume();
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(run.record().evaluations == undisturbed.record().evaluations);
    QVERIFY(run.record().sameWeights(undisturbed.record()));
}

void TestSequence::otherMethodsGoOnFromTheResult()
{
    const Json method = {{"id", "ga"}};
    WatchedRun first(shortRecipe(method, "forget.json", smallModel()));
    first.untilEnd();
    WatchedRun next(second(method, first));
    next.untilEnd();
    WatchedRun alone(shortRecipe(method, "holdout.json", resultOf(first)));
    alone.untilEnd();
    QVERIFY(next.record().sameWeights(alone.record()));
}

QTEST_GUILESS_MAIN(TestSequence)
#include "tst_sequence.moc"
