#include "core/controls/control.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <limits>

using namespace lacuna;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Result<std::vector<NamedControl>> read(const QByteArray& list, bool hasRetain = true)
{
    return readControls(Json::parse(list.toStdString()), hasRetain, "recipe.controls");
}

std::unique_ptr<Control> only(const QByteArray& item)
{
    return std::move(read("[" + item + "]").value().front().control);
}

ControlEvaluation retainRoseTo(double now, double start = 2.0)
{
    return {.step = 8,
            .forgetNll = 3,
            .retainNll = now,
            .forgetNllAtStart = 1,
            .retainNllAtStart = start};
}

} // namespace

class TestControls : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyControlLetsAGoodRunGoOn_data();
    void everyControlLetsAGoodRunGoOn();
    void everyControlRefusesWhatItDoesNotKnow_data();
    void everyControlRefusesWhatItDoesNotKnow();

    void theGuardRollsBackAsOftenAsItMay_data();
    void theGuardRollsBackAsOftenAsItMay();
    void theGuardCountsOnAfterAnInterruption();
    void theGuardSeesAnEvaluationThatIsNoNumber_data();
    void theGuardSeesAnEvaluationThatIsNoNumber();

    void theBudgetEndsTheRunWhenItIsOver_data();
    void theBudgetEndsTheRunWhenItIsOver();
    void theBudgetIsSilentWithoutRetainNumbers();

    void aLevelOfTheForgetLossEndsTheRun_data();
    void aLevelOfTheForgetLossEndsTheRun();
    void clippedStepsInARowEndTheRun();
    void answersThatRepeatThemselvesEndTheRun_data();
    void answersThatRepeatThemselvesEndTheRun();
    void aConstraintPaysForWhatIsBroken();
    void aConstraintWaitsAndRemembers();

    void listsAreReadInOrder();
    void aListThatIsWrongIsRefused_data();
    void aListThatIsWrongIsRefused();
};

void TestControls::everyControlLetsAGoodRunGoOn_data()
{
    QTest::addColumn<QString>("id");
    for (const std::string& id : controls().ids())
        QTest::newRow(id.c_str()) << shown(id);
}

void TestControls::everyControlLetsAGoodRunGoOn()
{
    QFETCH(QString, id);
    const ControlInfo& info = **controls().find(id.toStdString());
    QVERIFY(!info.title.empty() && !info.source.empty() && !info.explanation.empty());
    const auto control = info.make(ParamSet(info.params));
    for (int step = 1; step < 50; ++step) {
        QVERIFY(control->afterStep({.number = step, .finite = true}).action ==
                ControlAction::Continue);
        ControlEvaluation good = retainRoseTo(2.0);
        good.forgetNll = 2;
        QVERIFY(control->afterEvaluation(good).action == ControlAction::Continue);
    }
    const std::int64_t state = control->state();
    control->restore(state);
    QCOMPARE(control->state(), state);
}

void TestControls::everyControlRefusesWhatItDoesNotKnow_data()
{
    everyControlLetsAGoodRunGoOn_data();
}

void TestControls::everyControlRefusesWhatItDoesNotKnow()
{
    QFETCH(QString, id);
    const auto list = read(R"([{"id": ")" + id.toUtf8() + R"(", "no_such_parameter": 1}])");
    QVERIFY(!list);
    QCOMPARE(shown(list.error().context), shown("recipe.controls[0]"));
}

void TestControls::theGuardRollsBackAsOftenAsItMay_data()
{
    QTest::addColumn<QByteArray>("item");
    QTest::addColumn<int>("rollbacks");
    QTest::newRow("once unless said otherwise") << QByteArray(R"({"id": "divergence-guard"})") << 1;
    QTest::newRow("never") << QByteArray(R"({"id": "divergence-guard", "rollbacks": 0})") << 0;
    QTest::newRow("three times") << QByteArray(R"({"id": "divergence-guard", "rollbacks": 3})")
                                 << 3;
}

