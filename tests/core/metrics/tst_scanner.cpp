#include "core/base/json.h"
#include "core/methods/scored_batch.h"
#include "core/metrics/metric.h"
#include "core/metrics/scanner.h"
#include "core/models/checkpoint.h"
#include "core/tokens/catalog.h"
#include "tests/core/base/std_text.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace lacuna;

namespace {

const std::filesystem::path kStories = std::filesystem::path(TEST_DATA_DIR) / "models/stories260K";

std::unique_ptr<Decoder> stories()
{
    return std::move(loadDecoder(kStories, at::kCPU, at::kFloat)).value();
}

const Json& recorded()
{
    static const Json record = readJsonFile(kStories / "expected.json").value();
    return record;
}

/// The prompt of the recorded greedy text with its first \p answer tokens.
ScoredSample greedySample(std::size_t answer)
{
    const auto prompt = recorded()["prompt_ids"].get<std::vector<std::int64_t>>();
    const auto greedy = recorded()["greedy_ids"].get<std::vector<std::int64_t>>();
    ScoredSample sample{.ids = prompt,
                        .scored = std::vector<std::uint8_t>(prompt.size(), 0),
                        .promptLength = static_cast<std::int64_t>(prompt.size())};
    // The recorded ids start with the prompt.
    sample.ids.assign(greedy.begin(),
                      greedy.begin() + static_cast<std::ptrdiff_t>(prompt.size() + answer));
    sample.scored.resize(sample.ids.size(), 1);
    return sample;
}

} // namespace

class TestScanner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tokenLossesAreTheRecordedOnes();
    void batchesDoNotChangeAScan();
    void theOrderIsThatOfTheSamples();
    void greedyTextMatchesItself();
    void answersAreWrittenWhereThereIsAPrompt();
    void endOfTextIsNoPartOfTheReference();
    void samplesWithoutScoredTokensAreScannedToo();
    void membershipIsReadFromTheWholeDistribution();
    void otherAnswersAreScoredForTheirSamples();
    void lettersAreTheNextTokensOfThePrompt();
    void lettersOfSeveralTokensAreScoredWhole();
    void gradientNormsAreThoseOfTheMeanLoss();
    void aCancelledScanIsEmpty_data();
    void aCancelledScanIsEmpty();
    void scanningLeavesNoGradient();
};

void TestScanner::tokenLossesAreTheRecordedOnes()
{
    const auto decoder = stories();
    std::vector<ScoredSample> samples;
    std::vector<std::vector<double>> wanted;
    for (const Json& passage : recorded()["passages"]) {
        ScoredSample sample{.ids = passage["ids"].get<std::vector<std::int64_t>>()};
        sample.scored.assign(sample.ids.size(), 1);
        sample.scored[0] = 0;
        sample.index = static_cast<std::int64_t>(samples.size());
        samples.push_back(std::move(sample));
        wanted.push_back(passage["token_nll"].get<std::vector<double>>());
    }
    const std::vector<SampleScan> scans = scanSamples(*decoder, pointersTo(samples), {});
    QCOMPARE(scans.size(), wanted.size());
    for (std::size_t i = 0; i < scans.size(); ++i) {
        QCOMPARE(scans[i].logProbs.size(), wanted[i].size());
        QCOMPARE(scans[i].matches.size(), wanted[i].size());
        for (std::size_t t = 0; t < wanted[i].size(); ++t)
            QVERIFY(std::abs(-scans[i].logProbs[t] - wanted[i][t]) <= 1e-4);
        QVERIFY(std::abs(tokenMeanNll({scans[i]}) -
                         recorded()["passages"][i]["mean_nll"].get<double>()) <= 1e-5);
    }
}

