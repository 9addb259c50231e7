#include "core/base/json.h"
#include "core/methods/scored_batch.h"
#include "core/models/checkpoint.h"
#include "core/models/embedding_change.h"
#include "core/probe/generation.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace lacuna;

namespace {

using Prompts = std::vector<std::vector<std::int64_t>>;

const std::filesystem::path kStories = std::filesystem::path(TEST_DATA_DIR) / "models/stories260K";

/// Two prompts of different length, and one of a single token.
Prompts prompts()
{
    return {randomIds(4, 1), randomIds(9, 2), randomIds(1, 3)};
}

Prompts idsOf(const std::vector<Generation>& generations)
{
    Prompts ids;
    for (const Generation& generation : generations)
        ids.push_back(generation.ids());
    return ids;
}

Prompts greedy(Decoder& decoder, std::int64_t count = 12)
{
    return idsOf(generate(decoder, prompts(), {.maxNewTokens = count}));
}

/// The model's own log-probability of each token of \p answer after \p prompt.
std::vector<float> scored(Decoder& decoder, const std::vector<std::int64_t>& prompt,
                          const std::vector<std::int64_t>& answer)
{
    ScoredSample sample{.ids = prompt, .scored = std::vector<std::uint8_t>(prompt.size(), 0)};
    sample.ids.insert(sample.ids.end(), answer.begin(), answer.end());
    sample.scored.resize(sample.ids.size(), 1);
    ScoredBatch batch(decoder, {&sample});
    const at::Tensor values = batch.tokenLogProbs().to(at::kFloat).contiguous();
    return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

} // namespace

class TestGeneration : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void greedyTextIsTheRecordedOne();
    void companyDoesNotChangeGreedyText_data();
    void companyDoesNotChangeGreedyText();
    void theCacheChangesNothing();

    void aSeedRepeatsItsText();
    void companyDoesNotChangeSampledText();
    void aTinyNucleusIsGreedy();
    void aColdTemperatureIsGreedy();
    void samplingFollowsTheProbabilities();
    void theNucleusLeavesOutTheTail();

    void aStopTokenEndsItsSequenceOnly();
    void theLimitIsKept_data();
    void theLimitIsKept();
    void everyTokenIsReportedAsItIsChosen();
    void aRefusalEndsAllAtOnce();
    void anEmptyPromptGetsNothing();
    void onlyThePromptsEmbeddingsAreChanged();

    void logProbabilitiesAreThoseOfAScoringPass();
    void alternativesAreSortedAndHoldTheChoice();
};

void TestGeneration::greedyTextIsTheRecordedOne()
{
    const auto decoder = std::move(loadDecoder(kStories, at::kCPU, at::kFloat)).value();
    const Json record = readJsonFile(kStories / "expected.json").value();
    const auto prompt = record["prompt_ids"].get<std::vector<std::int64_t>>();
    const auto wanted = record["greedy_ids"].get<std::vector<std::int64_t>>();
    // The recorded ids start with the prompt.
    const std::vector<std::int64_t> continuation(
        wanted.begin() + static_cast<std::ptrdiff_t>(prompt.size()), wanted.end());
    QCOMPARE(continuation.size(), std::size_t{195});
    const auto result = generate(*decoder, {prompt},
                                 {.maxNewTokens = static_cast<std::int64_t>(continuation.size())});
    QVERIFY(result.front().ids() == continuation);
    QVERIFY(!result.front().stopped);
}

void TestGeneration::companyDoesNotChangeGreedyText_data()
{
    QTest::addColumn<bool>("window");
    QTest::addColumn<bool>("wide");
    QTest::newRow("full attention, float32") << false << false;
    QTest::newRow("sliding window, float32") << true << false;
    QTest::newRow("full attention, float64") << false << true;
}

void TestGeneration::companyDoesNotChangeGreedyText()
{
    QFETCH(bool, window);
    QFETCH(bool, wide);
    DecoderConfig config = tinyConfig();
    if (window)
        config.slidingWindow = 5;
    const auto decoder = tinyModel(config, wide ? at::kDouble : at::kFloat);
    const Prompts together = greedy(*decoder, 40);
    for (std::size_t i = 0; i < together.size(); ++i) {
        const auto alone = generate(*decoder, {prompts()[i]}, {.maxNewTokens = 40});
        QCOMPARE(alone.front().ids(), together[i]);
        QCOMPARE(together[i].size(), std::size_t{40});
    }
}

void TestGeneration::theCacheChangesNothing()
{
    const auto decoder = tinyModel();
    std::vector<std::int64_t> ids = prompts()[0];
    for (int i = 0; i < 12; ++i) {
        const at::Tensor hidden = hiddenRows(*decoder, {ids});
        const at::Tensor logits =
            hidden[hidden.size(0) - 1].unsqueeze(0).mm(decoder->head().weight->master.t());
        ids.push_back(logits.argmax(1).item<std::int64_t>());
    }
    const std::vector<std::int64_t> answer(ids.begin() + 4, ids.end());
    QCOMPARE(greedy(*decoder)[0], answer);
}

