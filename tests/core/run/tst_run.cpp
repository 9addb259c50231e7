#include "core/models/safetensors.h"
#include "core/run/model_evaluation.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/watched_run.h"

#include <QtTest>

#include <cmath>
#include <cstring>
#include <map>
#include <numbers>
#include <set>

using namespace lacuna;

namespace {

RunOutcome finished(const Json& recipe)
{
    WatchedRun run(recipe);
    run.untilEnd();
    return run.record();
}

/// The small run, undisturbed.
const RunOutcome& undisturbed()
{
    static const RunOutcome kRecord = finished(smallRecipe());
    return kRecord;
}

/// A run that only ends when it is told to.
Json endless()
{
    return changed({{"/training/steps", 1'000'000}, {"/evaluation/every_steps", 0}});
}

double valueOf(const std::vector<Evaluation>& evaluations, EvaluationPhase phase,
               const std::string& set, const std::string& metric)
{
    for (const Evaluation& evaluation : evaluations)
        if (evaluation.phase == phase && evaluation.set == set && evaluation.metric == metric)
            return evaluation.value;
    return std::nan("");
}

std::vector<InterruptionKind> interruptionsOf(const WatchedRun& run)
{
    const auto interruptions = run.store().readInterruptions(run.record().run.id).value();
    std::vector<InterruptionKind> kinds;
    for (const Interruption& interruption : interruptions)
        kinds.push_back(interruption.kind);
    return kinds;
}

bool allFinite(const std::filesystem::path& weights)
{
    const SafetensorsFile file = SafetensorsFile::open(weights).value();
    for (const TensorEntry& entry : file.tensors())
        for (std::size_t i = 0; i + 4 <= entry.bytes.size(); i += 4) {
            float value = 0;
            std::memcpy(&value, entry.bytes.data() + i, 4);
            if (!std::isfinite(value))
                return false;
        }
    return true;
}

} // namespace

class TestRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunGoesThroughItsStates();
    void everyStepIsInEveryCurve();
    void evaluationsAreKeptWithTheirSamples();
    void theResultIsTheModelThatWasEvaluated();
    void theSameRecipeGivesTheSameBits();
    void theSeedChangesTheRun();
    void aTemplateIsFollowedAndKept();

    void npoStartsAtItsKnownLoss();
    void divergenceFromTheStartIsNothingAtFirst();
    void microBatchesDoNotChangeTheNumbers();
    void theScopeLeavesTheRestAlone();

    void probesChangeNothing();
    void anAnswerStreamsTokenByToken();
    void aProbeIsPutInTheRecipesTemplateOrItsOwn();
    void aCancelledAnswerEndsWithinAToken();
    void aProbeThatCannotBeAnsweredDoesNoHarm_data();
    void aProbeThatCannotBeAnsweredDoesNoHarm();
    void aPauseTakesEffectAtOnceAndChangesNothing();
    void stopAndKeepLeavesAModel();
    void stopAndDiscardLeavesNoModel_data();
    void stopAndDiscardLeavesNoModel();
    void anInterruptedRunContinuesToTheSameNumbers_data();
    void anInterruptedRunContinuesToTheSameNumbers();
    void aRunInterruptedTwiceContinues();
    void closingTheProgramInterrupts();
    void anotherProcessMayPauseAndStop();
    void aRunThatIsWorkedOnIsNotContinued();
    void aRunThatIsDoneIsNotContinued();
    void aChangedCorpusIsNotContinued();
    void aDamagedCheckpointIsPassedOver();

    void aRetainBudgetEndsTheRunWithinIt();
    void aGuardGoesBackAndThenEnds();
    void aGuardSeesWhatTheLastStepDid();
    void withoutAGuardADivergenceFails();

    void aBadRecipeFailsTheRun_data();
    void aBadRecipeFailsTheRun();
};

