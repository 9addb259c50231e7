#include "core/run/saliency.h"

#include "core/models/family.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"
#include "tests/support/test_main.h"
#include "tests/support/tiny_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const auto kGoOn = [](double) { return true; };

/// The small recipe's model and corpora.
SaliencyRequest smallRequest(std::int64_t maxSamples = 128)
{
    return {.recipe = parseRecipe(smallRecipe(), {}).value(), .maxSamples = maxSamples};
}

SaliencyMap found(const SaliencyRequest& request)
{
    return findSaliency(request, kGoOn).value().value();
}

std::vector<double> forgetSums(const SaliencyMap& map)
{
    std::vector<double> sums;
    for (const Saliency& slot : map.slots)
        sums.push_back(slot.forget);
    return sums;
}

/// Three blocks on a residual stream of two halves. Tokens below the middle of the vocabulary lie
/// in the first half, which only block 1 reads and writes; the others in the second, which only
/// blocks 0 and 2 do.
std::unique_ptr<Decoder> plantedModel()
{
    DecoderConfig config = tinyConfig();
    config.layers = 3;
    config.attentionBias = config.outputBias = config.mlpBias = false;
    std::unique_ptr<Decoder> decoder = tinyModel(config);
    const at::NoGradGuard noGrad;
    const std::int64_t half = config.width / 2;
    const auto clear = [&](const std::string& name, std::int64_t dimension, std::int64_t from,
                           std::int64_t count) {
        parameterNamed(*decoder, name).master.narrow(dimension, from, count).zero_();
    };
    const std::string embedding = config.names.embedding + ".weight";
    at::Tensor rows = parameterNamed(*decoder, embedding).master;
    rows.narrow(0, 0, config.vocabulary / 2).narrow(1, half, half).zero_();
    rows.narrow(0, config.vocabulary / 2, config.vocabulary - config.vocabulary / 2)
        .narrow(1, 0, half)
        .zero_();
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::int64_t foreign = layer == 1 ? half : 0;
        const auto weight = [&](const std::string& name) {
            return config.inBlock(layer, name) + ".weight";
        };
        for (const std::string& reader : {config.names.query, config.names.key, config.names.value,
                                          config.names.gate, config.names.up})
            clear(weight(reader), 1, foreign, half);
        for (const std::string& writer : {config.names.output, config.names.down})
            clear(weight(writer), 0, foreign, half);
    }
    decoder->refresh();
    decoder->trainAll();
    return decoder;
}

/// The tiny corpus with its tokens moved into one half of the vocabulary.
std::vector<ScoredSample> cornered(bool low)
{
    const std::int64_t middle = tinyConfig().vocabulary / 2;
    std::vector<ScoredSample> samples = tinyCorpus();
    for (ScoredSample& sample : samples)
        for (std::int64_t& id : sample.ids)
            id = low ? id % middle : middle + id % middle;
    return samples;
}

} // namespace

class TestSaliency : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sumsAgreeWithDifferencesOfTheLoss();
    void microBatchesChangeNothing();
    void theBlockThatAloneReadsTheForgetSetIsFound();
    void aCorpusAgainstItselfIsEvenEverywhere();
    void theSamplesAreDrawnBySeed();
    void bothSetsBringAsManySamples();
    void whatCannotBeMeasuredIsRefused_data();
    void whatCannotBeMeasuredIsRefused();
    void progressRisesAndCancelEnds();
};

void TestSaliency::sumsAgreeWithDifferencesOfTheLoss()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const std::vector<double> sums = weightSaliency(*decoder, {}, samples, kGoOn).value();
    const std::vector<WeightSlot> slots = weightSlots(decoder->config());
    QCOMPARE(sums.size(), slots.size());

    const at::NoGradGuard noGrad;
    constexpr double kStep = 1e-5;
    int checked = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        at::Tensor master = parameterNamed(*decoder, slots[i].name).master;
        if (master.numel() > 100) // every kind of weight but gate, up and down is smaller
            continue;
        ++checked;
        double* values = master.data_ptr<double>();
        double expected = 0;
        for (std::int64_t at = 0; at < master.numel(); ++at) {
            const double weight = values[at];
            const auto lossAt = [&](double value) {
                values[at] = value;
                decoder->refresh();
                return tokenMeanLoss(*decoder, samples).item<double>();
            };
            const double slope = (lossAt(weight + kStep) - lossAt(weight - kStep)) / (2 * kStep);
            lossAt(weight);
            expected += std::abs(slope) * std::abs(weight);
        }
        // Central differences are off by the square of the step.
        QVERIFY2(
            std::abs(sums[i] - expected) < 1e-7 * std::max(1.0, expected),
            qPrintable(shown(slots[i].name) + u": %1 instead of %2"_s.arg(sums[i]).arg(expected)));
    }
    QVERIFY2(checked >= 20, qPrintable(QString::number(checked)));
}