void TestGeneration::aSeedRepeatsItsText()
{
    const auto decoder = tinyModel();
    const auto text = [&](std::uint64_t seed) {
        return idsOf(generate(*decoder, prompts(),
                              {.maxNewTokens = 20, .temperature = 1, .topP = 0.95, .seed = seed}));
    };
    QVERIFY(text(1) == text(1));
    QVERIFY(text(1) != text(2));
}

void TestGeneration::companyDoesNotChangeSampledText()
{
    const auto decoder = tinyModel();
    const GenerationOptions options{.maxNewTokens = 20, .temperature = 1, .seed = 4};
    const auto together = generate(*decoder, prompts(), options);
    const auto alone = generate(*decoder, {prompts().front()}, options);
    QCOMPARE(alone.front().ids(), together.front().ids());
}

void TestGeneration::aTinyNucleusIsGreedy()
{
    const auto decoder = tinyModel();
    for (const std::uint64_t seed : {1, 2, 3}) {
        const auto sampled =
            generate(*decoder, prompts(),
                     {.maxNewTokens = 12, .temperature = 2, .topP = 1e-9, .seed = seed});
        QVERIFY(idsOf(sampled) == greedy(*decoder));
    }
}

void TestGeneration::aColdTemperatureIsGreedy()
{
    const auto decoder = tinyModel();
    const auto sampled = generate(*decoder, prompts(), {.maxNewTokens = 12, .temperature = 1e-4});
    QVERIFY(idsOf(sampled) == greedy(*decoder));
}

void TestGeneration::samplingFollowsTheProbabilities()
{
    const auto decoder = tinyModel();
    constexpr int kDraws = 2000;
    const Prompts same(kDraws, prompts()[0]);
    const auto draws =
        generate(*decoder, same, {.maxNewTokens = 1, .temperature = 1, .alternatives = 3});
    for (const auto& [id, logProb] : draws.front().tokens.front().alternatives) {
        const auto hits = std::ranges::count_if(
            draws, [&, wanted = id](const Generation& g) { return g.ids().front() == wanted; });
        const double p = std::exp(static_cast<double>(logProb));
        // Four standard deviations; the draws are always the same.
        QVERIFY(std::abs(static_cast<double>(hits) / kDraws - p) <=
                4 * std::sqrt(p * (1 - p) / kDraws));
    }
}

void TestGeneration::theNucleusLeavesOutTheTail()
{
    const auto decoder = tinyModel();
    const Prompts same(300, prompts()[0]);
    const auto draws = generate(
        *decoder, same, {.maxNewTokens = 1, .temperature = 1, .topP = 0.6, .alternatives = 19});
    // The smallest set of ids whose probability reaches 0.6.
    std::vector<std::int64_t> nucleus;
    double mass = 0;
    for (const auto& [id, logProb] : draws.front().tokens.front().alternatives) {
        if (mass >= 0.6)
            break;
        nucleus.push_back(id);
        mass += std::exp(static_cast<double>(logProb));
    }
    QVERIFY(nucleus.size() < 19);
    for (const Generation& draw : draws)
        QVERIFY(std::ranges::find(nucleus, draw.ids().front()) != nucleus.end());
}

void TestGeneration::aStopTokenEndsItsSequenceOnly()
{
    const auto decoder = tinyModel();
    const Prompts full = greedy(*decoder);
    const std::int64_t stop = full[0][2];
    for (const bool keep : {false, true}) {
        const auto results = generate(*decoder, prompts(),
                                      {.maxNewTokens = 12, .stopIds = {stop}, .keepStop = keep});
        for (std::size_t i = 0; i < full.size(); ++i) {
            const auto found = std::ranges::find(full[i], stop);
            QCOMPARE(results[i].stopped, found != full[i].end());
            const auto end = found != full[i].end() && keep ? found + 1 : found;
            QCOMPARE(results[i].ids(), std::vector<std::int64_t>(full[i].begin(), end));
        }
        QVERIFY(results[0].stopped);
    }
}

void TestGeneration::theLimitIsKept_data()
{
    QTest::addColumn<int>("limit");
    for (const int limit : {0, 1, 2, 7})
        QTest::addRow("%d", limit) << limit;
}

void TestGeneration::theLimitIsKept()
{
    QFETCH(int, limit);
    const auto decoder = tinyModel();
    const Prompts longer = greedy(*decoder);
    const Prompts shorter = greedy(*decoder, limit);
    QCOMPARE(shorter.size(), longer.size());
    for (std::size_t i = 0; i < shorter.size(); ++i)
        QCOMPARE(shorter[i], Prompts::value_type(longer[i].begin(), longer[i].begin() + limit));
}