void TestRun::aRunGoesThroughItsStates()
{
    WatchedRun run(smallRecipe());
    const RunEnded end = run.untilEnd();
    QVERIFY(!end.error);
    QVERIFY(end.state == RunState::Done);
    QVERIFY(end.reason.empty());
    std::vector<RunState> states;
    for (const StateChanged& changed : run.all<StateChanged>())
        states.push_back(changed.state);
    QVERIFY((states == std::vector{RunState::Prepared, RunState::Caching, RunState::Baseline,
                                   RunState::Running, RunState::FinalEvaluation}));
    const auto started = run.all<RunStarted>();
    QCOMPARE(started.size(), std::size_t{1});
    QCOMPARE(started.front().totalSteps, kSmallSteps);
    QCOMPARE(started.front().firstStep, std::int64_t{0});
    QCOMPARE(run.all<StepDone>().size(), std::size_t{kSmallSteps});

    const Run kept = run.record().run;
    QVERIFY(kept.state == RunState::Done);
    QCOMPARE(kept.step, kSmallSteps);
    QCOMPARE(kept.totalSteps, kSmallSteps);
    QVERIFY(!kept.pid && !kept.startedAt.empty() && !kept.endedAt.empty());
    QCOMPARE(shown(kept.method), shown("npo"));
    QCOMPARE(shown(kept.uid), shown(end.uid));
    const Json summary = Json::parse(kept.summary);
    QCOMPARE(summary["steps"].get<std::int64_t>(), kSmallSteps);
    QCOMPARE(summary["kept_step"].get<std::int64_t>(), kSmallSteps);
    QVERIFY(std::filesystem::exists(std::filesystem::path(kept.folder) / "manifest.json"));
    QVERIFY(!std::filesystem::exists(std::filesystem::path(kept.folder) / "checkpoints"));
    QVERIFY(parseRecipe(Json::parse(kept.recipe), {}));
    const auto artefacts = run.store().readArtefacts(kept.id).value();
    QCOMPARE(artefacts.size(), std::size_t{1});
    QCOMPARE(shown(artefacts.front().kind), shown("model"));
    QVERIFY(run.record().sameNumbers(undisturbed()));
}

void TestRun::everyStepIsInEveryCurve()
{
    std::set<std::string> keys;
    std::vector<std::int64_t> steps(kSmallSteps);
    std::iota(steps.begin(), steps.end(), 1);
    for (const auto& [key, curve] : undisturbed().curves) {
        if (key.starts_with("weight_change.")) { // at evaluations
            QCOMPARE(curve.steps, (std::vector<std::int64_t>{3, 6, kSmallSteps}));
            continue;
        }
        keys.insert(key);
        QVERIFY2(curve.steps == steps, key.c_str());
    }
    QVERIFY((keys == std::set<std::string>{"clipped", "forget_loss", "forget_nll", "gradient_norm",
                                           "learning_rate", "loss", "mean_token_weight",
                                           "retain_loss", "retain_nll", "tokens"}));
}

void TestRun::evaluationsAreKeptWithTheirSamples()
{
    std::set<std::pair<EvaluationPhase, std::int64_t>> seen;
    for (const Evaluation& evaluation : undisturbed().evaluations) {
        seen.insert({evaluation.phase, evaluation.step});
        if (evaluation.metric != "nll")
            continue;
        const bool during = evaluation.phase == EvaluationPhase::During;
        const std::size_t count = during || evaluation.set == "holdout" ? 6 : 12;
        QCOMPARE(evaluation.samples.size(), count);
        QCOMPARE(evaluation.count, static_cast<std::int64_t>(count));
        for (const SampleValue& sample : evaluation.samples)
            QVERIFY(std::isfinite(sample.value) && sample.value > 0);
    }
    QVERIFY(
        (seen == std::set<std::pair<EvaluationPhase, std::int64_t>>{{EvaluationPhase::Before, 0},
                                                                    {EvaluationPhase::During, 0},
                                                                    {EvaluationPhase::During, 3},
                                                                    {EvaluationPhase::During, 6},
                                                                    {EvaluationPhase::During, 8},
                                                                    {EvaluationPhase::After, 8}}));
}

void TestRun::theResultIsTheModelThatWasEvaluated()
{
    WatchedRun run(smallRecipe());
    run.untilEnd();
    const Recipe recipe = parseRecipe(smallRecipe(), {}).value();
    const auto again = evaluateModel({.model = (run.folder() / "model").string(),
                                      .forget = recipe.forget,
                                      .retain = recipe.retain,
                                      .holdout = recipe.holdout,
                                      .spec = recipe.evaluation,
                                      .device = "cpu",
                                      .maxLength = recipe.training.maxLength,
                                      .microBatchTokens = recipe.training.microBatchTokens},
                                     [](double) { return true; })
                           .value()
                           .evaluations;
    QVERIFY(!again.empty());
    for (const Evaluation& evaluation : again) {
        const double kept = valueOf(run.record().evaluations, EvaluationPhase::After,
                                    evaluation.set, evaluation.metric);
        QVERIFY2(kept == evaluation.value || (std::isnan(kept) && std::isnan(evaluation.value)),
                 evaluation.metric.c_str());
    }
}

