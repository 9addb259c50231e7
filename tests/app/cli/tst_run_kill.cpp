#include "app/cli/command.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"

#include <QtTest>

#include <csignal>

using namespace lacuna;

namespace {

/// The small run with a checkpoint after each step.
Json checkpointed()
{
    Json recipe = smallRecipe();
    recipe["checkpoint"] = {{"every_seconds", 0}, {"keep", 2}};
    recipe["training"]["micro_batch_tokens"] = 1;
    return recipe;
}

Json endless()
{
    Json recipe = smallRecipe();
    recipe["training"]["steps"] = 1'000'000;
    recipe["evaluation"]["every_steps"] = 0;
    return recipe;
}

/// A home with a recipe in it, and the program at work on that recipe.
class RunningCli {
public:
    explicit RunningCli(const Json& recipe) { writeBytes(recipeFile(), recipe.dump(1)); }

    [[nodiscard]] std::filesystem::path recipeFile() const { return m_recipes.file("small.json"); }
    [[nodiscard]] std::filesystem::path history() const { return m_cli.home() / "kept/h.sqlite"; }

    void start()
    {
        m_cli.start(m_process, {"run", recipeFile().string(), "--store", history().string()});
    }
    [[nodiscard]] Outcome call(std::vector<std::string> words) const
    {
        words.insert(words.end(), {"--store", history().string()});
        return m_cli.call(words);
    }
    /// The next line whose \p key is \p value; false when the program ended before it wrote one.
    bool until(const char* key, const Json& value)
    {
        while (true) {
            while (m_process.canReadLine()) {
                const Json line = Json::parse(m_process.readLine().toStdString());
                if (line.contains(key) && line[key] == value)
                    return true;
            }
            if (!m_process.waitForReadyRead(60'000))
                return false;
        }
    }
    /// Waits for a text among the prose.
    bool untilSaid(const char* text)
    {
        m_process.setReadChannel(QProcess::StandardError);
        QByteArray said;
        while (!said.contains(text)) {
            if (m_process.bytesAvailable() == 0 && !m_process.waitForReadyRead(60'000))
                return false;
            said += m_process.readAll();
        }
        return true;
    }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    void send(int signal) { ::kill(static_cast<pid_t>(m_process.processId()), signal); }
    Outcome finish() { return LacunaCli::finish(m_process); }
    [[nodiscard]] const LacunaCli& cli() const { return m_cli; }

private:
    LacunaCli m_cli;
    TemporaryFolder m_recipes;
    QProcess m_process;
};

const RunOutcome& undisturbed()
{
    static const RunOutcome kRecord = [] {
        RunningCli run(checkpointed());
        run.start();
        run.finish();
        return onlyRecord(run.history());
    }();
    return kRecord;
}

std::vector<std::int64_t> stepsOf(const Outcome& outcome)
{
    std::vector<std::int64_t> steps;
    for (const Json& line : outcome.lines())
        if (line.value("event", "") == "step")
            steps.push_back(line["step"].get<std::int64_t>());
    return steps;
}

} // namespace

class TestRunKill : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anUndisturbedRunIsDone();
    void aKilledRunContinuesToTheSameNumbers_data();
    void aKilledRunContinuesToTheSameNumbers();
    void aRunKilledTwiceContinues();
    void aKilledRunIsNobodysToStop();

    void oneInterruptStopsAndKeeps();
    void twoInterruptsStopAtOnce();
    void anotherCallStopsTheRun();

    void aDryRunWritesNothing();
    void whatIsWrongEndsWithItsCode_data();
    void whatIsWrongEndsWithItsCode();
    void aHistoryThatCannotBeWrittenIsOneSentence_data();
    void aHistoryThatCannotBeWrittenIsOneSentence();
};

void TestRunKill::anUndisturbedRunIsDone()
{
    QVERIFY(undisturbed().run.state == RunState::Done);
    QVERIFY(!undisturbed().weights.empty());
    QCOMPARE(undisturbed().curves.at("loss").steps.size(), std::size_t{kSmallSteps});
}

void TestRunKill::aKilledRunContinuesToTheSameNumbers_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<int>("step"); // 0: by state
    for (const int step : {1, 3, 6, 8})
        QTest::addRow("after step %d", step) << QByteArray("step") << step;
    QTest::newRow("in the baseline") << QByteArray("baseline") << 0;
    QTest::newRow("in the final evaluation") << QByteArray("final-evaluation") << 0;
}

void TestRunKill::aKilledRunContinuesToTheSameNumbers()
{
    QFETCH(QByteArray, key);
    QFETCH(int, step);
    RunningCli run(checkpointed());
    run.start();
    QVERIFY(step > 0 ? run.until("step", step) : run.until("state", key.toStdString()));
    run.kill();
    QVERIFY(onlyRecord(run.history()).run.state != RunState::Done);

    const Outcome resumed = run.call({"resume", "small"});
    QVERIFY2(resumed.code == ExitDone, resumed.err.c_str());
    const RunOutcome record = onlyRecord(run.history());
    QVERIFY(record.run.state == RunState::Done);
    QVERIFY(record.curves == undisturbed().curves);
    QVERIFY(record.evaluations == undisturbed().evaluations);
    QVERIFY(record.sameWeights(undisturbed()));
    // The checkpoint of a step is written after its line: at most one step is done again.
    const auto steps = stepsOf(resumed);
    QVERIFY(steps.empty() || steps.front() >= std::max(step, 1));
    QVERIFY(key != "final-evaluation" || steps.size() <= 1);

    const Store store = Store::open(run.history(), OpenMode::ReadOnly).value();
    const auto interruptions = store.readInterruptions(record.run.id).value();
    QVERIFY(!interruptions.empty());
    QVERIFY(interruptions.front().kind == InterruptionKind::Killed);
    QCOMPARE(interruptions.size() > 1 && interruptions[1].kind == InterruptionKind::Recovered,
             key == "final-evaluation" || step > 1 || (step == 1 && interruptions.size() > 1));
}

void TestRunKill::aRunKilledTwiceContinues()
{
    RunningCli run(checkpointed());
    run.start();
    QVERIFY(run.until("step", 2));
    run.kill();
    QProcess again;
    run.cli().start(again, {"resume", "small", "--store", run.history().string()});
    while (!again.canReadLine() || !again.readLine().contains("\"step\":5"))
        QVERIFY(again.canReadLine() || again.waitForReadyRead(60'000));
    again.kill();
    again.waitForFinished();
    QCOMPARE(run.call({"resume", "small"}).code, int{ExitDone});
    const RunOutcome record = onlyRecord(run.history());
    QVERIFY(record.sameNumbers(undisturbed()));
    QVERIFY(record.sameWeights(undisturbed()));
}

void TestRunKill::aKilledRunIsNobodysToStop()
{
    RunningCli run(endless());
    run.start();
    QVERIFY(run.until("step", 1));
    run.kill();
    const Outcome stop = run.call({"stop", "small"});
    QCOMPARE(stop.code, int{ExitBadInput});
    QVERIFY2(stop.err.find("no process works on the run") != std::string::npos, stop.err.c_str());
}

void TestRunKill::oneInterruptStopsAndKeeps()
{
    RunningCli run(endless());
    run.start();
    QVERIFY(run.until("step", 2));
    run.send(SIGINT);
    const Outcome outcome = run.finish();
    QCOMPARE(outcome.code, int{ExitInterrupted});
    const RunOutcome record = onlyRecord(run.history());
    QVERIFY(record.run.state == RunState::Stopped);
    QVERIFY(!record.weights.empty());
    QVERIFY(outcome.lines().back()["state"] == "stopped");
}

void TestRunKill::twoInterruptsStopAtOnce()
{
    Json recipe = endless();
    recipe["evaluation"]["generate"] = true; // an ending that takes its time
    recipe["evaluation"]["max_new_tokens"] = 40;
    RunningCli run(recipe);
    run.start();
    QVERIFY(run.until("step", 2));
    run.send(SIGINT);
    QVERIFY(run.untilSaid("Stopping and keeping"));
    run.send(SIGINT);
    QCOMPARE(run.finish().code, int{ExitInterrupted});
    QVERIFY(onlyRecord(run.history()).run.state == RunState::Interrupted);
}

void TestRunKill::anotherCallStopsTheRun()
{
    RunningCli run(endless());
    run.start();
    QVERIFY(run.until("step", 1));
    const Outcome resume = run.call({"resume", "small"});
    QCOMPARE(resume.code, int{ExitBadInput});
    QVERIFY(resume.err.find("still works on the run") != std::string::npos);
    QCOMPARE(run.call({"stop", "small"}).code, int{ExitDone});
    QCOMPARE(run.finish().code, int{ExitDone});
    QVERIFY(onlyRecord(run.history()).run.state == RunState::Stopped);
}

void TestRunKill::aDryRunWritesNothing()
{
    RunningCli run(smallRecipe());
    const Outcome outcome = run.call({"run", run.recipeFile().string(), "--dry-run"});
    QCOMPARE(outcome.code, int{ExitDone});
    QCOMPARE(outcome.line()["total_steps"].get<std::int64_t>(), kSmallSteps);
    QVERIFY(std::filesystem::is_empty(run.cli().home()));
    const auto entries = std::filesystem::directory_iterator(run.recipeFile().parent_path());
    QCOMPARE(std::distance(begin(entries), end(entries)), std::ptrdiff_t{1});
}

void TestRunKill::whatIsWrongEndsWithItsCode_data()
{
    QTest::addColumn<QByteArray>("set");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* title, const char* set, int code, const char* said) {
        QTest::newRow(title) << QByteArray(set) << code << QByteArray(said);
    };
    row("a misspelt key", "training.learning_rat=1", ExitBadInput,
        "did you mean \"learning_rate\"?");
    row("a value out of range", "training.batch_size=0", ExitBadInput, "training.batch_size");
    row("a method that is not there", "method.id=npoo", ExitBadInput, "did you mean \"npo\"?");
    row("a corpus that is not there", "forget=none.json", ExitBadInput, "none.json");
    row("a run that diverges without a guard",
        R"(training={"learning_rate":10,"weight_decay":10,"schedule":"constant","steps":200})",
        ExitRunFailed, "is not finite");
}

void TestRunKill::whatIsWrongEndsWithItsCode()
{
    QFETCH(QByteArray, set);
    QFETCH(int, code);
    QFETCH(QByteArray, said);
    Json recipe = smallRecipe();
    recipe["controls"] = Json::array();
    RunningCli run(recipe);
    const Outcome outcome =
        run.call({"run", run.recipeFile().string(), "--set", set.toStdString()});
    QVERIFY2(outcome.code == code, outcome.err.c_str());
    QVERIFY2(outcome.err.find(said.toStdString()) != std::string::npos, outcome.err.c_str());
    QCOMPARE(std::filesystem::exists(run.history()), code == ExitRunFailed);
}

void TestRunKill::aHistoryThatCannotBeWrittenIsOneSentence_data()
{
    QTest::addColumn<bool>("folder");
    QTest::newRow("a folder in its place") << true;
    QTest::newRow("another kind of file") << false;
}

void TestRunKill::aHistoryThatCannotBeWrittenIsOneSentence()
{
    QFETCH(bool, folder);
    RunningCli run(smallRecipe());
    std::filesystem::create_directories(folder ? run.history() : run.history().parent_path());
    if (!folder)
        writeBytes(run.history(), "This is not a history. It is a letter, and a long one too.");
    const Outcome outcome = run.call({"run", run.recipeFile().string()});
    QVERIFY(outcome.code == ExitBadInput || outcome.code == ExitRunFailed);
    QVERIFY(outcome.out.empty());
    const std::size_t place = outcome.err.find(run.history().string());
    QVERIFY2(place != std::string::npos, outcome.err.c_str());
    QCOMPARE(outcome.err.find(run.history().string(), place + 1), std::string::npos);
    QVERIFY(outcome.err.find("terminate") == std::string::npos);
}

QTEST_GUILESS_MAIN(TestRunKill)
#include "tst_run_kill.moc"
