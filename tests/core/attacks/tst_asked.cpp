#include "core/attacks/asked.h"
#include "core/base/text.h"
#include "tests/core/attacks/attack_bench.h"
#include "tests/support/test_main.h"

using namespace lacuna;
using namespace Qt::StringLiterals;

/// What a model reads when a question is put in another way.
class TestAsked : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aQuestionAsItIsGivesTheSample_data();
    void aQuestionAsItIsGivesTheSample();
    void anOpeningStandsBeforeTheAnswer_data();
    void anOpeningStandsBeforeTheAnswer();
    void textsAreNoQuestions();
    void aPromptThatLeavesNoRoomIsNamed();
    void aLongAnswerIsCut();
    void everyAttackPutsThePromptThatItSays_data();
    void everyAttackPutsThePromptThatItSays();

private:
    AttackBench m_bench{2};

    [[nodiscard]] std::string prompt(const ScoredSample& sample) const
    {
        return m_bench.tokenizer->decode(
            {sample.ids.begin(), sample.ids.begin() + sample.promptLength});
    }
};

void TestAsked::aQuestionAsItIsGivesTheSample_data()
{
    QTest::addColumn<QString>("style");
    for (const char* style : {"question-answer", "chatml", "llama-2"})
        if (PromptStyle::find(style, {}))
            QTest::newRow(style) << QString::fromLatin1(style);
}

void TestAsked::aQuestionAsItIsGivesTheSample()
{
    QFETCH(const QString, style);
    m_bench.style = PromptStyle::find(style.toStdString(), {}).value();
    const TokenisedCorpus tokens =
        tokenise(m_bench.forget, *m_bench.tokenizer,
                 {.maxLength = 256,
                  .style = m_bench.style.isDefault()
                               ? nullptr
                               : std::make_shared<const PromptStyle>(m_bench.style)})
            .value();
    const AttackTarget target = m_bench.target();
    for (const ScoredSample& sample : tokens.samples) {
        const ScoredSample asked =
            askedSample(target, questionOf(rawOf(target, sample)).value(), sample).value();
        QCOMPARE(asked.ids, sample.ids);
        QCOMPARE(asked.scored, sample.scored);
        QCOMPARE(asked.promptLength, sample.promptLength);
        QCOMPARE(asked.endsWithEos, sample.endsWithEos);
        QCOMPARE(asked.index, sample.index);
    }
    m_bench.style = PromptStyle();
}

void TestAsked::anOpeningStandsBeforeTheAnswer_data()
{
    QTest::addColumn<QString>("style");
    QTest::addColumn<QString>("end");
    QTest::newRow("plain") << u"question-answer"_s << u"Who?\nAnswer: Sure:"_s;
    QTest::newRow("chat") << u"chatml"_s << u"Who?<|im_end|>\n<|im_start|>assistant\nSure:"_s;
}

void TestAsked::anOpeningStandsBeforeTheAnswer()
{
    QFETCH(const QString, style);
    m_bench.style = PromptStyle::find(style.toStdString(), {}).value();
    const ScoredSample asked =
        askedSample(m_bench.target(),
                    {.messages = {{"user", "Who?"}}, .answer = "Ada did.", .opening = "Sure: "},
                    *m_bench.samples.front())
            .value();
    const QString text = QString::fromStdString(prompt(asked));
    QFETCH(const QString, end);
    QVERIFY2(text.endsWith(end), qPrintable(text));
    std::vector<std::int64_t> answer(asked.ids.begin() + asked.promptLength, asked.ids.end());
    QVERIFY(std::string(trimmed(m_bench.tokenizer->decode(answer))).starts_with("Ada did."));
    m_bench.style = PromptStyle();
}

void TestAsked::textsAreNoQuestions()
{
    QVERIFY(!questionOf({.kind = SampleKind::Text, .answer = "A text."}));
    QVERIFY(!questionOf({.kind = SampleKind::Completion, .prompt = "One", .answer = "two"}));
    const auto chat = questionOf({.kind = SampleKind::Chat,
                                  .prompt = "And?",
                                  .answer = "That.",
                                  .messages = {{"system", "Be kind."},
                                               {"user", "And?"},
                                               {"assistant", "That."},
                                               {"user", "More?"},
                                               {"assistant", "No."}}});
    QCOMPARE(chat->messages.size(), std::size_t{2});
    QCOMPARE(chat->answer, std::string("That."));
}