void TestRun::theSameRecipeGivesTheSameBits()
{
    const RunOutcome again = finished(smallRecipe());
    QVERIFY(again.sameNumbers(undisturbed()));
    QVERIFY(again.sameWeights(undisturbed()));
}

void TestRun::theSeedChangesTheRun()
{
    QVERIFY(!finished(changed({{"/seed", 43}})).sameNumbers(undisturbed()));
}

void TestRun::aTemplateIsFollowedAndKept()
{
    WatchedRun run(changed({{"/template", "llmu"}}));
    run.untilEnd();
    QVERIFY(!run.record().sameNumbers(undisturbed()));
    const Json kept = readJsonFile(run.folder() / "manifest.json").value();
    QCOMPARE(kept["template"]["id"].get<std::string>(), std::string("llmu"));
    QCOMPARE(kept["template"]["before"].get<std::string>(), std::string("### Question: "));
    QCOMPARE(kept["recipe"]["template"].get<std::string>(), std::string("llmu"));

    // By another name the same text, and so the same numbers.
    QVERIFY(finished(changed({{"/template", "phi"}})).sameNumbers(undisturbed()));
}

void TestRun::npoStartsAtItsKnownLoss()
{
    for (const double beta : {0.1, 1.0}) {
        const RunOutcome record = finished(
            changed({{"/method", {{"id", "npo"}, {"beta", beta}}}, {"/training/steps", 1}}));
        const double first = record.curves.at("forget_loss").values.front();
        const double wanted = 2 / beta * std::numbers::ln2;
        // The reference and the first step pack their batches differently: float32 sums of some
        // 60 nats differ by 1e-5 at most, whatever beta.
        QVERIFY2(std::abs(first - wanted) < 1e-4, std::to_string(first - wanted).c_str());
        QCOMPARE(record.curves.count("retain_loss"), std::size_t{0});
    }
}

void TestRun::divergenceFromTheStartIsNothingAtFirst()
{
    const RunOutcome record = finished(changed({{"/method", {{"id", "ga-kl"}}}}));
    const std::vector<double> losses = record.curves.at("retain_loss").values;
    QVERIFY(std::abs(losses.front()) < 1e-6); // float32, packed differently
    QVERIFY(losses.back() > 1e-4);
}

