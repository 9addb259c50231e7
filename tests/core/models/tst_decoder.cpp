#include "core/models/decoder.h"
#include "core/models/embedding_change.h"
#include "core/models/family.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <torch/csrc/autograd/function.h>

#include <numeric>
#include <set>

using namespace lacuna;

// Laws of the decoder, in float64 where rounding is no excuse.

namespace {

using Sequences = std::vector<std::vector<std::int64_t>>;

DecoderConfig variant(const QString& name)
{
    DecoderConfig config = tinyConfig();
    if (name == u"tied head")
        config.tiedHead = true;
    if (name == u"sliding window")
        config.slidingWindow = 4;
    if (name == u"no biases")
        config.attentionBias = config.outputBias = config.mlpBias = false;
    if (name == u"llama3 positions")
        config.rope = {
            .theta = 100, .scaling = RopeScaling::Llama3, .factor = 8, .originalContext = 16};
    return config;
}

void addVariants()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"biases and grouped queries", "tied head", "sliding window",
                             "no biases", "llama3 positions"})
        QTest::newRow(name) << name;
}

/// Hidden rows of \p sequences when sequence i is given to its cache in pieces of the lengths
/// pieces[i]; rows of a sequence stay together.
at::Tensor cachedRows(Decoder& decoder, const Sequences& sequences,
                      const std::vector<std::vector<std::size_t>>& pieces)
{
    std::vector<KvCache> caches(sequences.size());
    std::vector<std::vector<at::Tensor>> rows(sequences.size());
    std::vector<std::size_t> done(sequences.size());
    for (std::size_t turn = 0; turn < pieces.front().size(); ++turn) {
        Sequences inputs;
        std::vector<KvCache*> continued;
        for (std::size_t i = 0; i < sequences.size(); ++i) {
            const auto begin = sequences[i].begin() + static_cast<std::ptrdiff_t>(done[i]);
            inputs.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(pieces[i][turn]));
            continued.push_back(&caches[i]);
            done[i] += pieces[i][turn];
        }
        const PackedBatch batch = packSequences(inputs, at::kCPU);
        const at::Tensor hidden = decoder.forwardCached(batch, continued);
        for (std::size_t i = 0; i < sequences.size(); ++i)
            rows[i].push_back(
                hidden.narrow(0, batch.sequences[i].start, batch.sequences[i].length));
    }
    std::vector<at::Tensor> all;
    for (const auto& parts : rows)
        all.push_back(at::cat(parts));
    return at::cat(all);
}

/// What is trained, and in which kind of model.
void addRecomputed()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QStringList>("trained"); // empty: everything
    for (const char* name : {"biases and grouped queries", "tied head", "sliding window"})
        QTest::newRow(name) << name << "double" << QStringList{};
    QTest::newRow("float32") << ""
                             << "float" << QStringList{};
    QTest::newRow("bfloat16") << ""
                              << "bfloat16" << QStringList{};
    QTest::newRow("a norm of the last block")
        << ""
        << "double"
        << QStringList{QStringLiteral("model.layers.1.post_attention_layernorm.weight")};
    QTest::newRow("a bias of the first block")
        << ""
        << "double" << QStringList{QStringLiteral("model.layers.0.self_attn.q_proj.bias")};
    QTest::newRow("the embedding alone")
        << ""
        << "double" << QStringList{QStringLiteral("model.embed_tokens.weight")};
    QTest::newRow("the final norm alone")
        << ""
        << "double" << QStringList{QStringLiteral("model.norm.weight")};
}

void train(Decoder& decoder, const QStringList& names)
{
    std::vector<std::string> trained;
    for (const QString& name : names)
        trained.push_back(name.toStdString());
    names.isEmpty() ? decoder.trainAll() : decoder.setTrained(trained);
}

