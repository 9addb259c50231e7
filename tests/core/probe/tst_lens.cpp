#include "core/probe/lens.h"

#include "core/metrics/scanner.h"
#include "core/models/checkpoint.h"
#include "core/probe/residual_walk.h"
#include "tests/support/test_main.h"
#include "tests/support/tiny_model.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

DecoderConfig variant(const QString& name)
{
    DecoderConfig config = tinyConfig();
    config.layers = 3;
    if (name == u"tied head"_s)
        config.tiedHead = true;
    if (name == u"soft cap"_s)
        config.logitSoftCap = 2;
    if (name == u"parallel halves"_s)
        config.order = BlockOrder::Parallel;
    return config;
}

void addVariants()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"plain", "tied head", "soft cap", "parallel halves"})
        QTest::newRow(name) << name;
}

std::vector<LensReading> lensOf(Decoder& decoder, const std::vector<ScoredSample>& samples,
                                std::int64_t budget = 2048)
{
    return readLens(decoder, pointersTo(samples), {.tokenBudget = budget}).value();
}

/// Logits at every position of \p ids as the model gives them, [n, V].
at::Tensor ownLogits(Decoder& decoder, const std::vector<std::int64_t>& ids)
{
    return decoder.head().weights().logits(hiddenRows(decoder, {ids}));
}

/// What a row of logits says of a token, computed number by number.
struct Expected {
    double logProb = 0;
    std::int32_t rank = 1;

    Expected(const at::Tensor& row, std::int64_t token)
    {
        const double* logits = row.data_ptr<double>();
        double sum = 0;
        for (std::int64_t v = 0; v < row.size(0); ++v) {
            sum += std::exp(logits[v]);
            rank += logits[v] > logits[token] ? 1 : 0;
        }
        logProb = logits[token] - std::log(sum);
    }
};

/// A layer of \p reading against the logits of the whole text.
void compareLayer(const LensReading& reading, std::int64_t layer, const at::Tensor& logits,
                  const ScoredSample& sample)
{
    std::size_t token = 0;
    for (std::size_t t = 1; t < sample.ids.size(); ++t) {
        if (!sample.scored[t])
            continue;
        const at::Tensor row = logits[static_cast<std::int64_t>(t) - 1];
        const Expected expected(row, sample.ids[t]);
        QCOMPARE(reading.tokens[token], sample.ids[t]);
        const double logProb = reading.logProbs[reading.at(layer, token)];
        QVERIFY2(
            std::abs(logProb - expected.logProb) < 1e-6 * (1 + std::abs(expected.logProb)),
            qPrintable(u"layer %1: %2, not %3"_s.arg(layer).arg(logProb).arg(expected.logProb)));
        QCOMPARE(reading.ranks[reading.at(layer, token)], expected.rank);
        QCOMPARE(reading.likeliest[reading.at(layer, token)], row.argmax().item<std::int64_t>());
        ++token;
    }
    QCOMPARE(token, reading.tokens.size());
}

/// The first \p layers blocks of \p decoder with its embedding, norm and head.
std::unique_ptr<Decoder> cutAfter(Decoder& decoder, std::int64_t layers)
{
    DecoderConfig config = decoder.config();
    config.layers = layers;
    std::unique_ptr<Decoder> cut = tinyModel(config);
    const at::NoGradGuard noGrad;
    for (Parameter& parameter : cut->parameters())
        parameter.master.copy_(parameterNamed(decoder, parameter.name).master);
    cut->refresh();
    return cut;
}

/// Blocks that add nothing to the residual stream.
std::unique_ptr<Decoder> idleModel()
{
    DecoderConfig config = tinyConfig();
    config.layers = 4;
    std::unique_ptr<Decoder> decoder = tinyModel(config);
    const at::NoGradGuard noGrad;
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        for (const std::string& writer : {config.names.output, config.names.down})
            for (const char* part : {".weight", ".bias"})
                parameterNamed(*decoder, config.inBlock(layer, writer) + part).master.zero_();
    decoder->refresh();
    return decoder;
}