void TestRun::microBatchesDoNotChangeTheNumbers()
{
    const RunOutcome large = finished(changed({{"/training/micro_batch_tokens", 100'000}}));
    const RunOutcome small = finished(changed({{"/training/micro_batch_tokens", 1}}));
    for (const char* key : {"forget_loss", "retain_loss", "loss", "forget_nll", "retain_nll"}) {
        const Series& a = large.curves.at(key);
        const Series& b = small.curves.at(key);
        for (std::size_t i = 0; i < a.values.size(); ++i) {
            const double bound = 1e-5 * std::max(1.0, std::abs(a.values[i]));
            QVERIFY2(std::abs(a.values[i] - b.values[i]) <= bound, key);
        }
    }
    QCOMPARE(small.curves.at("tokens").values, large.curves.at("tokens").values);
}

void TestRun::theScopeLeavesTheRestAlone()
{
    const auto weightsAfter = [](std::int64_t steps) {
        WatchedRun run(changed({{"/scope", {{"layers", "1-2"}, {"modules", {"down_proj"}}}},
                                {"/training/steps", steps},
                                {"/training/epochs", 0}}));
        run.untilEnd();
        const SafetensorsFile file =
            SafetensorsFile::open(run.folder() / "model/model.safetensors").value();
        std::map<std::string, std::string> bytes;
        for (const TensorEntry& entry : file.tensors())
            bytes[entry.name] =
                std::string(reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size());
        return bytes;
    };
    const auto before = weightsAfter(0);
    const auto after = weightsAfter(2);
    QCOMPARE(before.size(), after.size());
    for (const auto& [name, bytes] : before) {
        const bool chosen = name == "model.layers.1.mlp.down_proj.weight" ||
                            name == "model.layers.2.mlp.down_proj.weight";
        QVERIFY2((after.at(name) != bytes) == chosen, name.c_str());
    }
}

void TestRun::probesChangeNothing()
{
    WatchedRun run(smallRecipe());
    std::vector<std::uint64_t> tokens;
    const auto ask = [&] {
        tokens.push_back(run.control().probe({.prompt = "What did Tom find?",
                                              .maxNewTokens = 6,
                                              .temperature = 0.8,
                                              .seed = tokens.size()}));
    };
    ask();
    for (std::int64_t step = 1; step < kSmallSteps - 2; ++step) {
        QVERIFY(run.untilStep(step));
        ask();
    }
    run.untilEnd();
    std::set<std::uint64_t> answered;
    std::set<std::int64_t> steps;
    for (const AnswerReady& answer : run.all<AnswerReady>()) {
        answered.insert(answer.request);
        steps.insert(answer.step);
        QVERIFY(!answer.text.empty());
        QVERIFY(Json::parse(answer.tokens).size() > 0);
    }
    QCOMPARE(answered, std::set<std::uint64_t>(tokens.begin(), tokens.end()));
    QVERIFY(steps.size() > 2); // of the model as it changed
    const RunOutcome record = run.record();
    QCOMPARE(run.store().readAnswers(record.run.id).value().size(), tokens.size());
    QVERIFY(record.sameNumbers(undisturbed()));
    QVERIFY(record.sameWeights(undisturbed()));
}

void TestRun::anAnswerStreamsTokenByToken()
{
    WatchedRun run(changed({{"/training/steps", 2}}));
    const std::uint64_t token =
        run.control().probe({.prompt = "What did Tom find?", .maxNewTokens = 7});
    run.untilEnd();
    const auto pieces = run.all<AnswerToken>();
    const AnswerReady answer = run.all<AnswerReady>().front();
    const Json tokens = Json::parse(answer.tokens);
    QCOMPARE(pieces.size(), tokens.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        QCOMPARE(pieces[i].request, token);
        QCOMPARE(pieces[i].step, answer.step);
        QCOMPARE(pieces[i].token.piece, tokens[i]["piece"].get<std::string>());
        QCOMPARE(pieces[i].token.alternatives.size(), std::size_t{5});
        QVERIFY(i == 0 || pieces[i].text.starts_with(pieces[i - 1].text));
    }
    QCOMPARE(pieces.back().text, answer.text);
}

void TestRun::aProbeIsPutInTheRecipesTemplateOrItsOwn()
{
    WatchedRun run(changed({{"/training/steps", 1}, {"/template", "llmu"}}));
    const auto ask = [&](bool raw, const char* promptTemplate) {
        return run.control().probe(
            {.prompt = "Who?", .raw = raw, .promptTemplate = promptTemplate, .maxNewTokens = 1});
    };
    const std::uint64_t recipes = ask(false, "");
    const std::uint64_t own = ask(false, "phi");
    const std::uint64_t raw = ask(true, "");
    const std::uint64_t missing = ask(false, kModelTemplate);
    run.untilEnd();
    std::map<std::uint64_t, SentPrompt> sent;
    for (const AnswerReady& answer : run.all<AnswerReady>())
        sent[answer.request] = answer.sent;
    QCOMPARE(sent[recipes].text, std::string("### Question: Who?\n ### Answer:"));
    QCOMPARE(sent[own].text, std::string("Question: Who?\nAnswer:"));
    QCOMPARE(sent[raw].text, std::string("Who?"));
    QVERIFY(!sent[raw].problem);
    QCOMPARE(sent[missing].text, std::string("Who?"));
    QVERIFY(sent[missing].problem);
}

void TestRun::aCancelledAnswerEndsWithinAToken()
{
    WatchedRun run(changed({{"/training/steps", 2}}));
    const std::uint64_t waiting =
        run.control().probe({.prompt = "What did Tom find?", .maxNewTokens = 400});
    run.control().cancelProbe(waiting);
    const auto end = run.untilEnd();
    QVERIFY2(!end.error, end.error ? end.error->text().c_str() : "");
    QCOMPARE(run.all<AnswerReady>().size(), std::size_t{1});
    QCOMPARE(run.all<AnswerReady>().front().request, waiting);
    QVERIFY(run.all<AnswerToken>().empty());
}

void TestRun::aProbeThatCannotBeAnsweredDoesNoHarm_data()
{
    QTest::addColumn<QByteArray>("prompt");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("temperature");
    QTest::newRow("nothing") << QByteArray() << 4 << 0.0;
    QTest::newRow("longer than the context")
        << QByteArray("once upon a time ").repeated(400) << 4 << 0.0;
    QTest::newRow("an answer longer than the context") << QByteArray("Once") << 100'000 << 0.0;
    QTest::newRow("no answer wanted") << QByteArray("Once") << 0 << 0.0;
    QTest::newRow("a negative temperature") << QByteArray("Once") << 4 << -1.0;
    QTest::newRow("malformed bytes") << QByteArray("\xff\xfe\0Once", 7) << 4 << 0.0;
}

void TestRun::aProbeThatCannotBeAnsweredDoesNoHarm()
{
    QFETCH(QByteArray, prompt);
    QFETCH(int, count);
    QFETCH(double, temperature);
    WatchedRun run(changed({{"/training/steps", 1}}));
    const std::uint64_t token = run.control().probe(
        {.prompt = prompt.toStdString(), .maxNewTokens = count, .temperature = temperature});
    const RunEnded end = run.untilEnd();
    QVERIFY2(!end.error, end.error ? end.error->text().c_str() : "");
    QCOMPARE(run.all<AnswerReady>().size(), std::size_t{1});
    QCOMPARE(run.all<AnswerReady>().front().request, token);
}

void TestRun::aPauseTakesEffectAtOnceAndChangesNothing()
{
    WatchedRun run(smallRecipe());
    run.control().pause(); // before the first pass
    QVERIFY(run.untilState(RunState::Paused));
    QVERIFY(run.record().run.state == RunState::Paused);
    run.control().proceed();
    for (const std::int64_t step : {2, 4}) {
        QVERIFY(run.untilStep(step));
        run.control().pause();
        run.gather();
        const std::size_t asked = run.events().size();
        QVERIFY(run.untilState(RunState::Paused));
        // The micro-batch at work may have been the last of its step, and no more.
        std::size_t steps = 0;
        for (std::size_t i = asked; i < run.position(); ++i)
            steps += std::holds_alternative<StepDone>(run.events()[i]) ? 1 : 0;
        QVERIFY(steps <= 1);
        // A paused model answers, and stands still.
        const std::size_t before = run.all<StepDone>().size();
        QVERIFY(run.untilAnswer(run.control().probe({.prompt = "Once", .maxNewTokens = 3})));
        QCOMPARE(run.all<StepDone>().size(), before);
        run.control().proceed();
        QVERIFY(run.until(
            [](const RunEvent& event) { return std::holds_alternative<StateChanged>(event); }));
    }
    QVERIFY(run.untilEnd().state == RunState::Done);
    using enum InterruptionKind;
    QVERIFY(
        (interruptionsOf(run) == std::vector{Paused, Resumed, Paused, Resumed, Paused, Resumed}));
    QVERIFY(run.record().sameNumbers(undisturbed()));
    QVERIFY(run.record().sameWeights(undisturbed()));
}

void TestRun::stopAndKeepLeavesAModel()
{
    WatchedRun run(endless());
    QVERIFY(run.untilStep(3));
    run.control().stop(StopKind::Keep);
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Stopped && !end.error && !end.reason.empty());
    const RunOutcome record = run.record();
    QVERIFY(record.run.state == RunState::Stopped);
    QVERIFY(!record.weights.empty());
    QVERIFY(allFinite(run.folder() / "model/model.safetensors"));
    QVERIFY(std::isfinite(valueOf(record.evaluations, EvaluationPhase::After, "forget", "nll")));
    QCOMPARE(record.curves.at("loss").steps.back(), record.run.step);
    QVERIFY(!std::filesystem::exists(run.folder() / "checkpoints"));
}

void TestRun::stopAndDiscardLeavesNoModel_data()
{
    QTest::addColumn<bool>("late");
    QTest::newRow("while it trains") << false;
    QTest::newRow("while the result is evaluated") << true;
}

void TestRun::stopAndDiscardLeavesNoModel()
{
    QFETCH(bool, late);
    WatchedRun run(late ? changed({{"/training/micro_batch_tokens", 1}}) : endless());
    QVERIFY(late ? run.untilState(RunState::FinalEvaluation) : run.untilStep(3));
    run.control().stop(StopKind::Discard);
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Discarded && !end.error);
    QVERIFY(run.record().run.state == RunState::Discarded);
    QVERIFY(run.record().weights.empty());
    QVERIFY(!std::filesystem::exists(run.folder() / "model"));
    QVERIFY(!std::filesystem::exists(run.folder() / "checkpoints"));
    QVERIFY(run.store().readArtefacts(run.record().run.id)->empty());
}

void TestRun::anInterruptedRunContinuesToTheSameNumbers_data()
{
    QTest::addColumn<QByteArray>("moment");
    QTest::addColumn<int>("atLeast");
    for (const auto& [moment, atLeast] : {std::pair{"start", 0},
                                          {"baseline", 0},
                                          {"step 1", 1},
                                          {"step 2", 2},
                                          {"step 3, as its evaluation begins", 3},
                                          {"step 5", 5},
                                          {"step 8", 8},
                                          {"final", 8}})
        QTest::newRow(moment) << QByteArray(moment) << atLeast;
}

void TestRun::anInterruptedRunContinuesToTheSameNumbers()
{
    QFETCH(QByteArray, moment);
    QFETCH(int, atLeast);
    const Json recipe = changed({{"/method", {{"id", "npo"}, {"retain", {{"id", "kl"}}}}},
                                 {"/training/micro_batch_tokens", 1},
                                 {"/evaluation/probes", {"Once"}}});
    static const RunOutcome kWanted = finished(recipe);
    WatchedRun run(recipe);
    if (moment == "baseline")
        QVERIFY(run.untilState(RunState::Baseline));
    else if (moment == "final")
        QVERIFY(run.untilState(RunState::FinalEvaluation));
    else if (atLeast > 0)
        QVERIFY(run.untilStep(atLeast));
    run.control().stop(StopKind::Now);
    const RunEnded end = run.untilEnd();
    QVERIFY2(end.state == RunState::Interrupted, std::string(idOf(end.state)).c_str());
    QVERIFY(run.record().run.state == RunState::Interrupted);

    run.resume();
    const RunEnded again = run.untilEnd();
    QVERIFY2(!again.error, again.error ? again.error->text().c_str() : "");
    QVERIFY(again.state == RunState::Done);
    const RunOutcome record = run.record(); // of the only run there is
    QVERIFY(record.curves == kWanted.curves);
    QVERIFY(record.evaluations == kWanted.evaluations);
    QVERIFY(record.sameWeights(kWanted));
    QCOMPARE(Json::parse(record.run.summary)["trained_tokens"].get<std::int64_t>(),
             Json::parse(kWanted.run.summary)["trained_tokens"].get<std::int64_t>());
    // The original's, those of steps 3, 6 and 8, and the result's.
    QCOMPARE(run.store().readAnswers(record.run.id)->size(), std::size_t{5});
    const auto steps = run.all<StepDone>();
    QVERIFY(steps.size() <= static_cast<std::size_t>(kSmallSteps - atLeast)); // nothing is lost
    const std::int64_t first = run.all<RunStarted>().front().firstStep;
    QVERIFY(first >= atLeast);
    const auto interruptions = interruptionsOf(run);
    QCOMPARE(std::ranges::count(interruptions, InterruptionKind::Recovered), first > 0 ? 1 : 0);
    QVERIFY(!std::filesystem::exists(run.folder() / "checkpoints"));
}

void TestRun::aRunInterruptedTwiceContinues()
{
    WatchedRun run(smallRecipe());
    for (const std::int64_t step : {2, 5}) {
        QVERIFY(run.untilStep(step));
        run.control().stop(StopKind::Now);
        QVERIFY(run.untilEnd().state == RunState::Interrupted);
        run.resume();
    }
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(run.record().sameNumbers(undisturbed()));
    QVERIFY(run.record().sameWeights(undisturbed()));
}

void TestRun::closingTheProgramInterrupts()
{
    WatchedRun run(endless());
    QVERIFY(run.untilStep(1));
    run.abandon();
    QVERIFY(run.record().run.state == RunState::Interrupted);
    QVERIFY(std::filesystem::exists(run.folder() / "checkpoints"));
}

void TestRun::anotherProcessMayPauseAndStop()
{
    WatchedRun run(endless());
    QVERIFY(run.untilStep(1));
    Store other = run.store();
    const RunId id = run.record().run.id;
    other.postRequest(id, RequestKind::Pause).value();
    QVERIFY(run.untilState(RunState::Paused));
    other.postRequest(id, RequestKind::Resume).value();
    QVERIFY(run.untilState(RunState::Running));
    other.postRequest(id, RequestKind::Stop).value();
    QVERIFY(run.untilEnd().state == RunState::Stopped);
    QVERIFY(other.pendingRequests(id)->empty());
    QVERIFY(!run.record().weights.empty());
}

void TestRun::aRunThatIsWorkedOnIsNotContinued()
{
    WatchedRun run(endless());
    QVERIFY(run.untilStep(1));
    const auto second = RunThread::resume(run.history(), "small");
    QVERIFY(!second);
    QVERIFY(second.error().message.find("still works on the run") != std::string::npos);
    run.control().stop(StopKind::Discard);
    QVERIFY(run.untilEnd().state == RunState::Discarded);
}

void TestRun::aRunThatIsDoneIsNotContinued()
{
    WatchedRun run(changed({{"/training/steps", 1}}));
    run.untilEnd();
    const auto again = RunThread::resume(run.history(), "small");
    QVERIFY(!again);
    QVERIFY(again.error().message.find("done") != std::string::npos);
    QVERIFY(RunThread::resume(run.history(), "another").error().code == ErrorCode::NotFound);
}

void TestRun::aChangedCorpusIsNotContinued()
{
    const TemporaryFolder corpora;
    const auto path = corpora.file("kept.json");
    const std::string original = fileBytes(runData("retain.json"));
    writeBytes(path, original);
    WatchedRun run(changed({{"/retain", path.string()}}));
    QVERIFY(run.untilStep(2));
    run.control().stop(StopKind::Now);
    run.untilEnd();

    writeBytes(path, original.substr(original.find('\n') + 1));
    run.resume();
    const RunEnded refused = run.untilEnd();
    QVERIFY(refused.state == RunState::Failed);
    QVERIFY2(refused.error->text().find("kept.json") != std::string::npos,
             refused.error->text().c_str());

    // Nothing is lost by it.
    writeBytes(path, original);
    run.resume();
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(run.record().sameNumbers(undisturbed()));
}

void TestRun::aDamagedCheckpointIsPassedOver()
{
    WatchedRun run(changed({{"/checkpoint", {{"every_seconds", 0}, {"keep", 2}}}}));
    QVERIFY(run.untilStep(4));
    run.control().stop(StopKind::Now);
    run.untilEnd();
    std::vector<std::filesystem::path> folders;
    for (const auto& entry : std::filesystem::directory_iterator(run.folder() / "checkpoints"))
        folders.push_back(entry.path());
    QCOMPARE(folders.size(), std::size_t{2});
    std::sort(folders.begin(), folders.end());
    const auto newest = folders.back() / "state.safetensors";
    std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
    run.resume();
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(run.record().sameNumbers(undisturbed()));
    QVERIFY(run.record().sameWeights(undisturbed()));
}

void TestRun::aRetainBudgetEndsTheRunWithinIt()
{
    // Nothing but forgetting, so that the first evaluation is over the budget.
    const Json recipe =
        changed({{"/method", {{"id", "ga"}}},
                 {"/training/learning_rate", 1e-2},
                 {"/training/steps", 100},
                 {"/evaluation/subset", 12},
                 {"/controls", Json::array({{{"id", "retain-budget"}, {"max_increase", 0}}})}});
    WatchedRun run(recipe);
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Stopped && !end.error);
    QVERIFY2(end.reason.find("retain loss rose") != std::string::npos, end.reason.c_str());
    const RunOutcome record = run.record();
    QCOMPARE(shown(record.run.stopReason), shown(end.reason));
    QVERIFY(valueOf(record.evaluations, EvaluationPhase::After, "retain", "nll") <=
            valueOf(record.evaluations, EvaluationPhase::Before, "retain", "nll"));
    const Json summary = Json::parse(end.summary);
    QVERIFY(summary["steps"].get<int>() < 100);
    QVERIFY(summary["kept_step"].get<int>() < summary["steps"].get<int>());
    QVERIFY(!record.weights.empty());
}

namespace {

/// Decay with a factor of -99 a step, which float32 survives for some steps only.
Json diverging(std::int64_t steps, const Json& controls)
{
    return changed({{"/method", {{"id", "ga"}}},
                    {"/training/learning_rate", 10},
                    {"/training/weight_decay", 10},
                    {"/training/schedule", "constant"},
                    {"/training/warmup_epochs", 0},
                    {"/training/steps", steps},
                    {"/evaluation/every_steps", 0},
                    {"/controls", controls}});
}

} // namespace

void TestRun::aGuardGoesBackAndThenEnds()
{
    WatchedRun run(diverging(200, Json::array({{{"id", "divergence-guard"}}})));
    const RunEnded end = run.untilEnd();
    QVERIFY2(!end.error, end.error ? end.error->text().c_str() : "");
    QVERIFY(end.state == RunState::Stopped);
    QVERIFY2(end.reason.find("is not finite again") != std::string::npos, end.reason.c_str());
    QVERIFY(allFinite(run.folder() / "model/model.safetensors"));
    const RunOutcome record = run.record();
    QCOMPARE(valueOf(record.evaluations, EvaluationPhase::After, "forget", "nll"),
             valueOf(record.evaluations, EvaluationPhase::Before, "forget", "nll"));
    const std::vector<double> rates = record.curves.at("learning_rate").values;
    QCOMPARE(rates.front(), 10.0);
    QCOMPARE(rates.back(), 5.0);
    QCOMPARE(Json::parse(end.summary)["kept_step"].get<int>(), 0);
}

void TestRun::aGuardSeesWhatTheLastStepDid()
{
    // How many steps go well is found out first; one step fewer ends with weights that no pass has
    // seen yet.
    WatchedRun probe(diverging(200, Json::array({{{"id", "divergence-guard"}, {"rollbacks", 0}}})));
    probe.untilEnd();
    const auto steps = static_cast<std::int64_t>(probe.all<StepDone>().size());
    WatchedRun run(diverging(steps - 1, Json::array({{{"id", "divergence-guard"}}})));
    const RunEnded end = run.untilEnd();
    QVERIFY2(!end.error, end.error ? end.error->text().c_str() : "");
    QVERIFY(allFinite(run.folder() / "model/model.safetensors"));
    QVERIFY(
        std::isfinite(valueOf(run.record().evaluations, EvaluationPhase::After, "forget", "nll")));
}

void TestRun::withoutAGuardADivergenceFails()
{
    WatchedRun run(diverging(200, Json::array()));
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Failed);
    QVERIFY2(end.error->text().find("is not finite") != std::string::npos &&
                 end.error->remedy.find("divergence-guard") != std::string::npos,
             end.error->text().c_str());
    QVERIFY(run.record().weights.empty());
}

