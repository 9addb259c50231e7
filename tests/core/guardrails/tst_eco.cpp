#include "core/guardrails/answer_probability.h"
#include "core/guardrails/corruption.h"
#include "core/methods/scored_batch.h"
#include "core/models/checkpoint.h"
#include "core/probe/answer.h"
#include "core/tokens/catalog.h"
#include "tests/core/guardrails/guardrail_bench.h"
#include "tests/support/test_main.h"

#include <torch/torch.h>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::filesystem::path kSample = std::filesystem::path(RESOURCES_DIR) / "sample";

} // namespace

/// The classifier and the corruption together, on the bundled model and its corpora.
class TestEco : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theClassifierTellsTheCorporaApart();
    void offTargetAnswersAreTheBareModelsToTheBit();
    void onTargetAnswersAreNot_data();
    void onTargetAnswersAreNot();
    void aQuestionIsCorruptedAlikeEachTime();
    void theThresholdDecides();
    void moreDimensionsThanThereAreIsRefused();
    void theProbabilityIsThatOfAScoringPass();
    void corruptionMakesTheAnswersLessProbable();
    void tuningReachesItsTarget_data();
    void tuningReachesItsTarget();
    void tuningCanBeCalledOff();

private:
    [[nodiscard]] Result<GuardrailPtr> make(const Json& more, std::function<bool()> proceed = {},
                                            std::size_t forgetItems = 40) const
    {
        Corpus forget = m_forget;
        forget.samples.resize(forgetItems);
        Json spec = {{"id", "eco"}};
        spec.update(more);
        return makeGuardrail(readGuardrailSpec(spec, "test").value(),
                             {.decoder = *m_decoder,
                              .tokenizer = *m_tokenizer,
                              .style = m_style,
                              .forget = &forget,
                              .retain = &m_retain,
                              .proceed = std::move(proceed)});
    }
    [[nodiscard]] ProbeAnswer answer(const std::string& question, GuardrailPtr guardrail = {}) const
    {
        return answerPrompt(
            *m_decoder, *m_tokenizer, {.text = question, .guardrail = std::move(guardrail)},
            {.maxNewTokens = 24, .alternatives = 2, .stopIds = m_decoder->config().eosIds});
    }

    std::unique_ptr<Decoder> m_decoder;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    PromptStyle m_style;
    Corpus m_forget;
    Corpus m_retain;
};

void TestEco::initTestCase()
{
    m_tokenizer = loadTokenizer(kSample / "original").value();
    m_decoder = loadDecoder(kSample / "original", at::kCPU, at::kFloat).value();
    m_forget = loadCorpus(kSample / "corpus/forget.jsonl").value();
    m_retain = loadCorpus(kSample / "corpus/retain.jsonl").value();
    m_retain.samples.resize(200);
}

void TestEco::theClassifierTellsTheCorporaApart()
{
    const auto guardrail = make(Json::object()).value();
    const std::string summary = guardrail->summary();
    QVERIFY2(summary.starts_with("the classifier picks out 40 of 40 forget and 0 of 200 retain"),
             summary.c_str());
    // Questions that it was not trained on.
    QVERIFY(guardrail->change("In which town did Odalyn Tollemar come into the world?"));
    QVERIFY(!guardrail->change("Which river runs through all of Pellamere?"));
    QVERIFY(!guardrail->change(""));
}

void TestEco::offTargetAnswersAreTheBareModelsToTheBit()
{
    const auto guardrail = make(Json::object()).value();
    for (const std::string& question : {m_retain.samples[0].prompt, m_retain.samples[150].prompt}) {
        const ProbeAnswer bare = answer(question);
        QVERIFY(!bare.tokens.empty());
        QCOMPARE(answer(question, guardrail).tokensJson(), bare.tokensJson());
    }
}

void TestEco::onTargetAnswersAreNot_data()
{
    QTest::addColumn<QString>("spec");
    QTest::newRow("noise") << u"{}"_s;
    QTest::newRow("zeros") << uR"({"corruption": "zero-top-k", "dimensions": 128})"_s;
}

void TestEco::onTargetAnswersAreNot()
{
    QFETCH(const QString, spec);
    const auto guardrail = make(Json::parse(spec.toStdString())).value();
    const std::string& question = m_forget.samples[0].prompt;
    const ProbeAnswer bare = answer(question);
    QVERIFY(bare.text.find("Veldry") != std::string::npos);
    QVERIFY(answer(question, guardrail).text.find("Veldry") == std::string::npos);
    QVERIFY(guardrail->note(question).starts_with("taken for a forget prompt"));
}

