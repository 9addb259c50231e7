#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"
#include "tests/core/run/small_run.h"
#include "tests/support/model_folders.h"
#include "tests/support/test_main.h"

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::string kFull = (std::filesystem::path(TEST_DATA_DIR) / "models/stories260K").string();

} // namespace

/// lens, inside and weight-changes, as a shell runs them.
class TestInsideCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLensEndsInWhatGeneratingSays();
    void theLensComparesTwoModels();
    void theLensTableNamesTokensAndDepth();
    void templatesAreFilledIn();
    void theTableOfInsideHasARowForEachBlock();
    void insideWritesBlocksAndMetrics();
    void weightChangesFindTheAdapter();
    void theTableOfWeightChangesEndsInTheWhole();
    void whatDoesNotGoTogetherIsRefused_data();
    void whatDoesNotGoTogetherIsRefused();

private:
    LacunaCli m_cli;
};

void TestInsideCommands::theLensEndsInWhatGeneratingSays()
{
    const std::string prompt = "Once upon a time, there was a little";
    const Outcome said = m_cli.call({"generate", kFull, "--prompt", prompt, "--max-new-tokens", "3",
                                     "--device", "cpu", "--precision", "float32", "--json"});
    QVERIFY2(said.code == 0, said.err.c_str());
    const Json tokens = said.line()["tokens"];
    const Outcome seen =
        m_cli.call({"lens", kFull, "--prompt", prompt, "--answer",
                    said.line()["text"].get<std::string>(), "--device", "cpu", "--json"});
    QVERIFY2(seen.code == 0, seen.err.c_str());
    const Json lens = seen.line();
    QCOMPARE(lens["blocks"].size(), std::size_t{5});
    QCOMPARE(lens["tokens"].size(), tokens.size());
    const Json last = lens["blocks"].back();
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        QCOMPARE(lens["tokens"][t]["id"].get<int>(), tokens[t]["id"].get<int>());
        QCOMPARE(last["ranks"][t].get<int>(), 1); // greedy
        QCOMPARE(last["says"][t]["id"].get<int>(), tokens[t]["id"].get<int>());
        QVERIFY(std::abs(last["probabilities"][t].get<double>() -
                         std::exp(tokens[t]["log_prob"].get<double>())) < 1e-4);
    }
    const double depth = lens["depth"].get<double>();
    QVERIFY(depth > 0 && depth <= 0.8);
}