void TestControls::theGuardRollsBackAsOftenAsItMay()
{
    QFETCH(QByteArray, item);
    QFETCH(int, rollbacks);
    const auto guard = only(item);
    for (int i = 0; i < rollbacks; ++i) {
        QVERIFY(guard->afterStep({.number = 2 * i + 1, .finite = true}).action ==
                ControlAction::Continue);
        const Verdict verdict = guard->afterStep({.number = 2 * i + 2, .finite = false});
        QVERIFY(verdict.action == ControlAction::RollBack);
        QVERIFY(verdict.reason.find("step " + std::to_string(2 * i + 2)) != std::string::npos);
    }
    const Verdict last = guard->afterStep({.number = 90, .finite = false});
    QVERIFY(last.action == ControlAction::RestoreAndStop);
    QVERIFY(last.reason.find("step 90") != std::string::npos);
    QCOMPARE(last.reason.find("again") != std::string::npos, rollbacks > 0);
}

void TestControls::theGuardCountsOnAfterAnInterruption()
{
    const auto before = only(R"({"id": "divergence-guard"})");
    static_cast<void>(before->afterStep({.number = 3, .finite = false}));
    const auto after = only(R"({"id": "divergence-guard"})");
    after->restore(before->state());
    QVERIFY(after->afterStep({.number = 4, .finite = false}).action ==
            ControlAction::RestoreAndStop);
}

void TestControls::theGuardSeesAnEvaluationThatIsNoNumber_data()
{
    QTest::addColumn<double>("forget");
    QTest::addColumn<double>("retain");
    QTest::newRow("forget is NaN") << kNan << 2.0;
    QTest::newRow("forget is infinite") << kInfinity << 2.0;
    QTest::newRow("retain is NaN") << 2.0 << kNan;
}

void TestControls::theGuardSeesAnEvaluationThatIsNoNumber()
{
    QFETCH(double, forget);
    QFETCH(double, retain);
    const auto guard = only(R"({"id": "divergence-guard"})");
    ControlEvaluation evaluation = retainRoseTo(retain);
    evaluation.forgetNll = forget;
    QVERIFY(guard->afterEvaluation(evaluation).action == ControlAction::RollBack);
    QVERIFY(guard->afterStep({.number = 9, .finite = false}).action ==
            ControlAction::RestoreAndStop);
}

void TestControls::theBudgetEndsTheRunWhenItIsOver_data()
{
    QTest::addColumn<double>("now");
    QTest::addColumn<bool>("over");
    QTest::newRow("better than at the start") << 1.0 << false;
    QTest::newRow("as at the start") << 2.0 << false;
    QTest::newRow("just within") << 2.5 << false;
    QTest::newRow("just over") << 2.5000001 << true;
    QTest::newRow("infinite") << kInfinity << true;
    QTest::newRow("no number") << kNan << true;
}

void TestControls::theBudgetEndsTheRunWhenItIsOver()
{
    QFETCH(double, now);
    QFETCH(bool, over);
    const auto budget = only(R"({"id": "retain-budget", "max_increase": 0.5})");
    const Verdict verdict = budget->afterEvaluation(retainRoseTo(now));
    QVERIFY(verdict.action == (over ? ControlAction::RestoreAndStop : ControlAction::Continue));
    QCOMPARE(verdict.reason.empty(), !over);
    if (over)
        QVERIFY(verdict.reason.find("step 8") != std::string::npos &&
                verdict.reason.find("0.500") != std::string::npos);
}

void TestControls::theBudgetIsSilentWithoutRetainNumbers()
{
    const auto budget = only(R"({"id": "retain-budget"})");
    ControlEvaluation evaluation = retainRoseTo(100);
    evaluation.retainNllAtStart.reset();
    QVERIFY(budget->afterEvaluation(evaluation).action == ControlAction::Continue);
    evaluation = retainRoseTo(100);
    evaluation.retainNll.reset();
    QVERIFY(budget->afterEvaluation(evaluation).action == ControlAction::Continue);
}

