#include "core/corpora/other_answers.h"
#include "tests/core/base/std_text.h"
#include "tests/core/corpora/fake_tokenizer.h"

#include <QtTest>

using namespace lacuna;

class TestOtherAnswers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindStandsBehindTheSamplesOwnQuestion();
    void onlyTheSamplesAskedAboutAreAnswered();
    void aCorpusWithoutAnyGivesNone();
};

namespace {

Corpus twoQuestions()
{
    return {.path = "two.jsonl",
            .samples = {{.kind = SampleKind::QuestionAnswer,
                         .prompt = "who",
                         .answer = "a b",
                         .paraphrasedAnswer = "b a",
                         .perturbedAnswers = {"c", "d e"},
                         .row = 1},
                        {.kind = SampleKind::QuestionAnswer,
                         .prompt = "what",
                         .answer = "x",
                         .correctAnswers = {"x y"},
                         .incorrectAnswers = {"z"},
                         .row = 2}}};
}

std::vector<const ScoredSample*> allOf(const TokenisedCorpus& tokens)
{
    std::vector<const ScoredSample*> samples;
    for (const ScoredSample& sample : tokens.samples)
        samples.push_back(&sample);
    return samples;
}

} // namespace

void TestOtherAnswers::everyKindStandsBehindTheSamplesOwnQuestion()
{
    const FakeTokenizer tokenizer;
    const Corpus corpus = twoQuestions();
    const TokenisedCorpus tokens = tokenise(corpus, tokenizer, {}).value();
    const auto found = otherAnswers(corpus, allOf(tokens), tokenizer, {}).value();
    QStringList texts;
    for (const OtherAnswer& answer : found) {
        texts << QStringLiteral("%1 %2%3")
                     .arg(answer.sample)
                     .arg(static_cast<int>(answer.kind))
                     .arg(shown(tokenizer.decode(answer.tokens.ids)));
        QVERIFY(answer.tokens.endsWithEos);
        const ScoredSample& own = tokens.samples[answer.sample];
        QCOMPARE(answer.tokens.promptLength, own.promptLength);
        QVERIFY(std::equal(own.ids.begin(), own.ids.begin() + own.promptLength,
                           answer.tokens.ids.begin()));
    }
    QCOMPARE(texts, (QStringList{QStringLiteral("0 0Question: who\nAnswer: b a"),
                                 QStringLiteral("0 1Question: who\nAnswer: c"),
                                 QStringLiteral("0 1Question: who\nAnswer: d e"),
                                 QStringLiteral("1 2Question: what\nAnswer: x y"),
                                 QStringLiteral("1 3Question: what\nAnswer: z")}));
}

void TestOtherAnswers::onlyTheSamplesAskedAboutAreAnswered()
{
    const FakeTokenizer tokenizer;
    const Corpus corpus = twoQuestions();
    const TokenisedCorpus tokens = tokenise(corpus, tokenizer, {}).value();
    const auto found =
        otherAnswers(corpus, {&tokens.samples[1]}, tokenizer, {.appendEos = false}).value();
    QCOMPARE(found.size(), std::size_t{2});
    for (const OtherAnswer& answer : found) {
        QCOMPARE(answer.sample, std::size_t{0});
        QVERIFY(!answer.tokens.endsWithEos);
    }
}

void TestOtherAnswers::aCorpusWithoutAnyGivesNone()
{
    const FakeTokenizer tokenizer;
    Corpus corpus = twoQuestions();
    corpus.samples[0].perturbedAnswers.clear();
    corpus.samples[0].paraphrasedAnswer.clear();
    const TokenisedCorpus tokens = tokenise(corpus, tokenizer, {}).value();
    QVERIFY(otherAnswers(corpus, {&tokens.samples[0]}, tokenizer, {}).value().empty());
}

QTEST_GUILESS_MAIN(TestOtherAnswers)
#include "tst_other_answers.moc"