/// Logits of one token straight from the embedding: root mean square norm and head by hand.
at::Tensor embeddedLogits(Decoder& decoder, std::int64_t token)
{
    const DecoderConfig& config = decoder.config();
    const auto values = [&](const std::string& name) {
        return parameterNamed(decoder, name).master.data_ptr<double>();
    };
    const double* embedding = values(config.names.embedding + ".weight") + token * config.width;
    const double* norm = values(config.names.finalNorm + ".weight");
    const double* head = values(config.names.head + ".weight");
    double squares = 0;
    for (std::int64_t d = 0; d < config.width; ++d)
        squares += embedding[d] * embedding[d];
    const double scale =
        1 / std::sqrt(squares / static_cast<double>(config.width) + config.normEps);
    at::Tensor logits = at::zeros({config.vocabulary}, at::kDouble);
    for (std::int64_t v = 0; v < config.vocabulary; ++v)
        for (std::int64_t d = 0; d < config.width; ++d)
            logits.data_ptr<double>()[v] +=
                head[v * config.width + d] * embedding[d] * scale * norm[d];
    return logits;
}

/// Ranks alone, [layers][tokens].
LensReading ranked(std::int64_t layers, const QList<int>& ranks)
{
    LensReading reading{.layers = layers};
    reading.tokens.resize(static_cast<std::size_t>(ranks.size() / layers));
    reading.ranks.assign(ranks.begin(), ranks.end());
    return reading;
}

} // namespace

class TestLens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLastLayerIsTheModelsOwnOutput_data() { addVariants(); }
    void theLastLayerIsTheModelsOwnOutput();
    void aLayerIsTheOutputOfTheModelCutThere_data() { addVariants(); }
    void aLayerIsTheOutputOfTheModelCutThere();
    void idleBlocksGiveTheSameDistributionEverywhere();
    void aRealModelsLastLayerIsWhatScoringGives();
    void batchesChangeNothing();
    void theEndOfTextIsLeftOut();
    void aModelThatDivergedKnowsNothing();
    void depthCountsTheBlocksBefore_data();
    void depthCountsTheBlocksBefore();
    void anAnswerWithoutTokensHasNoDepth();
    void progressRisesAndCancelEnds();
};

void TestLens::theLastLayerIsTheModelsOwnOutput()
{
    QFETCH(QString, name);
    const std::unique_ptr<Decoder> decoder = tinyModel(variant(name));
    const std::vector<ScoredSample> samples = tinyCorpus();
    const std::vector<LensReading> readings = lensOf(*decoder, samples);
    QCOMPARE(readings.size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        QCOMPARE(readings[i].sample, samples[i].index);
        QCOMPARE(readings[i].layers, std::int64_t{3});
        compareLayer(readings[i], 2, ownLogits(*decoder, samples[i].ids), samples[i]);
    }
}

void TestLens::aLayerIsTheOutputOfTheModelCutThere()
{
    QFETCH(QString, name);
    const std::unique_ptr<Decoder> decoder = tinyModel(variant(name));
    const std::vector<ScoredSample> samples = tinyCorpus();
    const std::vector<LensReading> readings = lensOf(*decoder, samples);
    for (std::int64_t layer = 0; layer < 3; ++layer) {
        const std::unique_ptr<Decoder> cut = cutAfter(*decoder, layer + 1);
        for (std::size_t i = 0; i < samples.size(); ++i)
            compareLayer(readings[i], layer, ownLogits(*cut, samples[i].ids), samples[i]);
    }
}

void TestLens::idleBlocksGiveTheSameDistributionEverywhere()
{
    const std::unique_ptr<Decoder> decoder = idleModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const std::vector<LensReading> readings = lensOf(*decoder, samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        std::vector<at::Tensor> rows;
        for (const std::int64_t id : samples[i].ids)
            rows.push_back(embeddedLogits(*decoder, id));
        for (std::int64_t layer = 0; layer < 4; ++layer)
            compareLayer(readings[i], layer, at::stack(rows), samples[i]);
    }
}

void TestLens::aRealModelsLastLayerIsWhatScoringGives()
{
    const auto decoder = loadDecoder(std::filesystem::path(TEST_DATA_DIR) / "models/stories260K",
                                     at::kCPU, at::kFloat)
                             .value();
    std::vector<ScoredSample> samples = tinyCorpus(7);
    for (ScoredSample& sample : samples)
        for (std::int64_t& id : sample.ids)
            id = 259 + 13 * id; // whole pieces
    const std::vector<LensReading> readings = lensOf(*decoder, samples);
    const std::vector<SampleScan> scans = scanSamples(*decoder, pointersTo(samples), {});
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::int64_t last = readings[i].layers - 1;
        QCOMPARE(scans[i].logProbs.size(), readings[i].tokens.size());
        for (std::size_t t = 0; t < readings[i].tokens.size(); ++t) {
            QVERIFY(std::abs(readings[i].logProbs[readings[i].at(last, t)] - scans[i].logProbs[t]) <
                    1e-4F);
            QCOMPARE(readings[i].ranks[readings[i].at(last, t)] == 1, bool(scans[i].matches[t]));
        }
    }
}