void TestControls::aLevelOfTheForgetLossEndsTheRun_data()
{
    QTest::addColumn<QByteArray>("item");
    QTest::addColumn<double>("forgetNll");
    QTest::addColumn<int>("action");
    const auto row = [](const char* name, const char* item, double nll, ControlAction action) {
        QTest::newRow(name) << QByteArray(item) << nll << static_cast<int>(action);
    };
    const char* target = R"({"id": "target-level", "forget_nll": 3.5})";
    row("below the target", target, 3.49, ControlAction::Continue);
    row("at the target", target, 3.5, ControlAction::StopHere);
    row("a target is not reached by no number", target, kNan, ControlAction::Continue);
    const char* ceiling = R"({"id": "nll-ceiling", "max_nll": 6})";
    row("at the ceiling", ceiling, 6.0, ControlAction::Continue);
    row("over the ceiling", ceiling, 6.01, ControlAction::RestoreAndStop);
    row("no number is over the ceiling", ceiling, kNan, ControlAction::RestoreAndStop);
}

void TestControls::aLevelOfTheForgetLossEndsTheRun()
{
    QFETCH(QByteArray, item);
    QFETCH(double, forgetNll);
    QFETCH(int, action);
    ControlEvaluation evaluation = retainRoseTo(2.0);
    evaluation.forgetNll = forgetNll;
    const Verdict verdict = only(item)->afterEvaluation(evaluation);
    QCOMPARE(static_cast<int>(verdict.action), action);
    QCOMPARE(verdict.reason.find("step 8") != std::string::npos,
             verdict.action != ControlAction::Continue);
}

void TestControls::answersThatRepeatThemselvesEndTheRun_data()
{
    QTest::addColumn<double>("repetition");
    QTest::addColumn<bool>("ends");
    QTest::addColumn<double>("atStart");
    QTest::newRow("fluent") << 0.05 << false << 0.0;
    QTest::newRow("just within") << 0.5 << false << 0.0;
    QTest::newRow("just over") << 0.5001 << true << 0.0;
    QTest::newRow("nothing but repetition") << 1.0 << true << 0.0;
    QTest::newRow("as the original did") << 0.8 << false << 0.8;
    QTest::newRow("worse than the original did") << 0.9 << true << 0.8;
}

void TestControls::answersThatRepeatThemselvesEndTheRun()
{
    QFETCH(double, repetition);
    QFETCH(bool, ends);
    QFETCH(double, atStart);
    const auto guard = only(R"({"id": "fluency-guard", "max_repetition": 0.5})");
    QVERIFY(guard->readsAnswers());
    ControlEvaluation evaluation = retainRoseTo(2.0);
    evaluation.repetition = repetition;
    evaluation.repetitionAtStart = atStart;
    const Verdict verdict = guard->afterEvaluation(evaluation);
    QVERIFY(verdict.action == (ends ? ControlAction::RestoreAndStop : ControlAction::Continue));
    QCOMPARE(verdict.reason.find("step 8") != std::string::npos, ends);
}

void TestControls::clippedStepsInARowEndTheRun()
{
    const auto clipped = [](std::int64_t number) {
        return ControlStep{.number = number, .clipped = true};
    };
    const QByteArray item = R"({"id": "gradient-guard", "max_clipped": 3})";
    const auto guard = only(item);
    QVERIFY(guard->afterStep(clipped(1)).action == ControlAction::Continue);
    QVERIFY(guard->afterStep(clipped(2)).action == ControlAction::Continue);
    QVERIFY(guard->afterStep({.number = 3}).action == ControlAction::Continue);
    QVERIFY(guard->afterStep(clipped(4)).action == ControlAction::Continue);
    QVERIFY(guard->afterStep(clipped(5)).action == ControlAction::Continue);
    // An interruption does not begin the count anew.
    const auto later = only(item);
    later->restore(guard->state());
    const Verdict verdict = later->afterStep(clipped(6));
    QVERIFY(verdict.action == ControlAction::StopHere);
    QVERIFY(verdict.reason.find("step 6") != std::string::npos);
}

