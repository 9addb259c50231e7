#include "core/probe/linear_probe.h"

#include "core/base/rng.h"
#include "core/models/decoder.h"
#include "tests/core/base/std_text.h"
#include "tests/core/corpora/fake_tokenizer.h"
#include "tests/support/test_main.h"
#include "tests/support/tiny_model.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// A true and a false answer to each of some questions.
struct Answers {
    at::Tensor states; // [2 questions, D]
    std::vector<bool> isTrue;
    std::vector<std::int64_t> questions;
};

/// \param shift  of the true answers along one direction, in standard deviations
Answers synthetic(std::int64_t questions, std::int64_t width, double shift, std::uint64_t seed)
{
    Answers answers{.states = at::empty({2 * questions, width}, at::kFloat)};
    Random random(seed);
    std::vector<double> direction;
    for (std::int64_t d = 0; d < width; ++d)
        direction.push_back(random.normal() / std::sqrt(static_cast<double>(width)));
    for (std::int64_t i = 0; i < 2 * questions; ++i) {
        answers.isTrue.push_back(i % 2 == 0);
        answers.questions.push_back(i / 2);
        for (std::int64_t d = 0; d < width; ++d)
            answers.states[i][d] =
                random.normal() + (i % 2 == 0 ? shift : 0) * direction[static_cast<std::size_t>(d)];
    }
    return answers;
}

LinearProbe fitted(const Answers& answers, const ProbeFit& fit = {})
{
    return fitProbes({answers.states}, answers.isTrue, answers.questions, fit).value();
}

RawSample question(int number, bool paraphrase, int falseAnswers)
{
    RawSample sample{.kind = SampleKind::QuestionAnswer,
                     .prompt = "Who is " + std::to_string(number),
                     .answer = "plain" + std::to_string(number)};
    if (paraphrase)
        sample.paraphrasedAnswer = "paraphrase" + std::to_string(number);
    for (int i = 0; i < falseAnswers; ++i)
        sample.perturbedAnswers.push_back("wrong" + std::to_string(number));
    return sample;
}

Corpus corpusOf(int questions, bool paraphrase = true)
{
    Corpus corpus{.path = "questions.json"};
    for (int i = 0; i < questions; ++i)
        corpus.samples.push_back(question(i, paraphrase, 3));
    return corpus;
}

Result<AnswerPairs> pairsOf(const Corpus& corpus, const Tokenizer& tokenizer,
                            std::int64_t most = 400, TokeniseOptions options = {})
{
    return answerPairs(corpus, tokenizer, std::move(options), most, 5);
}

} // namespace

class TestLinearProbe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void statesThatSeparateAreToldApart();
    void randomStatesAreToldNoBetterThanByTheBaseline_data();
    void randomStatesAreToldNoBetterThanByTheBaseline();
    void theAccuracyIsThatOfTheGaussians();
    void aProbeHasNotSeenTheQuestionThatItIsAskedAbout();
    void theSplitIsDrawnBySeed();
    void featuresThatNeverChangeDoNoHarm();
    void theBaselineIsTheCommonerClass();
    void scoreIntervalsAreThePublishedOnes_data();
    void scoreIntervalsAreThePublishedOnes();
    void statesAreTheRowsOfTheAnswer();
    void theTrueSideIsWordedAsTheFalseOnes();
    void withoutAParaphraseTheAnswerStandsIn();
    void pairsHaveNoEndOfText();
    void aPairThatIsCutIsLeftOut();
    void tooFewPairsAreRefused();
    void cancelEnds();
};

void TestLinearProbe::statesThatSeparateAreToldApart()
{
    const LinearProbe probe = fitted(synthetic(100, 12, 40, 1));
    QCOMPARE(probe.layers.size(), std::size_t{1});
    QCOMPARE(probe.layers[0].accuracy, 1.0);
    QCOMPARE(probe.layers[0].fitted, 1.0);
    QCOMPARE(probe.heldOut, std::int64_t{60});
    QCOMPARE(probe.trained, std::int64_t{140});
    QCOMPARE(probe.baseline, 0.5);
    QVERIFY(probe.layers[0].interval.low > 0.9);
}

void TestLinearProbe::randomStatesAreToldNoBetterThanByTheBaseline_data()
{
    QTest::addColumn<int>("width");
    QTest::newRow("fewer features than answers") << 10;
    QTest::newRow("more features than answers") << 500;
}

