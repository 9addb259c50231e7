#include "core/store/store.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <QTest>

#include <algorithm>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::string kSample = RESOURCES_DIR "/sample/";
const std::string kForget = kSample + "corpus/forget.jsonl";

} // namespace

/// attacks and attack, as a shell runs them.
class TestAttackCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theyAreListed();
    void aFolderIsAttacked();
    void jsonHasEveryMetric();
    void aRunKeepsTheResults();
    void whatDoesNotGoTogetherIsRefused_data();
    void whatDoesNotGoTogetherIsRefused();

private:
    LacunaCli m_cli;
};

void TestAttackCommands::theyAreListed()
{
    const Outcome outcome = m_cli.call({"attacks", "--json"});
    QCOMPARE(outcome.code, 0);
    const std::vector<Json> lines = outcome.lines();
    QCOMPARE(lines.size(), std::size_t{17});
    for (const Json& line : lines)
        QVERIFY(line["kind"] == "attack" && !line["source"].empty());
    const std::string text = m_cli.call({"attacks"}).out;
    QVERIFY(text.find("quantisation: Coarser numbers") != std::string::npos);
    QVERIFY(text.find("needs: subject in the data") != std::string::npos);
}

void TestAttackCommands::aFolderIsAttacked()
{
    const Outcome outcome = m_cli.call(
        {"attack", kSample + "reference", "--original", kSample + "original", "--forget", kForget,
         "--attack", "prefill,adapter-removal", "--max-samples", "4", "--max-new-tokens", "8"});
    QCOMPARE(outcome.code, 0);
    QVERIFY2(outcome.out.starts_with("attack "), outcome.out.c_str());
    QVERIFY(outcome.out.find("unlearned") != std::string::npos);
    QVERIFY(outcome.out.find("original") != std::string::npos);
    QVERIFY(outcome.out.find("not measured: adapter-removal (unlearned): ") != std::string::npos);
    QVERIFY(outcome.out.find("verdict: ") != std::string::npos);
    QVERIFY(outcome.err.find("unlearned: ") != std::string::npos);
}

void TestAttackCommands::jsonHasEveryMetric()
{
    const Outcome outcome = m_cli.call({"attack", kSample + "original", "--forget", kForget,
                                        "--attack", R"({"id": "quantisation", "formats": "int8"})",
                                        "--max-samples", "4", "--max-new-tokens", "8", "--json"});
    QCOMPARE(outcome.code, 0);
    const std::vector<Json> lines = outcome.lines();
    QCOMPARE(lines.size(), std::size_t{4});
    std::vector<std::string> metrics;
    for (std::size_t i = 0; i < 3; ++i) {
        metrics.push_back(lines[i]["metric"]);
        QVERIFY(lines[i]["low"] <= lines[i]["value"] && lines[i]["value"] <= lines[i]["high"]);
        QVERIFY(lines[i]["settings"]["setting"] == "int8");
    }
    QCOMPARE(join(metrics, " "), std::string("rouge-l extraction-strength probability"));
    QVERIFY(lines[3]["complete"] == true);
    QVERIFY(lines[3]["verdict"].get<std::string>().starts_with("no recovery seen in these tests"));
}

void TestAttackCommands::aRunKeepsTheResults()
{
    const TemporaryFolder folder;
    const std::string file = folder.file("history.sqlite").string();
    {
        Store store = Store::open(file, OpenMode::CreateIfMissing).value();
        const Json recipe = {{"lacuna", 1},
                             {"model", kSample + "original"},
                             {"reference", kSample + "reference"},
                             {"forget", kForget},
                             {"method", {{"id", "npo"}, {"retain", {{"id", "nll"}}}}},
                             {"retain", kSample + "corpus/retain.jsonl"},
                             {"training", {{"max_length", 256}}}};
        const RunId run =
            store.createRun({.name = "attacked", .recipe = recipe.dump(), .method = "npo"})
                .value()
                .id;
        store.addArtefact(run, {.kind = "model", .path = kSample + "original"}).value();
    }
    const Outcome outcome =
        m_cli.call({"attack", "attacked", "--store", file, "--attack", "affirmative-suffix",
                    "--max-samples", "4", "--max-new-tokens", "8"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const Store store = Store::open(file, OpenMode::ReadOnly).value();
    const auto rows = store.readStressResults(store.findRun("attacked").value().id).value();
    QCOMPARE(rows.size(), std::size_t{9}); // three metrics of three models
    QCOMPARE(std::ranges::count(rows, ModelRole::Reference, &StressResult::role), 3);
}

void TestAttackCommands::whatDoesNotGoTogetherIsRefused_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("said");
    const QString model = QString::fromStdString(kSample + "original");
    QTest::newRow("no forget set") << QStringList{model} << u"--forget"_s;
    QTest::newRow("an unknown attack")
        << QStringList{model, u"--attack"_s, u"relearn"_s} << u"relearning"_s;
    QTest::newRow("a run that there is not") << QStringList{u"nowhere"_s} << u"nowhere"_s;
    QTest::newRow("a file that is not there")
        << QStringList{model, u"--forget"_s, u"none.jsonl"_s} << u"none.jsonl"_s;
}

void TestAttackCommands::whatDoesNotGoTogetherIsRefused()
{
    QFETCH(const QStringList, words);
    QFETCH(const QString, said);
    std::vector<std::string> call = {"attack"};
    for (const QString& word : words)
        call.push_back(word.toStdString());
    const Outcome outcome = m_cli.call(call);
    QCOMPARE(outcome.code, 3);
    QVERIFY2(outcome.err.find(said.toStdString()) != std::string::npos, outcome.err.c_str());
    QVERIFY(outcome.out.empty());
}

LACUNA_TEST_MAIN(TestAttackCommands)
#include "tst_attack_commands.moc"