/// Nodes of the graph behind \p loss.
std::size_t graphSize(const at::Tensor& loss)
{
    std::set<torch::autograd::Node*> seen;
    std::vector<torch::autograd::Node*> open = {loss.grad_fn().get()};
    while (!open.empty()) {
        torch::autograd::Node* node = open.back();
        open.pop_back();
        if (!node || !seen.insert(node).second)
            continue;
        for (const torch::autograd::Edge& edge : node->next_edges())
            open.push_back(edge.function.get());
    }
    return seen.size();
}

std::map<std::string, at::Tensor> lossGradients(Decoder& decoder,
                                                const std::vector<ScoredSample>& samples)
{
    decoder.clearGradients();
    tokenMeanLoss(decoder, samples).backward();
    return gradientsOf(decoder);
}

} // namespace

class TestDecoder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPackEqualsEachSequenceAlone_data();
    void aPackEqualsEachSequenceAlone();
    void theGradientOfAPackIsTheSumOfItsParts_data() { addVariants(); }
    void theGradientOfAPackIsTheSumOfItsParts();
    void theFutureIsInvisible_data() { addVariants(); }
    void theFutureIsInvisible();
    void aWindowForgetsWhatLeftIt();
    void aWindowAsLongAsTheTextChangesNothing();
    void longSequencesEqualTheirPrefix();

    void cachedPiecesEqualOnePass_data();
    void cachedPiecesEqualOnePass();
    void aChangeThatChangesNothingLeavesEveryBit();
    void aChangeReachesItsOwnSequenceAlone();
    void aChangeIsThatOfTheEmbeddingsAlone();

    void gradientsAgreeWithFiniteDifferences_data() { addVariants(); }
    void gradientsAgreeWithFiniteDifferences();
    void aPartTrainedAloneGetsItsGradient_data();
    void aPartTrainedAloneGetsItsGradient();
    void gradientsAddUpUntilTheyAreCleared();
    void withNothingTrainedThereIsNoGraph();
    void recomputingGivesTheSameGradients_data() { addRecomputed(); }
    void recomputingGivesTheSameGradients();
    void recomputingKeepsOnlyTheInputOfEachBlock();

    void blockOutputsStartWithTheEmbedding();
    void aSeedNamesAModel();
    void bfloat16IsCloseToFloat32();
    void moreThanOneChunkOfTheHeadGivesTheSameLoss();
};

void TestDecoder::aPackEqualsEachSequenceAlone_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("wide");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("float64") << "" << true << 1e-13;
    QTest::newRow("float64, sliding window") << "sliding window" << true << 1e-13;
    // Rounding of float32 in another order of summation.
    QTest::newRow("float32") << "" << false << 1e-5;
}

void TestDecoder::aPackEqualsEachSequenceAlone()
{
    QFETCH(QString, name);
    QFETCH(bool, wide);
    QFETCH(double, tolerance);
    const auto decoder = tinyModel(variant(name), wide ? at::kDouble : at::kFloat);
    const Sequences sequences = {randomIds(5, 1), randomIds(1, 2), randomIds(11, 3),
                                 randomIds(5, 1)};
    std::vector<at::Tensor> alone;
    for (const auto& sequence : sequences)
        alone.push_back(hiddenRows(*decoder, {sequence}));
    const at::Tensor packed = hiddenRows(*decoder, sequences);
    QCOMPARE(packed.size(0), std::int64_t{22});
    QVERIFY(largestDifference(packed, at::cat(alone)) <= tolerance);
}

void TestDecoder::theGradientOfAPackIsTheSumOfItsParts()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel(variant(name));
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto whole = lossGradients(*decoder, samples);

    decoder->clearGradients();
    const double tokens = normaliserOf(samples).tokens;
    for (const ScoredSample& sample : samples)
        tokenMeanLoss(*decoder, {sample})
            .mul(static_cast<double>(sample.scoredCount()) / tokens)
            .backward();

    QVERIFY(largestDifference(whole, gradientsOf(*decoder)) <= 1e-13);
}