void TestControls::aConstraintPaysForWhatIsBroken()
{
    const auto control = only(R"({"id": "retain-constraint", "max_increase": 0.5,
                                  "start_weight": 2, "rate": 3})");
    QCOMPARE(control->retainWeight(), std::optional(2.0));
    const auto after = [&](double retainNll) {
        const Verdict verdict =
            control->afterStep({.number = 1, .retainNll = retainNll, .retainNllAtStart = 1.0});
        return verdict.action == ControlAction::Continue ? *control->retainWeight() : -1;
    };
    QCOMPARE(after(2.5), 5.0);  // broken by 1 nat
    QCOMPARE(after(1.5), 5.0);  // at the bound
    QCOMPARE(after(1.0), 3.5);  // half a nat of room
    QCOMPARE(after(-9.0), 0.0); // never negative
    (void)control->afterStep({.number = 2, .finite = false, .retainNll = kNan});
    (void)control->afterStep({.number = 3}); // a term without a likelihood
    QCOMPARE(*control->retainWeight(), 0.0);
}

void TestControls::aConstraintWaitsAndRemembers()
{
    const QByteArray item = R"({"id": "retain-constraint", "start_weight": 1, "rate": 1,
                                "max_increase": 0, "warmup_epochs": 2})";
    const auto control = only(item);
    const auto step = [&](std::int64_t epoch) {
        (void)control->afterStep({.epoch = epoch, .retainNll = 1.25, .retainNllAtStart = 1.0});
        return *control->retainWeight();
    };
    QCOMPARE(step(0), 1.0);
    QCOMPARE(step(1), 1.0);
    QCOMPARE(step(2), 1.25);
    const auto continued = only(item);
    continued->restore(control->state());
    QCOMPARE(*continued->retainWeight(), 1.25);
}

void TestControls::listsAreReadInOrder()
{
    const auto list = read(R"([{"id": "retain-budget"}, {"id": "divergence-guard"}])");
    QVERIFY(list);
    QCOMPARE(list->size(), std::size_t{2});
    QCOMPARE(shown((*list)[0].id), shown("retain-budget"));
    QCOMPARE(shown((*list)[1].id), shown("divergence-guard"));
    QVERIFY(read("[]")->empty());
}

void TestControls::aListThatIsWrongIsRefused_data()
{
    static constexpr const char* kNeedsId =
        "recipe.controls[0]: a control needs an id; known ones: divergence-guard, retain-budget, "
        "target-level, nll-ceiling, gradient-guard, fluency-guard, retain-constraint";
    QTest::addColumn<QByteArray>("list");
    QTest::addColumn<bool>("hasRetain");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* title, const char* list, bool hasRetain, const char* text) {
        QTest::newRow(title) << QByteArray(list) << hasRetain << QByteArray(text);
    };
    row("an unknown id", R"([{"id": "divergence-guard"}, {"id": "retain-budgets"}])", true,
        "recipe.controls[1]: there is no control \"retain-budgets\"; did you mean "
        "\"retain-budget\"?");
    row("no id", R"([{"rollbacks": 2}])", true, kNeedsId);
    row("a name alone", R"(["divergence-guard"])", true, kNeedsId);
    row("out of range", R"([{"id": "divergence-guard", "rollbacks": -1}])", true,
        "recipe.controls[0]: rollbacks cannot be -1; it must be between 0 and 20");
    row("a budget without a retain corpus", R"([{"id": "retain-budget"}])", false,
        "recipe.controls[0]: retain-budget needs a retain corpus; add \"retain\" to the recipe or "
        "leave this control out");
}

void TestControls::aListThatIsWrongIsRefused()
{
    QFETCH(QByteArray, list);
    QFETCH(bool, hasRetain);
    QFETCH(QByteArray, text);
    const auto controls = read(list, hasRetain);
    QVERIFY(!controls);
    QCOMPARE(shown(controls.error().text()), shown(text.toStdString()));
}

QTEST_GUILESS_MAIN(TestControls)
#include "tst_controls.moc"