void TestScanner::batchesDoNotChangeAScan()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(9);
    const auto whole = scanSamples(*decoder, pointersTo(samples), {.tokenBudget = 10'000});
    for (const std::int64_t budget : {1, 20}) {
        const auto cut = scanSamples(*decoder, pointersTo(samples), {.tokenBudget = budget});
        QCOMPARE(cut.size(), whole.size());
        for (std::size_t i = 0; i < cut.size(); ++i) {
            QVERIFY(cut[i].matches == whole[i].matches);
            for (std::size_t t = 0; t < cut[i].logProbs.size(); ++t)
                QVERIFY(std::abs(cut[i].logProbs[t] - whole[i].logProbs[t]) <= 1e-6F);
        }
    }
}

void TestScanner::theOrderIsThatOfTheSamples()
{
    const auto decoder = tinyModel();
    std::vector<ScoredSample> samples = tinyCorpus(6);
    std::ranges::reverse(samples);
    samples[2].endsWithEos = true;
    const auto scans = scanSamples(*decoder, pointersTo(samples), {.tokenBudget = 25});
    for (std::size_t i = 0; i < scans.size(); ++i) {
        QCOMPARE(scans[i].index, samples[i].index);
        QCOMPARE(static_cast<std::int64_t>(scans[i].logProbs.size()), samples[i].scoredCount());
        QCOMPARE(scans[i].endsWithEos, i == 2);
        QVERIFY(!scans[i].hasAnswer);
    }
}

void TestScanner::greedyTextMatchesItself()
{
    const auto decoder = stories();
    ScoredSample sample = greedySample(60);
    SampleScan scan = scanSamples(*decoder, {&sample}, {}).front();
    QCOMPARE(scan.matches, std::vector<bool>(60, true));
    sample.ids[sample.ids.size() - 10] += 1;
    scan = scanSamples(*decoder, {&sample}, {}).front();
    QCOMPARE(scan.matches[49], true);
    QCOMPARE(scan.matches[50], false);
}

void TestScanner::answersAreWrittenWhereThereIsAPrompt()
{
    const auto decoder = stories();
    const auto tokenizer = loadTokenizer(kStories).value();
    const ScoredSample asked = greedySample(25);
    ScoredSample text = asked;
    text.promptLength = 0;
    text.index = 1;
    const auto scans =
        scanSamples(*decoder, {&text, &asked}, {.tokenizer = tokenizer.get(), .maxNewTokens = 25});
    QVERIFY(!scans[0].hasAnswer);
    QVERIFY(scans[1].hasAnswer);
    QCOMPARE(shown(scans[1].generated), shown(scans[1].reference));
    QVERIFY2(shown(scans[1].reference).startsWith(u", there was a little girl"),
             scans[1].reference.c_str());
    for (const MetricResult& metric : computeMetrics({scans[1]}))
        if (metric.metric == "rouge-l" || metric.metric == "extraction-strength")
            QCOMPARE(metric.value, 1.0);
}

void TestScanner::endOfTextIsNoPartOfTheReference()
{
    const auto decoder = stories();
    const auto tokenizer = loadTokenizer(kStories).value();
    const ScoredSample open = greedySample(10);
    ScoredSample ended = open;
    ended.ids.push_back(tokenizer->eosId());
    ended.scored.push_back(1);
    ended.endsWithEos = true;
    const auto scans =
        scanSamples(*decoder, {&open, &ended}, {.tokenizer = tokenizer.get(), .maxNewTokens = 3});
    QCOMPARE(shown(scans[0].reference), shown(scans[1].reference));
    QCOMPARE(scans[1].logProbs.size(), std::size_t{11});
}

void TestScanner::samplesWithoutScoredTokensAreScannedToo()
{
    const auto decoder = tinyModel();
    std::vector<ScoredSample> samples = tinyCorpus(3);
    std::ranges::fill(samples[1].scored, std::uint8_t{0});
    const auto scans = scanSamples(*decoder, pointersTo(samples), {.tokenBudget = 1});
    QCOMPARE(scans.size(), std::size_t{3});
    QVERIFY(scans[1].logProbs.empty());
    QVERIFY(scanSamples(*decoder, {}, {}).empty());
}

void TestScanner::membershipIsReadFromTheWholeDistribution()
{
    const auto decoder = stories();
    const auto tokenizer = loadTokenizer(kStories).value();
    const ScoredSample sample = greedySample(20);
    const SampleScan scan =
        scanSamples(*decoder, {&sample}, {.membership = tokenizer.get()}).front();
    QCOMPARE(scan.standardised.size(), std::size_t{20});
    QVERIFY(scan.compressedBytes > 8);
    // A second evaluation, in double from the same logits.
    const ScoredBatch batch(*decoder, {&sample});
    visitLogits(batch.scoredHidden(), decoder->head(), [&](const at::Tensor& logits, std::int64_t) {
        const at::Tensor all = at::log_softmax(logits.to(at::kDouble), 1);
        for (std::int64_t row = 0; row < all.size(0); ++row) {
            const at::Tensor p = all[row].exp();
            const double mean = (p * all[row]).sum().item<double>();
            const double variance = (p * (all[row] - mean).square()).sum().item<double>();
            const double chosen =
                all[row][batch.targets()[row].item<std::int64_t>()].item<double>();
            const double wanted = (chosen - mean) / std::sqrt(std::max(variance, 1e-6));
            QVERIFY(std::abs(scan.standardised[static_cast<std::size_t>(row)] - wanted) <=
                    1e-3 * std::max(1.0, std::abs(wanted)));
        }
    });
}

void TestScanner::otherAnswersAreScoredForTheirSamples()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    std::vector<SampleScan> scans = scanSamples(*decoder, pointersTo(samples), {});
    const std::vector<OtherAnswer> answers = {
        {.sample = 2, .kind = OtherAnswerKind::Perturbed, .tokens = samples[0]},
        {.sample = 0, .kind = OtherAnswerKind::Paraphrase, .tokens = samples[1]}};
    QVERIFY(scoreOthers(*decoder, answers, {}, scans));
    QVERIFY(scans[1].others.empty());
    QCOMPARE(scans[2].others.size(), std::size_t{1});
    QVERIFY(scans[2].others[0].kind == OtherAnswerKind::Perturbed);
    double sum = 0;
    for (const float logProb : scans[0].logProbs)
        sum += logProb;
    QVERIFY(std::abs(scans[2].others[0].logProb - sum) <= 1e-5);
    QCOMPARE(scans[2].others[0].tokens, samples[0].scoredCount());
}

