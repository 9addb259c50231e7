#include "core/store/store.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/run/small_run.h"
#include "tests/support/test_main.h"

using namespace lacuna;
namespace fs = std::filesystem;

/// run with a grid or a sequence, and mix, as a shell runs them.
class TestGroupCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aSweepMakesAGroupAndIsNotDoneTwice();
    void aSequenceChainsItsRequests();
    void aBadPointStopsTheSweepBeforeItStarts();
    void runsAreCalibratedSideBySide();
    void aMixtureIsAModelFolder();
    void whatDoesNotGoTogetherIsRefused_data();
    void whatDoesNotGoTogetherIsRefused();

private:
    /// Two steps of each method on the small model.
    [[nodiscard]] std::string recipeWith(const char* name, const Json& more) const
    {
        Json recipe = smallRecipe();
        recipe["name"] = name;
        recipe["training"]["steps"] = 2;
        recipe["evaluation"]["every_steps"] = 0;
        recipe["evaluation"]["max_samples"] = 6;
        recipe.update(more);
        const fs::path file = m_folder.file(std::string(name) + ".json");
        writeBytes(file, recipe.dump());
        return file.string();
    }
    [[nodiscard]] Outcome run(const std::string& recipe) const
    {
        return m_cli.call({"run", recipe, "--store", store()});
    }
    [[nodiscard]] std::string store() const { return m_folder.file("h.sqlite").string(); }
    [[nodiscard]] std::vector<Run> runsOf(const std::string& group) const
    {
        const Store history = Store::open(store(), OpenMode::ReadOnly).value();
        return history.runs({.group = group, .descending = false}).value();
    }

    TemporaryFolder m_folder;
    LacunaCli m_cli;
};

void TestGroupCommands::initTestCase()
{
    const Outcome outcome =
        run(recipeWith("grid", {{"sweep", {{"method", {{{"id", "ga"}}, {{"id", "npo"}}}}}}}));
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const Json last = outcome.lines().back();
    QVERIFY(last["event"] == "sweep");
    QCOMPARE(last["runs"].size(), std::size_t{2});
    QVERIFY(last["runs"][0]["label"] == "method ga");
    QVERIFY(last["runs"][1]["values"]["forget probability"].is_number());
    QVERIFY(outcome.err.find("2 runs in the group \"grid\"") != std::string::npos);
}

void TestGroupCommands::aSweepMakesAGroupAndIsNotDoneTwice()
{
    QCOMPARE(runsOf("grid").size(), std::size_t{2});
    const Outcome again = run(m_folder.file("grid.json").string());
    QCOMPARE(again.code, 0);
    QCOMPARE(again.lines().size(), std::size_t{1}); // the table alone
    QCOMPARE(runsOf("grid").size(), std::size_t{2});
}

void TestGroupCommands::aSequenceChainsItsRequests()
{
    const Json requests = {{{"label", "first"}, {"forget", runData("forget.json")}},
                           {{"label", "second"}, {"forget", runData("holdout.json")}}};
    const Outcome outcome = run(recipeWith(
        "books",
        {{"method", {{"id", "task-vector"}}}, {"holdout", nullptr}, {"requests", requests}}));
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(outcome.err.find("after request") != std::string::npos);
    const std::vector<Run> runs = runsOf("books");
    QCOMPARE(runs.size(), std::size_t{2});
    QVERIFY(!runs[0].parent && runs[1].parent == runs[0].id);
    const Store history = Store::open(store(), OpenMode::ReadOnly).value();
    const Json second = Json::parse(history.run(runs[1].id).value().recipe);
    QVERIFY(second["model"] ==
            (fs::path(history.run(runs[0].id).value().folder) / "model").string());
    QVERIFY(second["origin"] == smallModel());
}

void TestGroupCommands::aBadPointStopsTheSweepBeforeItStarts()
{
    const Outcome outcome = run(recipeWith(
        "broken", {{"sweep", {{"method", {{{"id", "ga"}}, {{"id", "rmu"}, {"layer", 77}}}}}}}));
    QCOMPARE(outcome.code, 3);
    QVERIFY(outcome.err.find("layer 77 does not exist") != std::string::npos);
    QVERIFY(runsOf("broken").empty());
}

void TestGroupCommands::runsAreCalibratedSideBySide()
{
    const std::vector<Run> runs = runsOf("grid");
    const Outcome outcome = m_cli.call({"mix", runs[0].uid, runs[1].uid, "--calibrate", "nll",
                                        "--keep", "0.9", "--store", store()});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QCOMPARE(outcome.lines().size(), std::size_t{2});
    for (const Json& line : outcome.lines()) {
        QVERIFY(line["amount"].get<double>() >= 0 && line["amount"].get<double>() <= 1);
        QVERIFY(line["points"].size() >= 2);
    }
    QVERIFY(outcome.err.find("retain kept") != std::string::npos);
}

void TestGroupCommands::aMixtureIsAModelFolder()
{
    const std::string out = m_folder.file("mixed").string();
    const Outcome mixed = m_cli.call(
        {"mix", runsOf("grid")[0].uid, "--amount", "0.5", "--out", out, "--store", store()});
    QVERIFY2(mixed.code == 0, mixed.err.c_str());
    QVERIFY(mixed.line()["folder"] == out);
    QCOMPARE(m_cli.call({"generate", out, "--prompt", "Once", "--max-new-tokens", "2"}).code, 0);
}

void TestGroupCommands::whatDoesNotGoTogetherIsRefused_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("text");
    QTest::newRow("neither") << "" << 2 << "either --amount with --out, or --calibrate";
    QTest::newRow("both") << "--amount 1 --calibrate nll" << 2 << "either --amount";
    QTest::newRow("nowhere to go") << "--amount 1" << 2 << "--amount needs --out";
    QTest::newRow("an unknown metric") << "--calibrate nlll" << 3 << "did you mean \"nll\"";
    QTest::newRow("too much to keep") << "--calibrate nll --keep 2" << 2 << "keep";
}

void TestGroupCommands::whatDoesNotGoTogetherIsRefused()
{
    QFETCH(QString, words);
    QFETCH(QString, text);
    std::vector<std::string> call = {"mix", runsOf("grid")[0].uid, "--store", store()};
    for (const std::string& word : split(words.toStdString(), ' '))
        if (!word.empty())
            call.push_back(word);
    const Outcome outcome = m_cli.call(call);
    QTEST(outcome.code, "code");
    QVERIFY2(QString::fromStdString(outcome.err).contains(text), outcome.err.c_str());
}

LACUNA_TEST_MAIN(TestGroupCommands)
#include "tst_group_commands.moc"