void TestRun::aBadRecipeFailsTheRun_data()
{
    QTest::addColumn<QByteArray>("changes");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* title, const Json& changes, const char* text) {
        QTest::newRow(title) << QByteArray::fromStdString(changes.dump()) << QByteArray(text);
    };
    row("no retain corpus", {{"/retain", nullptr}, {"/method", {{"id", "grad-diff"}}}},
        "recipe.retain: the method grad-diff with its retain term nll needs a retain corpus");
    row("a control without its corpus",
        {{"/retain", nullptr},
         {"/method", {{"id", "ga"}}},
         {"/controls", Json::array({{{"id", "retain-budget"}}})}},
        "recipe.controls[0]: retain-budget needs a retain corpus");
    row("an unknown method", {{"/method", {{"id", "npoo"}}}}, "did you mean \"npo\"?");
    row("a parameter out of range", {{"/method", {{"id", "npo"}, {"beta", 0}}}},
        "recipe.method: beta cannot be 0");
    row("a chat template that is not there", {{"/template", "model"}}, "has no chat template");
    row("no tokenizer", {{"/model", "$/bare"}}, "bare");
    row("no model", {{"/model", "$/none"}}, "none");
    row("an empty corpus", {{"/forget", "$/empty.json"}}, "empty.json");
    row("a corpus of nothing", {{"/forget", "$/list.json"}}, "list.json");
    row("a corpus that is not there", {{"/forget", "$/none.json"}}, "none.json");
    row("an empty retain corpus", {{"/retain", "$/empty.json"}}, "retain");
    row("layers that are not there", {{"/scope", {{"layers", "9"}}}}, "recipe.scope.layers");
    row("modules that are not there", {{"/scope", {{"modules", {"nothing"}}}}}, "recipe.scope");
    row("a device that is not there", {{"/device", "cuda:99"}}, "there is no device cuda:99");
}