void TestScanner::lettersAreTheNextTokensOfThePrompt()
{
    const auto decoder = tinyModel();
    const std::vector<LetterQuestion> questions = {
        {.sample = 1, .prompt = randomIds(6, 1), .letters = {{3}, {5}, {7}}, .correct = 2},
        {.sample = 0, .prompt = randomIds(9, 2), .letters = {{4}, {6}}, .correct = 0}};
    std::vector<SampleScan> scans(2);
    QVERIFY(scoreLetters(*decoder, questions, {}, scans));
    QCOMPARE(scans[1].letters->logProbs.size(), std::size_t{3});
    QCOMPARE(scans[1].letters->correct, std::size_t{2});
    // Each letter alone, as a text that is scored at its end.
    for (const LetterQuestion& question : questions)
        for (std::size_t letter = 0; letter < question.letters.size(); ++letter) {
            ScoredSample text{.ids = question.prompt};
            text.ids.push_back(question.letters[letter][0]);
            text.scored.assign(text.ids.size(), 0);
            text.scored.back() = 1;
            const SampleScan alone = scanSamples(*decoder, {&text}, {}).front();
            QVERIFY(std::abs(scans[question.sample].letters->logProbs[letter] -
                             alone.logProbs[0]) <= 1e-5);
        }
}

void TestScanner::lettersOfSeveralTokensAreScoredWhole()
{
    const auto decoder = tinyModel();
    const std::vector<LetterQuestion> questions = {
        {.sample = 0, .prompt = randomIds(6, 1), .letters = {{3, 4}, {5}}, .correct = 1}};
    std::vector<SampleScan> scans(1);
    QVERIFY(scoreLetters(*decoder, questions, {}, scans));
    ScoredSample text{.ids = questions[0].prompt};
    text.ids.insert(text.ids.end(), {3, 4});
    text.scored.assign(text.ids.size(), 0);
    text.scored[6] = text.scored[7] = 1;
    const SampleScan alone = scanSamples(*decoder, {&text}, {}).front();
    QVERIFY(std::abs(scans[0].letters->logProbs[0] - (alone.logProbs[0] + alone.logProbs[1])) <=
            1e-5);
    QCOMPARE(scans[0].letters->logProbs.size(), std::size_t{2});
}

void TestScanner::gradientNormsAreThoseOfTheMeanLoss()
{
    const auto decoder = tinyModel();
    std::vector<std::string> names;
    for (const Parameter& parameter : decoder->parameters())
        names.push_back(parameter.name);
    decoder->setTrained(names);
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    std::vector<SampleScan> scans(3);
    QVERIFY(measureGradientNorms(*decoder, pointersTo(samples), {}, scans));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        decoder->clearGradients();
        tokenMeanLoss(*decoder, {samples[i]}).backward();
        double sum = 0;
        const auto gradients = gradientsOf(*decoder);
        for (const auto& [name, gradient] : gradients)
            sum += gradient.norm().item<double>();
        QVERIFY(std::abs(*scans[i].gradientNorm - sum / static_cast<double>(gradients.size())) <=
                1e-9);
    }
}

void TestScanner::aCancelledScanIsEmpty_data()
{
    QTest::addColumn<int>("after");
    QTest::newRow("between batches") << 1;
    QTest::newRow("while answers are written") << 6;
    QTest::newRow("at the last question") << 7;
}

void TestScanner::aCancelledScanIsEmpty()
{
    QFETCH(int, after);
    const auto decoder = stories();
    const auto tokenizer = loadTokenizer(kStories).value();
    const ScoredSample sample = greedySample(6);
    const std::vector<const ScoredSample*> samples = {&sample, &sample};
    int asked = 0;
    const auto scans = scanSamples(
        *decoder, samples,
        {.tokenBudget = 1, .tokenizer = tokenizer.get(), .maxNewTokens = 2, .proceed = [&] {
             return ++asked < after;
         }});
    QVERIFY(scans.empty());
    QVERIFY(asked >= after);
}

void TestScanner::scanningLeavesNoGradient()
{
    const auto decoder = tinyModel();
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    (void)scanSamples(*decoder, pointersTo(samples), {});
    for (const auto& [name, gradient] : gradientsOf(*decoder))
        QVERIFY2(!gradient.any().item<bool>(), name.c_str());
}

QTEST_GUILESS_MAIN(TestScanner)
#include "tst_scanner.moc"