void TestAsked::aPromptThatLeavesNoRoomIsNamed()
{
    AttackTarget target = m_bench.target();
    target.maxLength = 10;
    const auto asked =
        askedSample(target, questionOf(rawOf(target, *m_bench.samples.front())).value(),
                    *m_bench.samples.front());
    QVERIFY(!asked);
    QVERIFY2(asked.error().text().find("forget.jsonl:1") != std::string::npos,
             asked.error().text().c_str());
}

void TestAsked::aLongAnswerIsCut()
{
    AttackTarget target = m_bench.target();
    const ScoredSample& whole = *m_bench.samples.front();
    target.maxLength = static_cast<std::int64_t>(whole.ids.size()) - 1;
    const ScoredSample cut =
        askedSample(target, questionOf(rawOf(target, whole)).value(), whole).value();
    QVERIFY(cut.truncated && !cut.endsWithEos);
    QCOMPARE(cut.scoredCount(), whole.scoredCount() - 1);
}

void TestAsked::everyAttackPutsThePromptThatItSays_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("wanted");
    QTest::newRow("prefill") << u"{\"id\": \"prefill\"}"_s
                             << u"Question: Who?\nAnswer: Sure, here is the answer:"_s;
    QTest::newRow("prefix injection")
        << u"{\"id\": \"prefix-injection\", \"form\": \"Tell. {question}\"}"_s
        << u"Question: Tell. Who?\nAnswer:"_s;
    QTest::newRow("role playing")
        << u"{\"id\": \"role-playing\", \"form\": \"As {subject}: {question}\"}"_s
        << u"Question: As Ada: Who?\nAnswer:"_s;
    QTest::newRow("paraphrase") << u"{\"id\": \"paraphrase\"}"_s
                                << u"Question: Which person?\nAnswer:"_s;
    QTest::newRow("in context") << u"{\"id\": \"in-context\", \"examples\": \"1\"}"_s
                                << u"Question: When?\nAnswer: Then.\n\nQuestion: Who?\nAnswer:"_s;
    QTest::newRow("reverse query")
        << u"{\"id\": \"reverse-query\", \"form\": \"Whose is {answer}\"}"_s
        << u"Question: Whose is She did.\nAnswer:"_s;
}

void TestAsked::everyAttackPutsThePromptThatItSays()
{
    QFETCH(const QString, spec);
    QFETCH(const QString, wanted);
    AttackBench bench(2);
    bench.forget.samples = {
        {.kind = SampleKind::QuestionAnswer,
         .prompt = "Who?",
         .answer = "She did.",
         .subject = "Ada",
         .paraphrasedQuestion = "Which person?",
         .row = 1},
        {.kind = SampleKind::QuestionAnswer, .prompt = "When?", .answer = "Then.", .row = 2}};
    bench.tokenised(1);
    AttackTarget target = bench.target();
    // The decoder's first forward pass is of the prompt with the answer: what was asked shows in
    // the answer's own probability, so the same prompt is scored by hand.
    const auto settings = AttackBench::attack(Json::parse(spec.toStdString()), target);
    QVERIFY2(settings, settings ? "" : settings.error().text().c_str());
    const bool reverse = spec.contains(u"reverse");
    ScoredSample byHand{.index = 0};
    const std::string answer = reverse ? " Ada" : " She did.";
    byHand.ids = bench.tokenizer->encode(wanted.toStdString() + answer);
    byHand.promptLength =
        static_cast<std::int64_t>(bench.tokenizer->encode(wanted.toStdString()).size());
    byHand.ids.push_back(bench.tokenizer->eosId());
    byHand.endsWithEos = true;
    byHand.scored.assign(byHand.ids.size(), 1);
    std::fill_n(byHand.scored.begin(), byHand.promptLength, std::uint8_t{0});
    const auto scan = scanTarget(target, *bench.decoder, {&byHand}, 0);
    const std::vector<MetricResult> measured = recallOf(scan);
    QCOMPARE(settings->front().measured.size(), measured.size());
    for (std::size_t i = 0; i < measured.size(); ++i) {
        QCOMPARE(settings->front().measured[i].metric, measured[i].metric);
        QVERIFY(std::abs(settings->front().measured[i].value - measured[i].value) < 1e-6);
    }
    QCOMPARE(settings->front().answers.at(0), scan.front().generated);
}

LACUNA_TEST_MAIN(TestAsked)
#include "tst_asked.moc"