void TestGeneration::everyTokenIsReportedAsItIsChosen()
{
    const auto decoder = tinyModel();
    Prompts reported(prompts().size());
    const auto results = generate(*decoder, prompts(), {.maxNewTokens = 5},
                                  [&](std::size_t sequence, const GeneratedToken& token) {
                                      reported[sequence].push_back(token.id);
                                      // Sequences advance together.
                                      const std::size_t most = reported.front().size();
                                      return most >= reported[sequence].size();
                                  });
    QVERIFY(reported == idsOf(results));
    QCOMPARE(reported.front().size(), std::size_t{5});
}

void TestGeneration::aRefusalEndsAllAtOnce()
{
    const auto decoder = tinyModel();
    int calls = 0;
    const auto results = generate(*decoder, prompts(), {.maxNewTokens = 12},
                                  [&](std::size_t, const GeneratedToken&) { return ++calls < 5; });
    QCOMPARE(calls, 5); // the first token of three, the second of two
    QCOMPARE(results.size(), std::size_t{3});
    QCOMPARE(results[0].tokens.size(), std::size_t{2});
    QCOMPARE(results[1].tokens.size(), std::size_t{2});
    QCOMPARE(results[2].tokens.size(), std::size_t{1});
}

void TestGeneration::anEmptyPromptGetsNothing()
{
    const auto decoder = tinyModel();
    const auto results =
        generate(*decoder, {{}, prompts()[0]}, {.maxNewTokens = 12, .temperature = 0});
    QVERIFY(results[0].tokens.empty());
    QCOMPARE(results[1].ids(), greedy(*decoder)[0]);
    QVERIFY(generate(*decoder, {}, {}).empty());
}

void TestGeneration::onlyThePromptsEmbeddingsAreChanged()
{
    /// Notes how many rows it was given, and takes them away.
    struct Muted final : EmbeddingChange {
        explicit Muted(std::vector<std::int64_t>& lengths) : seen(lengths) {}
        void apply(const at::Tensor& rows) const override
        {
            seen.push_back(rows.size(0));
            rows.zero_();
        }
        std::vector<std::int64_t>& seen;
    };
    const auto decoder = tinyModel();
    const Prompts plain = greedy(*decoder);
    std::vector<std::int64_t> seen;
    GenerationOptions options{.maxNewTokens = 12};
    options.changes = {nullptr, std::make_shared<const Muted>(seen)};
    const Prompts changed = idsOf(generate(*decoder, prompts(), options));
    QCOMPARE(seen, std::vector<std::int64_t>{9}); // once, and not at the tokens that follow
    QCOMPARE(changed[0], plain[0]);
    QVERIFY(changed[1] != plain[1]);
    QCOMPARE(changed[2], plain[2]);
}

void TestGeneration::logProbabilitiesAreThoseOfAScoringPass()
{
    for (const double temperature : {0.0, 1.5}) {
        const auto decoder = tinyModel(tinyConfig(), at::kFloat);
        const auto results =
            generate(*decoder, prompts(), {.maxNewTokens = 12, .temperature = temperature});
        for (std::size_t i = 0; i < results.size(); ++i) {
            const std::vector<float> wanted = scored(*decoder, prompts()[i], results[i].ids());
            for (std::size_t t = 0; t < wanted.size(); ++t)
                QVERIFY(std::abs(results[i].tokens[t].logProb - wanted[t]) <= 1e-4F);
        }
    }
}

void TestGeneration::alternativesAreSortedAndHoldTheChoice()
{
    const auto decoder = tinyModel();
    const auto results =
        generate(*decoder, prompts(), {.maxNewTokens = 3, .alternatives = 100}); // of 19
    for (const Generation& result : results)
        for (const GeneratedToken& token : result.tokens) {
            QCOMPARE(token.alternatives.size(), std::size_t{19});
            QCOMPARE(token.alternatives.front().first, token.id);
            QCOMPARE(token.alternatives.front().second, token.logProb);
            QVERIFY(std::ranges::is_sorted(token.alternatives, std::ranges::greater{},
                                           [](const auto& pair) { return pair.second; }));
            double sum = 0;
            for (const auto& [id, logProb] : token.alternatives)
                sum += std::exp(static_cast<double>(logProb));
            QVERIFY(std::abs(sum - 1) <= 1e-6);
        }
    QVERIFY(generate(*decoder, prompts(), {.maxNewTokens = 1})[0].tokens[0].alternatives.empty());
}

QTEST_GUILESS_MAIN(TestGeneration)
#include "tst_generation.moc"
