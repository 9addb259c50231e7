#include "core/metrics/metric.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <cmath>

using namespace lacuna;

namespace {

/// Four tokens, the last being EOS; the second is not what the model would have written.
SampleScan answered()
{
    return {.index = 5,
            .logProbs = {-0.1F, -2.0F, -0.3F, -0.4F},
            .matches = {true, false, true, false},
            .endsWithEos = true,
            .hasAnswer = true,
            .generated = "the cat sat",
            .reference = "the cat sat on the mat"};
}

/// Two tokens of a text without end, without an answer.
SampleScan plain()
{
    return {.index = 9, .logProbs = {-1.0F, -0.5F}, .matches = {false, true}};
}

/// Everything that a scan may have.
SampleScan fullyMeasured()
{
    SampleScan scan = answered();
    for (const OtherAnswerKind kind : {OtherAnswerKind::Paraphrase, OtherAnswerKind::Perturbed,
                                       OtherAnswerKind::Correct, OtherAnswerKind::Incorrect})
        scan.others.push_back({.kind = kind, .logProb = -3, .tokens = 4});
    scan.letters = {.logProbs = {-1, -2}, .correct = 0};
    scan.standardised = {0.5F, -1.0F, 0.25F, 0.0F};
    scan.compressedBytes = 30;
    scan.gradientNorm = 2;
    scan.lensDepth = 0.5;
    return scan;
}

MetricResult resultOf(const std::string& id, const std::vector<SampleScan>& scans)
{
    for (MetricResult& result : computeMetrics(scans))
        if (result.metric == id)
            return result;
    throw std::logic_error("no value for " + id);
}

} // namespace

class TestMetricsCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEntrySaysAllAboutItself_data();
    void anEntrySaysAllAboutItself();
    void aValueIsTheMeanOfItsSamples_data();
    void aValueIsTheMeanOfItsSamples();
    void longAnswersWeighMoreInTheCorpusMean();
    void perplexityIsExpOfTheMeanLoss();
    void probabilityIsTheGeometricMean();
    void endOfTextCountsForLikelihoodOnly();
    void rougeNeedsAnAnswer();
    void anAnswerIsComparedWithTheTruth_data();
    void anAnswerIsComparedWithTheTruth();
    void whatIsAskedOfAnswersNeedsOne();
    void samplesWithoutScoredTokensCountForNothing();
    void nothingScannedGivesNothing();
};

void TestMetricsCatalog::anEntrySaysAllAboutItself_data()
{
    QTest::addColumn<QString>("id");
    for (const std::string& id : metrics().ids())
        QTest::newRow(id.c_str()) << shown(id);
}

void TestMetricsCatalog::anEntrySaysAllAboutItself()
{
    QFETCH(QString, id);
    const MetricInfo* metric = metrics().find(id.toStdString()).value();
    for (const std::string* text :
         {&metric->title, &metric->source, &metric->reading, &metric->variant, &metric->range})
        QVERIFY(!text->empty());
    const MetricResult result = resultOf(metric->id, {fullyMeasured()});
    QVERIFY(std::isfinite(result.value));
    QCOMPARE(result.variant, metric->variant);
    QCOMPARE(result.samples.front().index, std::int64_t{5});
}

void TestMetricsCatalog::aValueIsTheMeanOfItsSamples_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<double>("answeredValue");
    QTest::addColumn<double>("plainValue");
    QTest::newRow("probability") << "probability" << std::exp(-0.7) << std::exp(-0.75);
    QTest::newRow("extraction strength") << "extraction-strength" << 1.0 / 3 << 0.5;
    QTest::newRow("exact memorisation") << "exact-memorization" << 2.0 / 3 << 0.5;
}

void TestMetricsCatalog::aValueIsTheMeanOfItsSamples()
{
    QFETCH(QString, id);
    QFETCH(double, answeredValue);
    QFETCH(double, plainValue);
    const MetricResult result = resultOf(id.toStdString(), {answered(), plain()});
    QCOMPARE(result.samples.size(), std::size_t{2});
    QCOMPARE(result.samples[1].index, std::int64_t{9});
    // Log-probabilities are kept in float32.
    QVERIFY(std::abs(result.samples[0].value - answeredValue) <= 1e-7);
    QVERIFY(std::abs(result.samples[1].value - plainValue) <= 1e-7);
    QVERIFY(std::abs(result.value - (answeredValue + plainValue) / 2) <= 1e-7);
}

void TestMetricsCatalog::longAnswersWeighMoreInTheCorpusMean()
{
    const std::vector<SampleScan> scans = {answered(), plain()};
    QVERIFY(std::abs(tokenMeanNll(scans) - 4.3 / 6) <= 1e-7);
    const MetricResult nll = resultOf("nll", scans);
    QCOMPARE(nll.value, tokenMeanNll(scans));
    QVERIFY(std::abs(nll.samples[0].value - 0.7) <= 1e-7);
    QVERIFY(std::abs(nll.samples[1].value - 0.75) <= 1e-7);
}

void TestMetricsCatalog::perplexityIsExpOfTheMeanLoss()
{
    const std::vector<SampleScan> scans = {answered(), plain()};
    const MetricResult result = resultOf("perplexity", scans);
    QCOMPARE(result.value, std::exp(resultOf("nll", scans).value));
    QVERIFY(std::abs(result.samples[0].value - std::exp(0.7)) <= 1e-6);
    QCOMPARE(resultOf("perplexity", {{.logProbs = {0, 0}, .matches = {true, true}}}).value, 1.0);
}