void TestLinearProbe::randomStatesAreToldNoBetterThanByTheBaseline()
{
    QFETCH(int, width);
    const ProbedLayer layer = fitted(synthetic(150, width, 0, 2)).layers[0];
    QVERIFY2(layer.interval.low < 0.5 && layer.interval.high > 0.5,
             qPrintable(QString::number(layer.accuracy)));
    if (width > 300)
        QCOMPARE(layer.fitted, 1.0); // so that held out says something else than fitted
}

void TestLinearProbe::theAccuracyIsThatOfTheGaussians()
{
    // Two normal clouds whose means are 2 apart: the best line is right with probability Phi(1).
    Answers answers = synthetic(2000, 1, 0, 3);
    for (std::int64_t i = 0; i < answers.states.size(0); i += 2)
        answers.states[i][0] += 2;
    const ProbedLayer layer = fitted(answers).layers[0];
    QVERIFY2(std::abs(layer.accuracy - 0.8413) < 0.03, qPrintable(QString::number(layer.accuracy)));
}

void TestLinearProbe::aProbeHasNotSeenTheQuestionThatItIsAskedAbout()
{
    // Every question has a feature of its own that tells its answers apart, and nothing else does.
    constexpr int kQuestions = 60;
    Answers answers = synthetic(kQuestions, kQuestions, 0, 4);
    answers.states.zero_();
    Random random(9);
    for (std::int64_t i = 0; i < 2 * kQuestions; i += 2) {
        const double sign = random.below(2) == 0 ? 1 : -1;
        answers.states[i][i / 2] = sign;
        answers.states[i + 1][i / 2] = -sign;
    }
    const LinearProbe probe = fitted(answers);
    QCOMPARE(probe.layers[0].fitted, 1.0);
    // A feature of a question held out has weight 0: both of its answers get the same reply.
    QCOMPARE(probe.layers[0].accuracy, 0.5);
}

void TestLinearProbe::theSplitIsDrawnBySeed()
{
    const Answers answers = synthetic(100, 30, 1, 6);
    const double first = fitted(answers, {.seed = 1}).layers[0].accuracy;
    QCOMPARE(fitted(answers, {.seed = 1}).layers[0].accuracy, first);
    std::set<double> others;
    for (std::uint64_t seed = 2; seed < 8; ++seed)
        others.insert(fitted(answers, {.seed = seed}).layers[0].accuracy);
    QVERIFY(others.size() > 1);
}

void TestLinearProbe::featuresThatNeverChangeDoNoHarm()
{
    Answers answers = synthetic(100, 12, 40, 1);
    answers.states = at::cat({answers.states, at::full({200, 2}, 7.0F)}, 1);
    QCOMPARE(fitted(answers).layers[0].accuracy, 1.0);
}

void TestLinearProbe::theBaselineIsTheCommonerClass()
{
    Answers answers = synthetic(40, 3, 0, 7);
    // A second false answer to every question.
    const at::Tensor more = synthetic(20, 3, 0, 8).states;
    answers.states = at::cat({answers.states, more});
    for (std::int64_t i = 0; i < 40; ++i) {
        answers.isTrue.push_back(false);
        answers.questions.push_back(i);
    }
    QCOMPARE(fitted(answers).baseline, 2.0 / 3.0);
}

void TestLinearProbe::scoreIntervalsAreThePublishedOnes_data()
{
    QTest::addColumn<int>("hits");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    QTest::newRow("81 of 263") << 81 << 263 << 0.2553 << 0.3662;
    QTest::newRow("15 of 148") << 15 << 148 << 0.0624 << 0.1605;
    QTest::newRow("0 of 20") << 0 << 20 << 0.0 << 0.1611;
    QTest::newRow("1 of 29") << 1 << 29 << 0.0061 << 0.1718;
}

void TestLinearProbe::scoreIntervalsAreThePublishedOnes()
{
    QFETCH(int, hits);
    QFETCH(int, count);
    QFETCH(double, low);
    QFETCH(double, high);
    const Interval interval = wilsonInterval(hits, count);
    QVERIFY(std::abs(interval.low - low) < 5.1e-5 && std::abs(interval.high - high) < 5.1e-5);
}