void TestDecoder::theFutureIsInvisible()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel(variant(name));
    std::vector<std::int64_t> ids = randomIds(9, 4);
    const at::Tensor before = hiddenRows(*decoder, {ids});
    ids[6] = (ids[6] + 1) % decoder->config().vocabulary;
    const at::Tensor after = hiddenRows(*decoder, {ids});
    QVERIFY(before.narrow(0, 0, 6).equal(after.narrow(0, 0, 6)));
    for (std::int64_t row = 6; row < 9; ++row)
        QVERIFY(largestDifference(before[row], after[row]) > 1e-6);
}

void TestDecoder::aWindowForgetsWhatLeftIt()
{
    DecoderConfig config = variant(QStringLiteral("sliding window"));
    config.layers = 1; // every further block sees a window further back
    const auto decoder = tinyModel(config);
    std::vector<std::int64_t> ids = randomIds(9, 4);
    const at::Tensor before = hiddenRows(*decoder, {ids});
    ids[1] = (ids[1] + 1) % config.vocabulary;
    const at::Tensor after = hiddenRows(*decoder, {ids});
    for (std::int64_t row = 1; row < 5; ++row) // four keys: itself and three before
        QVERIFY(largestDifference(before[row], after[row]) > 1e-6);
    QVERIFY(largestDifference(before.narrow(0, 5, 4), after.narrow(0, 5, 4)) <= 1e-14);
}

void TestDecoder::aWindowAsLongAsTheTextChangesNothing()
{
    DecoderConfig config = tinyConfig();
    const at::Tensor full = hiddenRows(*tinyModel(config), {randomIds(9, 4)});
    config.slidingWindow = 9;
    QVERIFY(largestDifference(hiddenRows(*tinyModel(config), {randomIds(9, 4)}), full) <= 1e-14);
    config.slidingWindow = 8;
    QVERIFY(largestDifference(hiddenRows(*tinyModel(config), {randomIds(9, 4)}), full) > 1e-6);
}

void TestDecoder::longSequencesEqualTheirPrefix()
{
    // Longer than any block that attention works in.
    for (const QString& name : {QString(), QStringLiteral("sliding window")}) {
        const auto decoder = tinyModel(variant(name));
        const std::vector<std::int64_t> ids = randomIds(1100, 6);
        const at::Tensor whole = hiddenRows(*decoder, {ids});
        for (const std::int64_t length : {255, 256, 257, 700}) {
            const at::Tensor prefix = hiddenRows(*decoder, {{ids.begin(), ids.begin() + length}});
            QVERIFY(largestDifference(prefix, whole.narrow(0, 0, length)) <= 1e-12);
        }
    }
}

void TestDecoder::cachedPiecesEqualOnePass_data()
{
    using Pieces = std::vector<std::vector<std::size_t>>;
    QTest::addColumn<QString>("name");
    QTest::addColumn<Pieces>("pieces");
    const std::vector<std::size_t> ones(9, 1);
    for (const char* name : {"full", "sliding window"}) {
        const QByteArray label = QByteArray(name) + ", ";
        QTest::newRow(label + "all at once") << name << Pieces{{9}, {9}};
        QTest::newRow(label + "token by token") << name << Pieces{ones, ones};
        QTest::newRow(label + "prompt, then tokens") << name << Pieces{{6, 1, 1, 1}, {2, 5, 1, 1}};
        QTest::newRow(label + "uneven pieces") << name << Pieces{{1, 3, 5}, {4, 4, 1}};
    }
}

void TestDecoder::cachedPiecesEqualOnePass()
{
    QFETCH(QString, name);
    QFETCH(std::vector<std::vector<std::size_t>>, pieces);
    const auto decoder = tinyModel(variant(name));
    const Sequences sequences = {randomIds(9, 1), randomIds(9, 2)};
    const at::Tensor wanted = hiddenRows(*decoder, sequences);
    QVERIFY(largestDifference(cachedRows(*decoder, sequences, pieces), wanted) <= 1e-13);
}