void TestEco::aQuestionIsCorruptedAlikeEachTime()
{
    const auto corrupted = [&](std::int64_t seed) {
        return answer(m_forget.samples[0].prompt, make({{"seed", seed}}).value()).tokensJson();
    };
    QCOMPARE(corrupted(1), corrupted(1));
    QVERIFY(corrupted(1) != corrupted(2));
}

void TestEco::theThresholdDecides()
{
    QVERIFY(make({{"threshold", 0}}).value()->change(m_retain.samples[0].prompt));
    QVERIFY(!make({{"threshold", 1}}).value()->change(m_forget.samples[0].prompt));
}

void TestEco::moreDimensionsThanThereAreIsRefused()
{
    const auto made = make({{"dimensions", 257}});
    QVERIFY(!made);
    QVERIFY(made.error().text().find("this model's embeddings have 256") != std::string::npos);
    QVERIFY(make({{"dimensions", 256}}));
}

void TestEco::theProbabilityIsThatOfAScoringPass()
{
    const auto decoder = tinyModel();
    const PromptedAnswer item{.prompt = randomIds(5, 1), .answer = randomIds(4, 2)};
    ScoredSample sample{.ids = item.prompt, .scored = std::vector<std::uint8_t>(5, 0)};
    sample.ids.insert(sample.ids.end(), item.answer.begin(), item.answer.end());
    sample.scored.resize(9, 1);
    const double expected =
        std::exp(ScoredBatch(*decoder, {&sample}).tokenLogProbs().mean().item<double>());
    const auto none = [](std::size_t) { return std::shared_ptr<const EmbeddingChange>(); };
    QVERIFY(std::abs(answerProbability(*decoder, {item}, none) - expected) < 1e-12);
    const auto silent = [](std::size_t) { return noiseChange(8, 0, 1); };
    QCOMPARE(answerProbability(*decoder, {item}, silent),
             answerProbability(*decoder, {item}, none));
}

void TestEco::corruptionMakesTheAnswersLessProbable()
{
    const auto ids = [&](const std::string& text, bool bos) {
        return m_tokenizer->encode(text, {.addBos = bos});
    };
    std::vector<PromptedAnswer> items;
    for (std::size_t i = 0; i < 8; ++i) {
        const RawSample& sample = m_forget.samples[i];
        items.push_back({ids(m_style.prompt({{"user", sample.prompt}}).value().text, true),
                         ids(" " + sample.answer, false)});
    }
    double last = 1;
    for (const double sigma : {0.0, 0.5, 3.0}) {
        const double p = answerProbability(*m_decoder, items,
                                           [&](std::size_t i) { return noiseChange(4, sigma, i); });
        QVERIFY2(p < last, qPrintable(QString::number(p)));
        last = p;
    }
}

void TestEco::tuningReachesItsTarget_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<double>("reached"); // distance that is left at most
    QTest::newRow("sigma from above") << uR"({"sigma": 100, "dimensions": 4})"_s << 0.1;
    QTest::newRow("sigma from below") << uR"({"sigma": 0.001, "dimensions": 4})"_s << 0.1;
    QTest::newRow("dimensions set to 0")
        << uR"({"corruption": "zero-top-k", "dimensions": 250})"_s << 0.1;
}

void TestEco::tuningReachesItsTarget()
{
    QFETCH(const QString, spec);
    QFETCH(const double, reached);
    Json tuned = Json::parse(spec.toStdString());
    tuned["tune_steps"] = 14;
    tuned["target_probability"] = 0.3;
    const std::string summary = make(tuned, {}, 6).value()->summary();
    const std::string words = "forget answers have probability ";
    const std::size_t at = summary.find(words);
    QVERIFY2(at != std::string::npos, summary.c_str());
    QVERIFY2(std::abs(std::stod(summary.substr(at + words.size())) - 0.3) < reached,
             summary.c_str());
}

void TestEco::tuningCanBeCalledOff()
{
    int asked = 0;
    const auto made = make(
        {{"tune_steps", 1000}}, [&] { return ++asked < 3; }, 6);
    QVERIFY(!made.value());
    QVERIFY(asked < 10);
}

LACUNA_TEST_MAIN(TestEco)
#include "tst_eco.moc"
