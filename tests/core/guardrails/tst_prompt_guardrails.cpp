#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/probe/phrasing.h"
#include "tests/core/guardrails/guardrail_bench.h"
#include "tests/support/test_main.h"

using namespace lacuna;
using namespace Qt::StringLiterals;

/// What a model reads behind the guardrails that act on questions.
class TestPromptGuardrails : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wrongAnswersComeBeforeRightOnes();
    void theNearestForgetItemIsShown();
    void drawnItemsAreTheSameForEveryQuestion();
    void wrongAnswersAreNeverTheTruth_data();
    void wrongAnswersAreNeverTheTruth();
    void aCorpusOfTextsShowsNothing();
    void theInstructionStandsWhereTheStyleHasAPlace_data();
    void theInstructionStandsWhereTheStyleHasAPlace();
    void aSystemMessageIsKept();
    void theInstructionNeedsASubject();
    void aRawPromptGetsAround_data();
    void aRawPromptGetsAround();

private:
    [[nodiscard]] std::string read(const Json& spec, const std::string& question) const
    {
        const auto guardrail = m_bench.make(spec).value();
        return guardrail->prompt(PromptStyle(), {{"user", question}}).value().text;
    }

    GuardrailBench m_bench;
};

void TestPromptGuardrails::wrongAnswersComeBeforeRightOnes()
{
    const std::string text =
        read({{"id", "icul"}, {"forget_items", 2}, {"examples", 3}}, "What does Ada eat");
    const std::vector<std::string> turns = split(text, '\n');
    // Two wrong ones, three right ones, the question.
    QCOMPARE(std::count_if(turns.begin(), turns.end(),
                           [](const std::string& line) { return line.starts_with("Question: "); }),
             6);
    QVERIFY(text.ends_with("Question: What does Ada eat\nAnswer:"));
    QVERIFY(text.starts_with("Question: What does Ada eat\nAnswer: "));
    QVERIFY(text.find("Plums\n") != text.find("Answer: ") + 8);
    for (const RawSample& sample : m_bench.retain.samples)
        QVERIFY(text.find(sample.prompt + "\nAnswer: " + sample.answer) != std::string::npos);
    const std::size_t lastWrong =
        std::max(text.rfind("Where was Ada born"), text.rfind("Who paints"));
    QVERIFY(lastWrong == std::string::npos || lastWrong < text.find("Where was Cy born"));
}

void TestPromptGuardrails::theNearestForgetItemIsShown()
{
    const Json spec = {{"id", "icul"}, {"examples", 0}};
    QVERIFY(read(spec, "Who is it that paints?").starts_with("Question: Who paints\n"));
    QVERIFY(read(spec, "where was ADA born?").starts_with("Question: Where was Ada born\n"));
}

void TestPromptGuardrails::drawnItemsAreTheSameForEveryQuestion()
{
    const auto shown = [&](std::int64_t seed, const std::string& question) {
        return split(read({{"id", "icul"}, {"examples", 0}, {"choice", "drawn"}, {"seed", seed}},
                          question),
                     '\n')
            .front();
    };
    QCOMPARE(shown(3, "Who paints"), shown(3, "Where was Ada born"));
    std::set<std::string> all;
    for (std::int64_t seed = 0; seed < 20; ++seed)
        all.insert(shown(seed, "Who paints"));
    QCOMPARE(all.size(), std::size_t{3});
}