void TestMetricsCatalog::probabilityIsTheGeometricMean()
{
    const std::vector<SampleScan> scans = {answered()};
    QVERIFY(std::abs(resultOf("probability", scans).value *
                         resultOf("perplexity", scans).samples[0].value -
                     1) <= 1e-12);
    QCOMPARE(resultOf("probability", {{.logProbs = {-INFINITY}, .matches = {false}}}).value, 0.0);
}

void TestMetricsCatalog::endOfTextCountsForLikelihoodOnly()
{
    SampleScan scan = answered();
    QCOMPARE(resultOf("extraction-strength", {scan}).value, 1 - 2.0 / 3);
    scan.endsWithEos = false; // the miss at the end is then a miss of the answer
    QCOMPARE(resultOf("extraction-strength", {scan}).value, 0.0);
    QCOMPARE(resultOf("exact-memorization", {scan}).value, 0.5);
    scan.matches.assign(4, true);
    QCOMPARE(resultOf("extraction-strength", {scan}).value, 1.0);
    QCOMPARE(resultOf("exact-memorization", {scan}).value, 1.0);
    const double probability = resultOf("probability", {scan}).value;
    scan.endsWithEos = true;
    QCOMPARE(resultOf("probability", {scan}).value, probability);
}

void TestMetricsCatalog::rougeNeedsAnAnswer()
{
    const MetricResult result = resultOf("rouge-l", {answered(), plain()});
    QCOMPARE(result.samples.size(), std::size_t{1});
    QCOMPARE(result.value, 0.5); // three of six words
    const auto results = computeMetrics({plain()});
    QVERIFY(
        std::ranges::none_of(results, [](const MetricResult& r) { return r.metric == "rouge-l"; }));
}

void TestMetricsCatalog::anAnswerIsComparedWithTheTruth_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<double>("value");
    // "the cat sat" of "the cat sat on the mat": three of six words, two of five pairs, three of
    // five different words.
    QTest::newRow("words found") << "rouge-1" << 0.5;
    QTest::newRow("words shared") << "rouge-1-f1" << 2.0 / 3;
    QTest::newRow("pairs found") << "rouge-2" << 0.4;
    QTest::newRow("pairs shared") << "rouge-2-f1" << 4.0 / 7;
    QTest::newRow("words shared in order") << "rouge-l-f1" << 2.0 / 3;
    QTest::newRow("the same without stems") << "rouge-l-f1-unstemmed" << 2.0 / 3;
    QTest::newRow("different words") << "jaccard" << 0.6;
    QTest::newRow("a stretch") << "longest-shared-stretch" << 3.0;
    QTest::newRow("its share") << "longest-shared-stretch-share" << 0.5;
    QTest::newRow("no eight words") << "copied-8-grams" << 0.0;
    QTest::newRow("no thirteen words") << "copied-13-grams" << 0.0;
    QTest::newRow("no refusal") << "refusal" << 0.0;
    QTest::newRow("not empty") << "empty-answer" << 0.0;
    QTest::newRow("two pairs of three words") << "distinct-2" << 2.0 / 3;
    QTest::newRow("written as English is") << "gibberish-rate" << 0.0;
}

void TestMetricsCatalog::anAnswerIsComparedWithTheTruth()
{
    QFETCH(QString, id);
    QFETCH(double, value);
    QVERIFY(std::abs(resultOf(id.toStdString(), {answered()}).value - value) <= 1e-12);
}

void TestMetricsCatalog::whatIsAskedOfAnswersNeedsOne()
{
    const SampleScan silent = {.hasAnswer = true, .reference = "the truth"};
    for (const MetricInfo& info : metrics().entries()) {
        if (!info.needsGeneration)
            continue;
        QVERIFY2(!info.perSample(plain()), info.id.c_str());
        const std::optional<double> value = info.perSample(silent);
        QVERIFY2(value && std::isfinite(*value), info.id.c_str());
    }
    QCOMPARE(resultOf("empty-answer", {silent}).value, 1.0);
    QCOMPARE(resultOf("gibberish-rate", {silent}).value, 1.0);
    QCOMPARE(resultOf("refusal", {silent}).value, 0.0);
    SampleScan refusing = silent;
    refusing.generated = "I don't know.";
    QCOMPARE(resultOf("refusal", {refusing, silent}).value, 0.5);
}

void TestMetricsCatalog::samplesWithoutScoredTokensCountForNothing()
{
    const std::vector<SampleScan> scans = {plain(), {.index = 1}};
    for (const MetricResult& result : computeMetrics(scans)) {
        QVERIFY2(result.samples.size() == 1, result.metric.c_str());
        QVERIFY2(result.samples.front().index == 9, result.metric.c_str());
        QVERIFY2(std::isfinite(result.value), result.metric.c_str());
    }
}

void TestMetricsCatalog::nothingScannedGivesNothing()
{
    QVERIFY(computeMetrics({}).empty());
    QVERIFY(computeMetrics({SampleScan{}}).empty());
}

QTEST_GUILESS_MAIN(TestMetricsCatalog)
#include "tst_metrics_catalog.moc"