void TestSaliency::microBatchesChangeNothing()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus(7);
    const auto whole = weightSaliency(*decoder, {}, samples, kGoOn).value();
    const auto cut = weightSaliency(*decoder, {.microBatchTokens = 12}, samples, kGoOn).value();
    for (std::size_t i = 0; i < whole.size(); ++i)
        QVERIFY(std::abs(cut[i] - whole[i]) < 1e-12 * std::max(1.0, whole[i]));
}

void TestSaliency::theBlockThatAloneReadsTheForgetSetIsFound()
{
    const std::unique_ptr<Decoder> decoder = plantedModel();
    const auto forget = weightSaliency(*decoder, {}, cornered(true), kGoOn).value();
    const auto retain = weightSaliency(*decoder, {}, cornered(false), kGoOn).value();
    SaliencyMap map{.config = decoder->config(), .samples = 4};
    for (std::size_t i = 0; i < forget.size(); ++i)
        map.slots.push_back({.forget = forget[i], .retain = retain[i], .weights = 1});
    for (const SaliencyUnit& unit : saliencyUnits(map)) {
        QCOMPARE(unit.saliency.forget > 0, unit.layer == 1);
        QCOMPARE(unit.saliency.retain > 0, unit.layer != 1);
    }
    const ScopeSuggestion suggestion = suggestScope(map, 1);
    QCOMPARE(suggestion.units.size(), std::size_t{2});
    for (const SaliencyUnit& unit : suggestion.units)
        QCOMPARE(unit.layer, std::int64_t{1});
}

void TestSaliency::aCorpusAgainstItselfIsEvenEverywhere()
{
    SaliencyRequest request = smallRequest();
    request.recipe.retain = request.recipe.forget;
    const SaliencyMap map = found(request);
    for (const Saliency& slot : map.slots)
        QCOMPARE(slot.forget, slot.retain);
    QVERIFY(wholeOf(saliencyUnits(map)).forget > 0);
}

void TestSaliency::theSamplesAreDrawnBySeed()
{
    SaliencyRequest request = smallRequest(4);
    const SaliencyMap first = found(request);
    QCOMPARE(first.samples, std::int64_t{4});
    QCOMPARE(forgetSums(found(request)), forgetSums(first));
    request.recipe.seed += 1;
    QVERIFY(forgetSums(found(request)) != forgetSums(first));
}

void TestSaliency::bothSetsBringAsManySamples()
{
    const TemporaryFolder folder;
    const std::filesystem::path two = folder.file("two.jsonl");
    writeBytes(two, R"({"question": "Who?", "answer": "Anna"})"
                    "\n"
                    R"({"question": "Where?", "answer": "At home"})");
    SaliencyRequest request = smallRequest();
    request.recipe.retain.path = two.string();
    QCOMPARE(found(request).samples, std::int64_t{2});
}

void TestSaliency::whatCannotBeMeasuredIsRefused_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("no retain set") << u"retain"_s << u""_s << u"there is none"_s;
    QTest::newRow("a new model") << u"new"_s << u""_s << u"holds nothing yet"_s;
    QTest::newRow("no such model") << u"model"_s << u"/nowhere"_s << u"/nowhere"_s;
}

void TestSaliency::whatCannotBeMeasuredIsRefused()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, says);
    SaliencyRequest request = smallRequest();
    if (key == u"retain"_s)
        request.recipe.retain.path.clear();
    else if (key == u"new"_s)
        request.recipe.newModel = NewModelSpec{};
    else
        request.recipe.model = value.toStdString();
    const auto result = findSaliency(request, kGoOn);
    QVERIFY(!result);
    QVERIFY2(shown(result.error().text()).contains(says), result.error().text().c_str());
}

void TestSaliency::progressRisesAndCancelEnds()
{
    const SaliencyRequest request = smallRequest(6);
    std::vector<double> shares;
    QVERIFY(findSaliency(request, [&](double share) {
                shares.push_back(share);
                return true;
            }).value());
    QVERIFY(std::ranges::is_sorted(shares));
    QCOMPARE(shares.back(), 1.0);
    // Wherever it is asked: while loading, in either pass, and after them.
    for (std::size_t last = 0; last < shares.size(); ++last) {
        std::size_t asked = 0;
        const auto result = findSaliency(request, [&](double) { return asked++ < last; });
        QVERIFY(result && !*result);
        QCOMPARE(asked, last + 1);
    }
}

LACUNA_TEST_MAIN(TestSaliency)
#include "tst_saliency.moc"
