#include "core/probe/similarity.h"

#include "core/base/rng.h"
#include "core/models/decoder.h"
#include "tests/core/base/std_text.h"
#include "tests/support/test_main.h"
#include "tests/support/tiny_model.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

at::Tensor randomRows(std::int64_t rows, std::int64_t width, std::uint64_t seed)
{
    Random random(seed);
    at::Tensor out = at::empty({rows, width}, at::kDouble);
    for (std::int64_t i = 0; i < out.numel(); ++i)
        out.data_ptr<double>()[i] = random.normal();
    return out;
}

/// |Y'X|^2 / (|X'X| |Y'Y|) of centred rows, number by number, by the features and not by the rows.
double ckaByHand(const at::Tensor& x, const at::Tensor& y)
{
    const auto centred = [](const at::Tensor& rows) {
        std::vector<std::vector<double>> columns;
        for (std::int64_t d = 0; d < rows.size(1); ++d) {
            std::vector<double> column;
            double mean = 0;
            for (std::int64_t i = 0; i < rows.size(0); ++i) {
                column.push_back(rows[i][d].item<double>());
                mean += column.back() / static_cast<double>(rows.size(0));
            }
            for (double& value : column)
                value -= mean;
            columns.push_back(std::move(column));
        }
        return columns;
    };
    const auto product = [](const auto& a, const auto& b) {
        double squares = 0;
        for (const auto& one : a)
            for (const auto& other : b) {
                double dot = 0;
                for (std::size_t i = 0; i < one.size(); ++i)
                    dot += one[i] * other[i];
                squares += dot * dot;
            }
        return squares;
    };
    const auto a = centred(x);
    const auto b = centred(y);
    return product(a, b) / std::sqrt(product(a, a) * product(b, b));
}

Similarity compared(Decoder& decoder, Decoder& original, const std::vector<ScoredSample>& samples,
                    std::int64_t budget = 2048)
{
    return compareResiduals(decoder, original, pointersTo(samples), {.tokenBudget = budget})
        .value()
        .value();
}

void near(double value, double expected, double tolerance)
{
    QVERIFY2(std::abs(value - expected) <= tolerance,
             qPrintable(u"%1, not %2"_s.arg(value, 0, 'g', 17).arg(expected, 0, 'g', 17)));
}

/// The residual streams of all blocks on the rows of the scored tokens, [M, D].
std::vector<at::Tensor> scoredResiduals(Decoder& decoder, const std::vector<ScoredSample>& samples)
{
    std::vector<std::vector<at::Tensor>> rows(static_cast<std::size_t>(decoder.config().layers));
    const at::NoGradGuard noGrad;
    for (const ScoredSample& sample : samples) {
        std::vector<at::Tensor> blocks;
        (void)decoder.forward(packSequences({sample.ids}, at::kCPU), &blocks);
        for (std::size_t layer = 0; layer < blocks.size(); ++layer)
            for (std::size_t t = 1; t < sample.ids.size(); ++t)
                if (sample.scored[t])
                    rows[layer].push_back(blocks[layer][static_cast<std::int64_t>(t)]);
    }
    std::vector<at::Tensor> all;
    for (const auto& layer : rows)
        all.push_back(at::stack(layer));
    return all;
}

} // namespace

class TestSimilarity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aModelIsLikeItself();
    void theNumbersAreThoseOfASecondEvaluation();
    void alignmentAgreesWithTheFormulaOfFeatures_data();
    void alignmentAgreesWithTheFormulaOfFeatures();
    void alignmentDoesNotSeeRotationScaleAndShift();
    void rowsThatAreAllTheSameHaveNoAlignment();
    void aStreamOfTwiceTheLengthHasRatioTwo();
    void batchesChangeNothing();
    void manyRowsAreThinnedEvenly();
    void modelsOfOtherShapeAreRefused();
    void cancelEnds();
};

void TestSimilarity::aModelIsLikeItself()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const Similarity same = compared(*decoder, *decoder, tinyCorpus());
    QCOMPARE(same.layers.size(), std::size_t{2});
    for (const LayerSimilarity& layer : same.layers) {
        near(layer.cosine, 1, 1e-12);
        near(layer.normRatio, 1, 1e-12);
        near(layer.cka, 1, 1e-12);
    }
    for (const double cosine : same.sampleCosines)
        near(cosine, 1, 1e-12);
}

void TestSimilarity::theNumbersAreThoseOfASecondEvaluation()
{
    const std::unique_ptr<Decoder> original = tinyModel();
    const std::unique_ptr<Decoder> decoder = tinyModel();
    disturb(*decoder);
    const std::vector<ScoredSample> samples = tinyCorpus(5);
    const Similarity found = compared(*decoder, *original, samples);
    const std::vector<at::Tensor> x = scoredResiduals(*decoder, samples);
    const std::vector<at::Tensor> y = scoredResiduals(*original, samples);
    double first = 0; // of the first sample
    for (std::size_t layer = 0; layer < x.size(); ++layer) {
        QCOMPARE(found.rows, x[layer].size(0));
        double cosine = 0;
        double ratio = 0;
        for (std::int64_t row = 0; row < x[layer].size(0); ++row) {
            const at::Tensor a = x[layer][row];
            const at::Tensor b = y[layer][row];
            const double of = (a.dot(b) / (a.norm() * b.norm())).item<double>();
            cosine += of;
            ratio += (a.norm() / b.norm()).item<double>();
            if (row < samples[0].scoredCount())
                first += of / static_cast<double>(2 * samples[0].scoredCount());
        }
        const auto rows = static_cast<double>(found.rows);
        near(found.layers[layer].cosine, cosine / rows, 1e-12);
        near(found.layers[layer].normRatio, ratio / rows, 1e-12);
        near(found.layers[layer].cka, ckaByHand(x[layer], y[layer]), 1e-12);
        QVERIFY(found.layers[layer].cosine < 0.999);
    }
    near(found.sampleCosines[0], first, 1e-12);
}

