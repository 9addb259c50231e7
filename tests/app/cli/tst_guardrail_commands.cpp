#include "core/metrics/metric.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <QTest>

#include <algorithm>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::string kSample = RESOURCES_DIR "/sample/";
const std::string kModel = kSample + "original";
const std::string kForget = kSample + "corpus/forget.jsonl";
const std::string kRetain = kSample + "corpus/retain.jsonl";
const std::string kQuestion = "What is the birthplace of Odalyn Tollemar?";
const std::string kEvidence = "behavioural only: weights unchanged, knowledge still present";

std::vector<std::string> operator+(std::vector<std::string> words,
                                   const std::vector<std::string>& more)
{
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

} // namespace

/// guardrails, and generate and evaluate with one, as a shell runs them.
class TestGuardrailCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theyAreListed();
    void anAnswerComesFromBehindOne();
    void aRawPromptGetsAround();
    void aSpecCanLieInAFile();
    void whatDoesNotGoTogetherIsRefused_data();
    void whatDoesNotGoTogetherIsRefused();
    void anEvaluationHasBothNumbers();
    void aTableSaysWhatTheNumbersAreWorth();

private:
    [[nodiscard]] Outcome generate(const std::vector<std::string>& more) const
    {
        return m_cli.call(std::vector<std::string>{"generate", kModel, "--prompt", kQuestion,
                                                   "--max-new-tokens", "30"} +
                          more);
    }
    [[nodiscard]] Outcome evaluate(const std::vector<std::string>& more) const
    {
        return m_cli.call(std::vector<std::string>{"evaluate", kModel, "--forget", kForget,
                                                   "--retain", kRetain, "--max-samples", "6",
                                                   "--max-new-tokens", "24"} +
                          more);
    }

    LacunaCli m_cli;
};

void TestGuardrailCommands::theyAreListed()
{
    const Outcome outcome = m_cli.call({"guardrails", "--json"});
    QCOMPARE(outcome.code, 0);
    std::vector<std::string> ids;
    for (const Json& line : outcome.lines()) {
        ids.push_back(line["id"]);
        QVERIFY(line["kind"] == "guardrail" && !line["source"].empty());
        QVERIFY(line["evidence"] == kEvidence);
    }
    QCOMPARE(join(ids, " "), std::string("icul guardrail-prompt output-filter eco"));
    const std::string text = m_cli.call({"guardrails"}).out;
    QVERIFY(text.find("forget corpus: required") != std::string::npos);
    QVERIFY(text.find("arXiv:2406.07933") != std::string::npos);
}

void TestGuardrailCommands::anAnswerComesFromBehindOne()
{
    QVERIFY(generate({"--question"}).out.find("Veldry") != std::string::npos);
    const Outcome outcome =
        generate({"--question", "--guardrail", R"({"id": "output-filter", "keywords": "Veldry"})"});
    QCOMPARE(outcome.code, 0);
    QCOMPARE(outcome.out, std::string("I have no information about that.\n"));
    QVERIFY(outcome.err.find("ended by refused") != std::string::npos);
    QVERIFY(outcome.err.find("guardrail output-filter: the answer is checked") !=
            std::string::npos);
    QVERIFY(outcome.err.find(kEvidence) != std::string::npos);
}

void TestGuardrailCommands::aRawPromptGetsAround()
{
    const std::vector<std::string> icul = {"--guardrail", "icul",  "--forget", kForget,
                                           "--retain",    kRetain, "--json"};
    const Json raw = generate(icul).line();
    QVERIFY(raw["guardrail"]["bypassed"] == true);
    QVERIFY(raw["text"] == generate({"--json"}).line()["text"]);
    const Json asked = generate(icul + std::vector<std::string>{"--question"}).line();
    QVERIFY(asked["guardrail"]["bypassed"] == false);
    QVERIFY(asked["guardrail"]["spec"]["examples"] == 4);
    QVERIFY(asked["prompt"].get<std::string>().ends_with(kQuestion + "\nAnswer:"));
    QVERIFY(asked["prompt"].get<std::string>().size() > 300);
    std::vector<std::string> words = icul;
    words.pop_back();
    QVERIFY(generate(words).err.find("bypassed") != std::string::npos);
}