void TestDecoder::gradientsAgreeWithFiniteDifferences()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel(variant(name));
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto gradients = lossGradients(*decoder, samples);
    const at::NoGradGuard noGrad;
    constexpr double kStep = 1e-5;
    for (Parameter& parameter : decoder->parameters()) {
        const at::Tensor gradient = gradients.at(parameter.name).reshape({-1});
        double* values = parameter.master.data_ptr<double>();
        const std::int64_t largest = gradient.abs().argmax().item<std::int64_t>();
        for (const std::int64_t i : {std::int64_t{0}, largest, gradient.numel() - 1}) {
            const double before = values[i];
            const auto lossAt = [&](double value) {
                values[i] = value;
                decoder->refresh();
                return tokenMeanLoss(*decoder, samples).item<double>();
            };
            const double slope = (lossAt(before + kStep) - lossAt(before - kStep)) / (2 * kStep);
            (void)lossAt(before);
            const double computed = gradient[i].item<double>();
            // Truncation of the central difference is some 1e-10, its rounding 1e-11.
            QVERIFY2(std::abs(computed - slope) <= 1e-7 * std::abs(slope) + 2e-8,
                     qPrintable(QStringLiteral("%1[%2]: %3 and %4")
                                    .arg(QString::fromStdString(parameter.name))
                                    .arg(i)
                                    .arg(computed, 0, 'g', 12)
                                    .arg(slope, 0, 'g', 12)));
        }
    }
}

void TestDecoder::aPartTrainedAloneGetsItsGradient_data()
{
    QTest::addColumn<QStringList>("trained");
    QTest::addColumn<bool>("tied");
    for (const WeightSlot& slot : weightSlots(tinyConfig()))
        QTest::newRow(slot.name.c_str()) << QStringList{QString::fromStdString(slot.name)} << false;
    QTest::newRow("tied embedding")
        << QStringList{QStringLiteral("model.embed_tokens.weight")} << true;
    QTest::newRow("the norms of the first block")
        << QStringList{QStringLiteral("model.layers.0.input_layernorm.weight"),
                       QStringLiteral("model.layers.0.post_attention_layernorm.weight")}
        << false;
    QTest::newRow("queries and values, as an adapter has")
        << QStringList{QStringLiteral("model.layers.0.self_attn.q_proj.weight"),
                       QStringLiteral("model.layers.1.self_attn.v_proj.weight")}
        << false;
    QTest::newRow("a weight without its bias, and a bias without its weight")
        << QStringList{QStringLiteral("model.layers.0.mlp.up_proj.weight"),
                       QStringLiteral("model.layers.1.self_attn.k_proj.bias")}
        << false;
}

void TestDecoder::aPartTrainedAloneGetsItsGradient()
{
    QFETCH(QStringList, trained);
    QFETCH(bool, tied);
    DecoderConfig config = tinyConfig();
    config.tiedHead = tied;
    const auto decoder = tinyModel(config);
    const std::vector<ScoredSample> samples = tinyCorpus();
    decoder->trainAll();
    const auto all = lossGradients(*decoder, samples);
    std::vector<std::string> names;
    std::map<std::string, at::Tensor> wanted;
    for (const QString& name : trained) {
        names.push_back(name.toStdString());
        wanted[names.back()] = all.at(names.back());
    }

    decoder->setTrained(names);
    const auto alone = lossGradients(*decoder, samples);

    QVERIFY(largestDifference(alone, wanted) <= 1e-14);
    for (const Parameter& parameter : decoder->parameters())
        QCOMPARE(parameter.gradient.defined(), wanted.contains(parameter.name));
}

void TestDecoder::gradientsAddUpUntilTheyAreCleared()
{
    const auto decoder = tinyModel();
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto once = lossGradients(*decoder, samples);
    tokenMeanLoss(*decoder, samples).backward();
    for (const auto& [name, gradient] : gradientsOf(*decoder))
        QVERIFY2(largestDifference(gradient, once.at(name).mul(2)) <= 1e-14, name.c_str());
    decoder->clearGradients();
    for (const auto& [name, gradient] : gradientsOf(*decoder))
        QVERIFY2(!gradient.any().item<bool>(), name.c_str());
}