void TestSimilarity::alignmentAgreesWithTheFormulaOfFeatures_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("other");
    QTest::newRow("more rows than features") << 40 << 6 << 6;
    QTest::newRow("fewer rows than features") << 7 << 30 << 30;
    QTest::newRow("other widths") << 20 << 5 << 11;
}

void TestSimilarity::alignmentAgreesWithTheFormulaOfFeatures()
{
    QFETCH(int, rows);
    QFETCH(int, width);
    QFETCH(int, other);
    const at::Tensor x = randomRows(rows, width, 1);
    const at::Tensor y = randomRows(rows, other, 2) + 3;
    near(linearCka(x, y), ckaByHand(x, y), 1e-12);
    QVERIFY(linearCka(x, y) < 0.9);
}

void TestSimilarity::alignmentDoesNotSeeRotationScaleAndShift()
{
    const at::Tensor x = randomRows(30, 6, 1);
    const at::Tensor rotation = std::get<0>(at::linalg_qr(randomRows(6, 6, 3)));
    near(linearCka(x, 5 * x.mm(rotation) - 2), 1, 1e-12);
}

void TestSimilarity::rowsThatAreAllTheSameHaveNoAlignment()
{
    QVERIFY(std::isnan(linearCka(at::ones({5, 3}, at::kDouble), randomRows(5, 3, 1))));
}

void TestSimilarity::aStreamOfTwiceTheLengthHasRatioTwo()
{
    DecoderConfig config = tinyConfig();
    config.attentionBias = config.outputBias = config.mlpBias = false;
    const std::unique_ptr<Decoder> original = tinyModel(config);
    const std::unique_ptr<Decoder> decoder = tinyModel(config);
    const at::NoGradGuard noGrad;
    // Norms take the length out of what blocks read; what they write is doubled as well.
    parameterNamed(*decoder, config.names.embedding + ".weight").master.mul_(2);
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        for (const std::string& writer : {config.names.output, config.names.down})
            parameterNamed(*decoder, config.inBlock(layer, writer) + ".weight").master.mul_(2);
    decoder->refresh();
    // The norms' small constant does not double, which 1e-6 / |h|^2 shows.
    for (const LayerSimilarity& layer : compared(*decoder, *original, tinyCorpus()).layers) {
        near(layer.normRatio, 2, 1e-4);
        near(layer.cosine, 1, 1e-6);
        near(layer.cka, 1, 1e-6);
    }
}

void TestSimilarity::batchesChangeNothing()
{
    const std::unique_ptr<Decoder> original = tinyModel();
    const std::unique_ptr<Decoder> decoder = tinyModel();
    disturb(*decoder);
    const std::vector<ScoredSample> samples = tinyCorpus(9);
    const Similarity whole = compared(*decoder, *original, samples);
    const Similarity cut = compared(*decoder, *original, samples, 14);
    QCOMPARE(cut.rows, whole.rows);
    QCOMPARE(cut.ckaRows, whole.ckaRows);
    for (std::size_t layer = 0; layer < whole.layers.size(); ++layer) {
        near(cut.layers[layer].cosine, whole.layers[layer].cosine, 1e-12);
        near(cut.layers[layer].normRatio, whole.layers[layer].normRatio, 1e-12);
        near(cut.layers[layer].cka, whole.layers[layer].cka, 1e-12);
    }
    for (std::size_t i = 0; i < samples.size(); ++i)
        near(cut.sampleCosines[i], whole.sampleCosines[i], 1e-12);
}

void TestSimilarity::manyRowsAreThinnedEvenly()
{
    const std::unique_ptr<Decoder> original = tinyModel();
    const std::unique_ptr<Decoder> decoder = tinyModel();
    disturb(*decoder);
    const std::vector<ScoredSample> samples = tinyCorpus(400);
    const Similarity found = compared(*decoder, *original, samples, 100);
    const std::vector<at::Tensor> x = scoredResiduals(*decoder, samples);
    const std::vector<at::Tensor> y = scoredResiduals(*original, samples);
    QVERIFY(found.rows > 2048 && found.rows < 3072); // every third row
    QCOMPARE(found.ckaRows, (found.rows + 2) / 3);
    const auto third = [](const at::Tensor& rows) { return rows.slice(0, 0, rows.size(0), 3); };
    for (std::size_t layer = 0; layer < x.size(); ++layer)
        near(found.layers[layer].cka, linearCka(third(x[layer]), third(y[layer])), 1e-12);
}

void TestSimilarity::modelsOfOtherShapeAreRefused()
{
    DecoderConfig other = tinyConfig();
    other.layers = 3;
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const std::unique_ptr<Decoder> original = tinyModel(other);
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto result = compareResiduals(*decoder, *original, pointersTo(samples), {});
    QVERIFY(!result);
    QVERIFY2(shown(result.error().text()).contains(u"3 blocks"), result.error().text().c_str());
    QVERIFY(!result.error().remedy.empty());
}

void TestSimilarity::cancelEnds()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    for (std::size_t last = 0; last < 4; ++last) {
        std::size_t asked = 0;
        const auto result = compareResiduals(
            *decoder, *decoder, pointersTo(samples),
            {.proceed = [&](double share) { return share <= 1 && asked++ < last; }});
        QVERIFY(result && !*result);
        QCOMPARE(asked, last + 1);
    }
}

LACUNA_TEST_MAIN(TestSimilarity)
#include "tst_similarity.moc"