void TestGuardrailCommands::aSpecCanLieInAFile()
{
    const TemporaryFolder folder;
    const auto file = folder.file("wall.json");
    writeBytes(
        file,
        R"({"id": "guardrail-prompt", "subject": "Odalyn", "instruction": "Not {subject}."})");
    const Json line =
        generate({"--template", "chatml", "--guardrail", file.string(), "--json"}).line();
    QVERIFY(line["prompt"].get<std::string>().find("Not Odalyn.") != std::string::npos);
}

void TestGuardrailCommands::whatDoesNotGoTogetherIsRefused_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("text");
    QTest::newRow("unknown") << u"icull"_s << u"did you mean \"icul\""_s;
    QTest::newRow("no corpus") << u"icul"_s << u"made of a forget corpus"_s;
    QTest::newRow("unknown key") << uR"({"id":"eco","sigm":1})"_s << u"did you mean \"sigma\""_s;
    QTest::newRow("no JSON") << u"{"_s << u"--guardrail"_s;
}

void TestGuardrailCommands::whatDoesNotGoTogetherIsRefused()
{
    QFETCH(const QString, spec);
    QFETCH(const QString, text);
    const Outcome outcome = generate({"--question", "--guardrail", spec.toStdString()});
    QCOMPARE(outcome.code, 3);
    QVERIFY2(QString::fromStdString(outcome.err).contains(text), outcome.err.c_str());
}

void TestGuardrailCommands::anEvaluationHasBothNumbers()
{
    const Json bare = evaluate({"--json"}).line();
    const Outcome guarded = evaluate({"--json", "--guardrail", "eco"});
    QVERIFY2(guarded.code == 0, guarded.err.c_str());
    const Json with = guarded.line();
    for (const auto& item : bare.items())
        QVERIFY2(with[item.key()] == item.value(), item.key().c_str()); // likelihoods too
    std::ptrdiff_t answers = 0;
    for (const auto& item : with.items())
        if (item.key().starts_with("guardrail-"))
            for (const Json& what : item.value().at("lacuna")) { // kinds of ROUGE share an entry
                ++answers;
                const bool ofAnswers =
                    std::ranges::any_of(metrics().entries(), [&](const MetricInfo& metric) {
                        return metric.needsGeneration && what.at("metric") == metric.id;
                    });
                QVERIFY2(ofAnswers, item.key().c_str());
                QVERIFY(what.at("variant").get<std::string>().find(kEvidence) != std::string::npos);
            }
    const auto readAnswers =
        std::ranges::count_if(metrics().entries(), &MetricInfo::needsGeneration);
    QCOMPARE(answers, 2 * readAnswers); // of two sets
    QVERIFY(with["guardrail"]["evidence"] == kEvidence);
    QVERIFY(with["guardrail"]["spec"]["id"] == "eco");
    QVERIFY(with["guardrail"]["summary"].get<std::string>().find("40 of 40 forget") !=
            std::string::npos);
    QVERIFY(!bare.contains("guardrail"));
}

void TestGuardrailCommands::aTableSaysWhatTheNumbersAreWorth()
{
    const Outcome outcome = evaluate({"--guardrail", "output-filter"});
    QCOMPARE(outcome.code, 0);
    for (const char* words : {"guardrail-forget", "guardrail-retain", kEvidence.c_str(),
                              "2 patterns are looked for", "are the bare model's"})
        QVERIFY2(outcome.out.find(words) != std::string::npos, words);
    const Outcome refused = evaluate({"--guardrail", "output-filter", "--no-generation"});
    QCOMPARE(refused.code, 3);
    QVERIFY(refused.err.find("let answers be generated") != std::string::npos);
}

LACUNA_TEST_MAIN(TestGuardrailCommands)
#include "tst_guardrail_commands.moc"