void TestLens::batchesChangeNothing()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(9);
    const std::vector<LensReading> whole = lensOf(*decoder, samples);
    const std::vector<LensReading> cut = lensOf(*decoder, samples, 14);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        QCOMPARE(cut[i].tokens, whole[i].tokens);
        QCOMPARE(cut[i].ranks, whole[i].ranks);
        QCOMPARE(cut[i].logProbs.size(), whole[i].logProbs.size());
        for (std::size_t k = 0; k < whole[i].logProbs.size(); ++k)
            QVERIFY(std::abs(cut[i].logProbs[k] - whole[i].logProbs[k]) < 1e-5F);
    }
}

void TestLens::theEndOfTextIsLeftOut()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    std::vector<ScoredSample> samples = tinyCorpus();
    const std::vector<LensReading> with = lensOf(*decoder, samples);
    for (ScoredSample& sample : samples)
        sample.endsWithEos = true;
    const std::vector<LensReading> without = lensOf(*decoder, samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        QCOMPARE(without[i].tokens.size() + 1, with[i].tokens.size());
        for (std::int64_t layer = 0; layer < with[i].layers; ++layer)
            for (std::size_t t = 0; t < without[i].tokens.size(); ++t)
                QCOMPARE(without[i].logProbs[without[i].at(layer, t)],
                         with[i].logProbs[with[i].at(layer, t)]);
    }
}

void TestLens::aModelThatDivergedKnowsNothing()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    {
        const at::NoGradGuard noGrad;
        parameterNamed(*decoder, "model.norm.weight").master.fill_(std::nan(""));
    }
    decoder->refresh();
    for (const LensReading& reading : lensOf(*decoder, tinyCorpus())) {
        for (const std::int32_t rank : reading.ranks)
            QCOMPARE(std::int64_t{rank}, decoder->config().vocabulary);
        QCOMPARE(reading.meanDepth(10).value(), 1.0);
    }
}

void TestLens::depthCountsTheBlocksBefore_data()
{
    QTest::addColumn<QList<int>>("ranks"); // of 4 layers
    QTest::addColumn<int>("k");
    QTest::addColumn<double>("depth");
    QTest::newRow("known from the first block") << QList<int>{1, 1, 1, 1} << 1 << 0.0;
    QTest::newRow("known by the last block alone") << QList<int>{9, 7, 5, 1} << 1 << 0.75;
    QTest::newRow("never") << QList<int>{9, 7, 5, 2} << 1 << 1.0;
    QTest::newRow("among the five likeliest") << QList<int>{9, 7, 5, 2} << 5 << 0.5;
    QTest::newRow("seen, and lost again") << QList<int>{9, 1, 5, 2} << 1 << 0.25;
    QTest::newRow("two tokens") << QList<int>{1, 9, 1, 9, 1, 9, 1, 1} << 1 << 0.375;
}

void TestLens::depthCountsTheBlocksBefore()
{
    QFETCH(QList<int>, ranks);
    QFETCH(int, k);
    QFETCH(double, depth);
    QCOMPARE(ranked(4, ranks).meanDepth(k).value(), depth);
}

void TestLens::anAnswerWithoutTokensHasNoDepth()
{
    QVERIFY(!ranked(4, {}).meanDepth(1));
}

void TestLens::progressRisesAndCancelEnds()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(6);
    std::vector<double> shares;
    const auto read = [&](std::size_t last) {
        std::size_t asked = 0;
        return readLens(*decoder, pointersTo(samples),
                        {.tokenBudget = 20, .proceed = [&](double share) {
                             shares.push_back(share);
                             return asked++ < last;
                         }});
    };
    QVERIFY(read(1000));
    QVERIFY(std::ranges::is_sorted(shares));
    QCOMPARE(shares.back(), 1.0);
    const std::size_t all = shares.size();
    QVERIFY(all >= 4);
    for (std::size_t last = 0; last < all; ++last) {
        shares.clear();
        QVERIFY(!read(last));
        QCOMPARE(shares.size(), last + 1);
    }
}

LACUNA_TEST_MAIN(TestLens)
#include "tst_lens.moc"