void TestLinearProbe::statesAreTheRowsOfTheAnswer()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(5);
    const auto states = [&](AnswerState state) {
        return answerStates(*decoder, pointersTo(samples), state, {.tokenBudget = 20}).value();
    };
    const std::vector<at::Tensor> last = states(AnswerState::LastToken);
    const std::vector<at::Tensor> mean = states(AnswerState::Mean);
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        std::vector<at::Tensor> blocks;
        (void)decoder->forward(packSequences({samples[i].ids}, at::kCPU), &blocks);
        const auto length = static_cast<std::int64_t>(samples[i].ids.size());
        // All behind the prompt is scored, but never the first token.
        const std::int64_t begin = std::max<std::int64_t>(samples[i].promptLength, 1);
        const auto row = static_cast<std::int64_t>(i);
        for (std::size_t layer = 0; layer < blocks.size(); ++layer) {
            QVERIFY(largestDifference(last[layer][row], blocks[layer][length - 1]) < 1e-6);
            QVERIFY(largestDifference(mean[layer][row],
                                      blocks[layer].narrow(0, begin, length - begin).mean(0)) <
                    1e-6);
        }
    }
}

void TestLinearProbe::theTrueSideIsWordedAsTheFalseOnes()
{
    const FakeTokenizer tokenizer;
    Corpus corpus = corpusOf(12);
    corpus.samples.push_back(question(99, true, 0)); // without false answers
    const AnswerPairs pairs = pairsOf(corpus, tokenizer).value();
    QCOMPARE(pairs.samples.size(), std::size_t{24});
    for (std::size_t i = 0; i < pairs.samples.size(); ++i) {
        QCOMPARE(bool(pairs.isTrue[i]), i % 2 == 0);
        QCOMPARE(pairs.questions[i], static_cast<std::int64_t>(i / 2));
        const QString text = shown(tokenizer.decode(pairs.samples[i].ids));
        QVERIFY2(text.contains((i % 2 == 0 ? u"paraphrase%1"_s : u"wrong%1"_s).arg(i / 2)),
                 qPrintable(text));
    }
}

void TestLinearProbe::withoutAParaphraseTheAnswerStandsIn()
{
    const FakeTokenizer tokenizer;
    const AnswerPairs pairs = pairsOf(corpusOf(12, false), tokenizer).value();
    QVERIFY(shown(tokenizer.decode(pairs.samples[0].ids)).contains(u"plain0"_s));
}

void TestLinearProbe::pairsHaveNoEndOfText()
{
    const FakeTokenizer tokenizer;
    for (const ScoredSample& sample : pairsOf(corpusOf(12), tokenizer).value().samples)
        QVERIFY(!sample.endsWithEos && sample.ids.back() != tokenizer.eosId());
}

void TestLinearProbe::aPairThatIsCutIsLeftOut()
{
    const FakeTokenizer tokenizer;
    Corpus corpus = corpusOf(12);
    // So long a question that no answer is left of it.
    for (int i = 0; i < 40; ++i)
        corpus.samples[3].prompt += " more";
    const AnswerPairs pairs = pairsOf(corpus, tokenizer, 400, {.maxLength = 30}).value();
    QCOMPARE(pairs.samples.size(), std::size_t{22});
    QVERIFY(std::ranges::count(pairs.questions, std::int64_t{3}) == 0);
}

void TestLinearProbe::tooFewPairsAreRefused()
{
    const FakeTokenizer tokenizer;
    const auto result = pairsOf(corpusOf(9), tokenizer);
    QVERIFY(!result);
    QVERIFY2(shown(result.error().text()).contains(u"9 questions have both"_s),
             result.error().text().c_str());
    QVERIFY(shown(result.error().remedy).contains(u"perturbed_answer"_s));
    QVERIFY(pairsOf(corpusOf(40), tokenizer, 10));
    QCOMPARE(pairsOf(corpusOf(40), tokenizer, 15).value().samples.size(), std::size_t{30});
}

void TestLinearProbe::cancelEnds()
{
    const Answers answers = synthetic(20, 3, 1, 1);
    int asked = 0;
    QVERIFY(!fitProbes({answers.states, answers.states, answers.states}, answers.isTrue,
                       answers.questions, {.proceed = [&](double) { return ++asked < 2; }}));
    QCOMPARE(asked, 2);
}

LACUNA_TEST_MAIN(TestLinearProbe)
#include "tst_linear_probe.moc"