void TestInsideCommands::theLensComparesTwoModels()
{
    const Outcome outcome =
        m_cli.call({"lens", kFull, "--compare", smallModel(), "--prompt", "Lily went to",
                    "--answer", "the park", "--device", "cpu", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const std::vector<Json> lines = outcome.lines();
    QCOMPARE(lines.size(), std::size_t{2});
    QCOMPARE(lines[0]["tokens"].size(), lines[1]["tokens"].size());
    QVERIFY(lines[0]["blocks"] != lines[1]["blocks"]); // the second one is in bfloat16
    for (std::size_t block = 0; block < 5; ++block)
        QVERIFY(std::abs(lines[0]["blocks"][block]["probabilities"][0].get<double>() -
                         lines[1]["blocks"][block]["probabilities"][0].get<double>()) < 0.05);
}

void TestInsideCommands::theLensTableNamesTokensAndDepth()
{
    const Outcome outcome = m_cli.call({"lens", kFull, "--prompt", "Once upon a", "--answer",
                                        "time", "--top", "5", "--device", "cpu"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const QString text = shown(outcome.out);
    for (const auto& word : {u"time"_s, u"what each block would say"_s, u"rank <= 5"_s, u"#"_s})
        QVERIFY2(text.contains(word), outcome.out.c_str());
}

void TestInsideCommands::templatesAreFilledIn()
{
    const auto call = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words = {"lens",     kFull,      "--prompt", "Who?",  "--answer",
                                          "a little", "--device", "cpu",      "--json"};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = m_cli.call(words);
        return outcome.code == 0 ? outcome.line() : Json();
    };
    const Json plain = call({});
    const Json question = call({"--question"});
    QVERIFY(plain.is_object() && question.is_object());
    QVERIFY(plain["blocks"] != question["blocks"]);
    QCOMPARE(call({"--template", "question-answer"}), question);
}

void TestInsideCommands::theTableOfInsideHasARowForEachBlock()
{
    const Outcome outcome =
        m_cli.call({"inside", kFull, "--original", smallModel(), "--forget", runData("forget.json"),
                    "--retain", runData("retain.json"), "--max-samples", "5", "--device", "cpu"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const QString text = shown(outcome.out);
    for (const auto& word : {u"forget\n"_s, u"retain\n"_s, u"CKA"_s, u"lens-depth "_s,
                             u"activation-cosine 1.000"_s, u"perturbed_answer"_s})
        QVERIFY2(text.contains(word), outcome.out.c_str());
    QCOMPARE(text.count(u"\n    4"_s), 2);
}

void TestInsideCommands::insideWritesBlocksAndMetrics()
{
    const Outcome outcome = m_cli.call({"inside", kFull, "--forget", runData("forget.json"),
                                        "--max-samples", "5", "--device", "cpu", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const std::vector<Json> lines = outcome.lines();
    QCOMPARE(lines.size(), std::size_t{5 + 1 + 2});
    QCOMPARE(lines[4]["block"].get<int>(), 4);
    QVERIFY(!lines[4].contains("probe") && !lines[4].contains("similarity"));
    QCOMPARE(shown(lines[6]["metric"].get<std::string>()), u"lens-depth"_s);
    QCOMPARE(lines[6]["samples"].size(), std::size_t{5});
    QVERIFY(lines[7]["value"].is_null() && lines[7]["missing"].is_string());
}

void TestInsideCommands::weightChangesFindTheAdapter()
{
    const TemporaryFolder folder;
    const std::filesystem::path adapter = smallAdapter(folder.file("adapter"));
    const Outcome outcome = m_cli.call({"weight-changes", kFull, adapter.string(), "--json"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    std::vector<Json> lines = outcome.lines();
    const Json whole = lines.back()["whole"];
    lines.pop_back();
    QCOMPARE(lines.size(), std::size_t{47});
    for (const Json& line : lines)
        QCOMPARE(line["changed"].get<int>() > 0,
                 line["block"] == 0 && line["module"] == "mlp.gate_proj");
    QCOMPARE(whole["changed"].get<int>(), 172 * 64);
}

void TestInsideCommands::theTableOfWeightChangesEndsInTheWhole()
{
    const Outcome outcome = m_cli.call({"weight-changes", kFull, smallModel()});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const QString text = shown(outcome.out);
    QVERIFY2(text.contains(u"attention"_s) && text.contains(u"whole"_s), outcome.out.c_str());
    QVERIFY(!text.contains(u"q_proj"_s));
    // Only rounded.
    QCOMPARE(text.count(u"0.00 %"_s), 5 * 3 + 2 + 1);
    QVERIFY(shown(m_cli.call({"weight-changes", kFull, smallModel(), "--modules"}).out)
                .contains(u"self_attn.q_proj"_s));
}

void TestInsideCommands::whatDoesNotGoTogetherIsRefused_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const QString model = QString::fromStdString(kFull);
    QTest::newRow("no answer") << QStringList{u"lens"_s, model, u"--prompt"_s, u"p"_s} << 2
                               << u"--answer"_s;
    QTest::newRow("an empty answer")
        << QStringList{u"lens"_s, model, u"--prompt"_s, u"p"_s, u"--answer"_s, u" "_s} << 3
        << u"no token"_s;
    QTest::newRow("two templates")
        << QStringList{u"lens"_s, model,           u"--prompt"_s,   u"p"_s,     u"--answer"_s,
                       u"a"_s,    u"--question"_s, u"--template"_s, u"llama2"_s}
        << 2 << u"one of"_s;
    QTest::newRow("no such template")
        << QStringList{u"lens"_s,     model,  u"--prompt"_s,   u"p"_s,
                       u"--answer"_s, u"a"_s, u"--template"_s, u"nonsense"_s}
        << 3 << u"nonsense"_s;
    QTest::newRow("an answer that does not fit")
        << QStringList{u"lens"_s, model,         u"--prompt"_s,
                       u"p"_s,    u"--answer"_s, u"again and "_s.repeated(400)}
        << 3 << u"context"_s;
    QTest::newRow("no such model")
        << QStringList{u"lens"_s, u"/nowhere"_s, u"--prompt"_s, u"p"_s, u"--answer"_s, u"a"_s} << 3
        << u"/nowhere"_s;
    QTest::newRow("inside without a forget set")
        << QStringList{u"inside"_s, model} << 2 << u"--forget"_s;
    QTest::newRow("inside of a missing file")
        << QStringList{u"inside"_s, model, u"--forget"_s, u"/nowhere"_s} << 3 << u"/nowhere"_s;
    QTest::newRow("one model alone")
        << QStringList{u"weight-changes"_s, model} << 2 << u"MODEL_B"_s;
    QTest::newRow("models of other families")
        << QStringList{u"weight-changes"_s, model,
                       QStringLiteral(TEST_DATA_DIR "/golden/hf-parity/gpt2")}
        << 3 << u"same family"_s;
}

void TestInsideCommands::whatDoesNotGoTogetherIsRefused()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, says);
    std::vector<std::string> words;
    for (const QString& argument : arguments)
        words.push_back(argument.toStdString());
    const Outcome outcome = m_cli.call(words);
    QCOMPARE(outcome.code, code);
    QVERIFY2(shown(outcome.err).contains(says), outcome.err.c_str());
    QVERIFY(outcome.out.empty());
}

LACUNA_TEST_MAIN(TestInsideCommands)
#include "tst_inside_commands.moc"