void TestRun::aBadRecipeFailsTheRun()
{
    QFETCH(QByteArray, changes);
    QFETCH(QByteArray, text);
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.file("bare"));
    for (const char* name :
         {"config.json", "model.safetensors.index.json", "model-00001-of-00003.safetensors",
          "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"})
        std::filesystem::copy_file(std::filesystem::path(smallModel()) / name,
                                   folder.file("bare") / name);
    writeBytes(folder.file("empty.json"), "");
    writeBytes(folder.file("list.json"), "[]");
    Json recipe = smallRecipe();
    changes.replace("$", QByteArray::fromStdString(folder.file("").string()));
    const Json replacements = Json::parse(changes.toStdString());
    for (const auto& [pointer, value] : replacements.items())
        recipe[Json::json_pointer(pointer)] = value;

    WatchedRun run(recipe);
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Failed);
    QVERIFY(end.error.has_value());
    QVERIFY(end.error->code != ErrorCode::Internal);
    QVERIFY2(end.error->text().find(text.toStdString()) != std::string::npos,
             end.error->text().c_str());
    const RunOutcome record = run.record();
    QVERIFY(record.run.state == RunState::Failed);
    QCOMPARE(shown(record.run.error), shown(end.error->text()));
    QVERIFY(record.curves.empty() && record.weights.empty());
}

QTEST_GUILESS_MAIN(TestRun)
#include "tst_run.moc"