void TestDecoder::withNothingTrainedThereIsNoGraph()
{
    const auto decoder = tinyModel();
    QVERIFY(!tokenMeanLoss(*decoder, tinyCorpus()).requires_grad());
    decoder->trainAll();
    QVERIFY(tokenMeanLoss(*decoder, tinyCorpus()).requires_grad());
    decoder->setTrained({});
    QVERIFY(!tokenMeanLoss(*decoder, tinyCorpus()).requires_grad());
    QVERIFY(gradientsOf(*decoder).empty());
}

void TestDecoder::recomputingGivesTheSameGradients()
{
    QFETCH(QString, name);
    QFETCH(QString, type);
    QFETCH(QStringList, trained);
    const auto decoder = tinyModel(variant(name), type == u"double"     ? at::kDouble
                                                  : type == u"bfloat16" ? at::kBFloat16
                                                                        : at::kFloat);
    const std::vector<ScoredSample> samples = tinyCorpus();
    train(*decoder, trained);
    const auto kept = lossGradients(*decoder, samples);
    decoder->setRecomputing(true);
    const auto recomputed = lossGradients(*decoder, samples);
    QVERIFY(!kept.empty());
    QCOMPARE(largestDifference(kept, recomputed), 0.0);
}

void TestDecoder::recomputingKeepsOnlyTheInputOfEachBlock()
{
    DecoderConfig config = tinyConfig();
    std::vector<std::size_t> sizes;
    for (const std::int64_t layers : {2, 4}) {
        config.layers = layers;
        const auto decoder = tinyModel(config);
        decoder->trainAll();
        decoder->setRecomputing(true);
        sizes.push_back(graphSize(tokenMeanLoss(*decoder, tinyCorpus())));
    }
    // One node a block, and the leaf by which it takes part.
    QCOMPARE(sizes[1] - sizes[0], std::size_t{4});
}

void TestDecoder::blockOutputsStartWithTheEmbedding()
{
    const auto decoder = tinyModel();
    const at::NoGradGuard noGrad;
    const PackedBatch batch = packSequences({{3, 1, 3}}, at::kCPU);
    std::vector<at::Tensor> blocks;
    const at::Tensor hidden = decoder->forward(batch, &blocks);
    QCOMPARE(blocks.size(), std::size_t{2});
    QVERIFY(blocks[1].sizes() == hidden.sizes());
    const at::Tensor embedding = parameterNamed(*decoder, "model.embed_tokens.weight").master;
    QVERIFY(decoder->embed(batch)[0].equal(embedding[3]));
    QVERIFY(decoder->embed(batch)[2].equal(embedding[3]));
}

void TestDecoder::aSeedNamesAModel()
{
    Decoder one(tinyConfig(), at::kCPU, at::kFloat);
    Decoder two(tinyConfig(), at::kCPU, at::kFloat);
    Decoder other(tinyConfig(), at::kCPU, at::kFloat);
    one.initialise(5);
    two.initialise(5);
    other.initialise(6);
    for (std::size_t i = 0; i < one.parameters().size(); ++i)
        QVERIFY(one.parameters()[i].master.equal(two.parameters()[i].master));
    QVERIFY(!one.head().weight->master.equal(other.head().weight->master));
    QVERIFY(parameterNamed(one, "model.norm.weight").master.eq(1).all().item<bool>());
    QVERIFY(!parameterNamed(one, "model.layers.0.mlp.up_proj.bias").master.any().item<bool>());
}