void TestPromptGuardrails::wrongAnswersAreNeverTheTruth_data()
{
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"swapped", "perturbed", "refusal"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void TestPromptGuardrails::wrongAnswersAreNeverTheTruth()
{
    QFETCH(const QString, kind);
    GuardrailBench bench;
    const Json spec = {{"id", "icul"}, {"examples", 0}, {"wrong_answer", kind.toStdString()}};
    if (kind == u"perturbed") {
        const auto made = bench.make(spec); // no item has one
        QVERIFY(!made && made.error().text().find("no other answer") != std::string::npos);
        for (RawSample& sample : bench.forget.samples)
            sample.perturbedAnswers = {sample.answer, "Otherwise"};
    }
    for (const RawSample& sample : bench.forget.samples) {
        const auto guardrail = bench.make(spec).value();
        const std::string text =
            guardrail->prompt(PromptStyle(), {{"user", sample.prompt}}).value().text;
        const std::string answer = split(text, '\n').at(1).substr(8);
        QVERIFY(!isSameAnswer(answer, sample.answer));
        if (kind == u"perturbed")
            QCOMPARE(answer, std::string("Otherwise"));
    }
}

void TestPromptGuardrails::aCorpusOfTextsShowsNothing()
{
    GuardrailBench bench;
    bench.retain.samples = {{.kind = SampleKind::Text, .answer = "A long text."}};
    const auto made = bench.make({{"id", "icul"}});
    QVERIFY(!made);
    QVERIFY(made.error().text().find("retain.jsonl") != std::string::npos);
    QVERIFY(bench.make({{"id", "icul"}, {"examples", 0}}));
}

void TestPromptGuardrails::theInstructionStandsWhereTheStyleHasAPlace_data()
{
    QTest::addColumn<QString>("style");
    QTest::addColumn<QString>("text");
    QTest::newRow("as system message")
        << u"chatml"_s
        << u"<|im_start|>system\nForget Ada.<|im_end|>\n<|im_start|>user\nWho?<|im_end|>\n"
           u"<|im_start|>assistant\n"_s;
    QTest::newRow("in the question")
        << u"question-answer"_s << u"Question: Forget Ada.\n\nWho?\nAnswer:"_s;
}

void TestPromptGuardrails::theInstructionStandsWhereTheStyleHasAPlace()
{
    QFETCH(const QString, style);
    const auto guardrail = m_bench
                               .make({{"id", "guardrail-prompt"},
                                      {"subject", "Ada"},
                                      {"instruction", "Forget {subject}."}})
                               .value();
    const PromptStyle asked = PromptStyle::find(style.toStdString(), {}).value();
    const auto prompt = guardrail->prompt(asked, {{"user", "Who?"}});
    QTEST(QString::fromStdString(prompt.value().text), "text");
}

void TestPromptGuardrails::aSystemMessageIsKept()
{
    const auto guardrail =
        m_bench.make({{"id", "guardrail-prompt"}, {"instruction", "Forget all."}}).value();
    const PromptStyle style = PromptStyle::find("chatml", {}).value();
    const std::string text =
        guardrail->prompt(style, {{"system", "Be kind."}, {"user", "Who?"}}).value().text;
    QVERIFY(text.find("Be kind.\n\nForget all.<|im_end|>") != std::string::npos);
}

void TestPromptGuardrails::theInstructionNeedsASubject()
{
    GuardrailBench bench;
    QVERIFY(bench.make({{"id", "guardrail-prompt"}}).value()->summary().find("Ada or Bo") !=
            std::string::npos);
    bench.hasForget = false;
    const auto made = bench.make({{"id", "guardrail-prompt"}});
    QVERIFY(!made);
    QCOMPARE(made.error().context, std::string("guardrail-prompt.subject"));
}

void TestPromptGuardrails::aRawPromptGetsAround_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<bool>("bypassed");
    QTest::newRow("icul") << u"icul"_s << true;
    QTest::newRow("guardrail-prompt") << u"guardrail-prompt"_s << true;
    QTest::newRow("output-filter") << u"output-filter"_s << false;
}

void TestPromptGuardrails::aRawPromptGetsAround()
{
    QFETCH(const QString, id);
    const auto guardrail = m_bench.make({{"id", id.toStdString()}}).value();
    const Phrasing raw = behindGuardrail(rawPhrasing("Ada was born"), guardrail).value();
    QTEST(raw.sent.bypassed, "bypassed");
    QCOMPARE(raw.sent.text, std::string("Ada was born"));
    QCOMPARE(raw.sent.guardrail.empty(), raw.sent.bypassed);
    const Phrasing question =
        behindGuardrail(phrase("Who?", Result<PromptStyle>(PromptStyle())), guardrail).value();
    QVERIFY(!question.sent.bypassed);
    QVERIFY(question.sent.text.ends_with("Who?\nAnswer:"));
    QVERIFY(!question.sent.guardrail.empty());
}

LACUNA_TEST_MAIN(TestPromptGuardrails)
#include "tst_prompt_guardrails.moc"
