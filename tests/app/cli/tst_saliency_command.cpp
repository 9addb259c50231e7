#include "core/run/recipe.h"
#include "core/run/saliency_map.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"
#include "tests/support/test_main.h"

using namespace lacuna;
using namespace Qt::StringLiterals;

/// saliency, as a shell runs it.
class TestSaliencyCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyModuleIsOneLineAndTheScopeTheLast();
    void aRecipeSaysItAll();
    void theTableShowsBlocksAndTheScope();
    void whatDoesNotGoTogetherIsRefused_data();
    void whatDoesNotGoTogetherIsRefused();

private:
    [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more) const
    {
        std::vector<std::string> all = {"saliency",
                                        "--model",
                                        smallModel(),
                                        "--forget",
                                        runData("forget.json"),
                                        "--retain",
                                        runData("retain.json"),
                                        "--device",
                                        "cpu",
                                        "--precision",
                                        "float32"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    LacunaCli m_cli;
};

void TestSaliencyCommand::everyModuleIsOneLineAndTheScopeTheLast()
{
    const Outcome outcome = m_cli.call(words({"--max-samples", "6", "--json"}));
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    std::vector<Json> lines = outcome.lines();
    const Json last = lines.back();
    lines.pop_back();
    // Nine modules in each of five blocks, the embedding, which is the head, and the final norm.
    QCOMPARE(lines.size(), std::size_t{47});
    double forget = 0;
    double suggested = 0;
    for (const Json& line : lines) {
        QVERIFY(std::abs(line["ratio"].get<double>() -
                         line["forget"].get<double>() / line["retain"].get<double>()) < 1e-6);
        const double sum = line["forget"].get<double>() * line["weights"].get<double>();
        if (line["part"] == "attention" || line["part"] == "mlp")
            forget += sum;
        if (line["suggested"].get<bool>())
            suggested += sum;
    }
    QVERIFY(lines.front()["block"].is_null());
    QCOMPARE(lines[1]["block"].get<int>(), 0);
    QCOMPARE(shown(lines[1]["module"].get<std::string>()), u"self_attn.q_proj"_s);
    QCOMPARE(last["samples"].get<int>(), 6);
    QVERIFY(last["covered"].get<double>() >= kSuggestedShare);
    QVERIFY(std::abs(last["covered"].get<double>() - suggested / forget) < 1e-6);
    QVERIFY(last["scope"].contains("layers") && last["scope"]["modules"].is_array());
}

void TestSaliencyCommand::aRecipeSaysItAll()
{
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.file("recipe.json");
    Json recipe = smallRecipe();
    writeBytes(file, recipe.dump());
    const Outcome outcome =
        m_cli.call({"saliency", file.string(), "--max-samples", "6", "--share", "1", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const Json last = outcome.lines().back();
    QCOMPARE(last["covered"].get<double>(), 1.0);

    // Ready to be put into the recipe: all attentions and all MLPs.
    recipe["scope"] = last["scope"];
    QVERIFY(parseRecipe(recipe, {}));
    QCOMPARE(shown(last["scope"].dump()), uR"({"layers":"all","modules":["self_attn","mlp"]})"_s);
}

void TestSaliencyCommand::theTableShowsBlocksAndTheScope()
{
    const Outcome brief = m_cli.call(words({"--max-samples", "4"}));
    QVERIFY2(brief.code == 0, brief.err.c_str());
    QVERIFY(brief.out.find("attention") != std::string::npos);
    QVERIFY(brief.out.find("\"scope\": {\"layers\":") != std::string::npos);
    QVERIFY(brief.out.find("q_proj") == std::string::npos);
    const Outcome full = m_cli.call(words({"--max-samples", "4", "--modules"}));
    QVERIFY(full.out.find("self_attn.q_proj") != std::string::npos);
}

void TestSaliencyCommand::whatDoesNotGoTogetherIsRefused_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    QTest::newRow("no retain set")
        << QStringList{u"--model"_s, u"m"_s, u"--forget"_s, u"f"_s} << 2 << u"--retain"_s;
    QTest::newRow("a recipe and files")
        << QStringList{u"r.json"_s, u"--model"_s, u"m"_s} << 2 << u"either a recipe"_s;
    QTest::newRow("no such model")
        << QStringList{u"--model"_s, u"/nowhere"_s, u"--forget"_s, u"f"_s, u"--retain"_s, u"r"_s}
        << 3 << u"/nowhere"_s;
    QTest::newRow("a share of nothing")
        << QStringList{u"r.json"_s, u"--share"_s, u"0"_s} << 2 << u"--share"_s;
}

void TestSaliencyCommand::whatDoesNotGoTogetherIsRefused()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, says);
    std::vector<std::string> all = {"saliency"};
    for (const QString& argument : arguments)
        all.push_back(argument.toStdString());
    const Outcome outcome = m_cli.call(all);
    QCOMPARE(outcome.code, code);
    QVERIFY2(shown(outcome.err).contains(says), outcome.err.c_str());
    QVERIFY(outcome.out.empty());
}

LACUNA_TEST_MAIN(TestSaliencyCommand)
#include "tst_saliency_command.moc"