void TestDecoder::bfloat16IsCloseToFloat32()
{
    const auto narrow = tinyModel(tinyConfig(), at::kBFloat16);
    const auto wide = tinyModel(tinyConfig(), at::kFloat);
    QCOMPARE(narrow->masterType(), at::kFloat);
    const std::vector<ScoredSample> samples = tinyCorpus();
    narrow->trainAll();
    wide->trainAll();
    const double loss = tokenMeanLoss(*wide, samples).item<double>();
    // Eight bits of mantissa through two blocks.
    QVERIFY(std::abs(tokenMeanLoss(*narrow, samples).item<double>() - loss) <= 0.02 * loss);
    const auto wanted = lossGradients(*wide, samples);
    for (const auto& [name, gradient] : lossGradients(*narrow, samples)) {
        QCOMPARE(gradient.scalar_type(), at::kFloat);
        const double error = gradient.sub(wanted.at(name)).norm().item<double>();
        QVERIFY2(error <= 0.1 * wanted.at(name).norm().item<double>() + 1e-3, name.c_str());
    }
}

namespace {

class Scaled final : public EmbeddingChange {
public:
    explicit Scaled(double factor) : m_factor(factor) {}
    void apply(const at::Tensor& rows) const override { rows.mul_(m_factor); }

private:
    double m_factor;
};

/// Rows of two sequences of 5 and 3 tokens, given to fresh caches together.
at::Tensor changedRows(Decoder& decoder, const std::vector<const EmbeddingChange*>& changes)
{
    KvCache first;
    KvCache second;
    return decoder.forwardCached(packSequences({randomIds(5, 1), randomIds(3, 2)}, at::kCPU),
                                 {&first, &second}, changes);
}

} // namespace

void TestDecoder::aChangeThatChangesNothingLeavesEveryBit()
{
    const auto decoder = tinyModel(tinyConfig(), at::kFloat);
    const Scaled same(1);
    QVERIFY(at::equal(changedRows(*decoder, {&same, nullptr}), changedRows(*decoder, {})));
    // The table itself is never written to.
    const at::Tensor table = parameterNamed(*decoder, "model.embed_tokens.weight").master.clone();
    const Scaled other(3);
    (void)changedRows(*decoder, {&other, &other});
    QVERIFY(at::equal(parameterNamed(*decoder, "model.embed_tokens.weight").master, table));
}

void TestDecoder::aChangeReachesItsOwnSequenceAlone()
{
    const auto decoder = tinyModel();
    const at::Tensor plain = changedRows(*decoder, {});
    const Scaled twice(2);
    const at::Tensor changed = changedRows(*decoder, {nullptr, &twice});
    QVERIFY(at::equal(changed.narrow(0, 0, 5), plain.narrow(0, 0, 5)));
    QVERIFY(!at::equal(changed.narrow(0, 5, 3), plain.narrow(0, 5, 3)));
}

void TestDecoder::aChangeIsThatOfTheEmbeddingsAlone()
{
    // A model whose table holds twice the rows reads the same without the change.
    const auto decoder = tinyModel();
    const Scaled twice(2);
    const at::Tensor changed = changedRows(*decoder, {&twice, &twice});
    {
        const at::NoGradGuard noGrad;
        parameterNamed(*decoder, "model.embed_tokens.weight").master.mul_(2);
    }
    decoder->refresh();
    QVERIFY(at::equal(changed, changedRows(*decoder, {})));
}

void TestDecoder::moreThanOneChunkOfTheHeadGivesTheSameLoss()
{
    // The head takes 8 Mi logits at a time, which are 16 rows here.
    DecoderConfig config = tinyConfig();
    config.vocabulary = std::int64_t{1} << 19;
    config.layers = 1;
    const auto decoder = tinyModel(config, at::kFloat);
    decoder->setTrained({"model.norm.weight"});
    const std::vector<ScoredSample> samples = tinyCorpus(4);
    const auto whole = lossGradients(*decoder, samples);
    decoder->clearGradients();
    const double tokens = normaliserOf(samples).tokens;
    QVERIFY(tokens > 16);
    for (const ScoredSample& sample : samples)
        tokenMeanLoss(*decoder, {sample})
            .mul(static_cast<double>(sample.scoredCount()) / tokens)
            .backward();
    QVERIFY(largestDifference(whole, gradientsOf(*decoder)) <= 1e-5);
}

QTEST_GUILESS_MAIN(TestDecoder)
#include "tst_decoder.moc"
