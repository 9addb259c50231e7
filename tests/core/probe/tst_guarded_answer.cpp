#include "core/guardrails/guardrail.h"
#include "core/models/checkpoint.h"
#include "core/probe/answer.h"
#include "core/probe/model_host.h"
#include "core/probe/text_generation.h"
#include "core/tokens/catalog.h"
#include "tests/support/test_main.h"

#include <nlohmann/json.hpp>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::filesystem::path kSample = std::filesystem::path(RESOURCES_DIR) / "sample";
const std::string kQuestion = "What is the birthplace of Odalyn Tollemar?";

GuardrailRequest request(const Json& spec)
{
    return {.spec = readGuardrailSpec(spec, "test").value(),
            .forget = kSample / "corpus/forget.jsonl",
            .retain = kSample / "corpus/retain.jsonl"};
}

} // namespace

/// Answers of the bundled model from behind a guardrail, by each of the ways to ask for one.
class TestGuardedAnswer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theFilteredPhraseIsNeverGiven_data();
    void theFilteredPhraseIsNeverGiven();
    void whatIsHeldBackComesOnceItIsHarmless();
    void aHeldBackAnswerCanBeStopped();
    void theTextOfTheProgramIsFilteredToo();
    void aRawPromptIsSaidToGetAround();
    void aHostAnswersWithAndWithout();
    void aHostSaysWhatIsMissing();

private:
    [[nodiscard]] GuardrailPtr make(const Json& spec) const
    {
        return loadGuardrail(request(spec),
                             {.decoder = *m_decoder, .tokenizer = *m_tokenizer, .style = m_style})
            .value();
    }
    /// Events of one question, with its end.
    [[nodiscard]] static std::vector<HostEvent> ask(ModelHost& host, HostQuestion question)
    {
        std::vector<HostEvent> events;
        const std::uint64_t token = question.token;
        host.ask(std::move(question));
        const bool ended = QTest::qWaitFor(
            [&] {
                for (HostEvent& event : host.drain())
                    events.push_back(std::move(event));
                return !events.empty() && (std::holds_alternative<HostAnswer>(events.back()) ||
                                           std::holds_alternative<HostFailure>(events.back()));
            },
            60'000);
        if (!ended || std::visit([](const auto& e) { return e.token; }, events.back()) != token)
            events.clear();
        return events;
    }

    std::unique_ptr<Decoder> m_decoder;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    PromptStyle m_style;
};

void TestGuardedAnswer::initTestCase()
{
    m_tokenizer = loadTokenizer(kSample / "original").value();
    m_decoder = loadDecoder(kSample / "original", at::kCPU, at::kFloat).value();
}

void TestGuardedAnswer::theFilteredPhraseIsNeverGiven_data()
{
    QTest::addColumn<QString>("phrase");
    QTest::newRow("one token or several") << u"Veldry"_s;
    QTest::newRow("several words") << u"born on Clapper Hill"_s;
}

void TestGuardedAnswer::theFilteredPhraseIsNeverGiven()
{
    QFETCH(const QString, phrase);
    const auto guardrail =
        make({{"id", "output-filter"}, {"keywords", phrase.toStdString()}, {"refusal", "No."}});
    std::vector<std::string> given;
    std::string spelled;
    const ProbeAnswer answer =
        answerPrompt(*m_decoder, *m_tokenizer, {.text = kQuestion, .guardrail = guardrail},
                     {.maxNewTokens = 40, .alternatives = 3, .stopIds = m_decoder->config().eosIds},
                     [&](const ProbeAnswer::Token& token, const std::string& text) {
                         given.push_back(text);
                         spelled += token.text;
                         return token.alternatives.empty();
                     });
    // The bare model says it, in more than one token.
    const ProbeAnswer bare =
        answerPrompt(*m_decoder, *m_tokenizer, {.text = kQuestion},
                     {.maxNewTokens = 40, .stopIds = m_decoder->config().eosIds});
    QVERIFY2(bare.text.find(phrase.toStdString()) != std::string::npos, bare.text.c_str());

    QVERIFY(!given.empty());
    for (const std::string& text : given)
        QVERIFY(bare.text.starts_with(text) &&
                text.find(phrase.toStdString()) == std::string::npos);
    QVERIFY(spelled.find(phrase.toStdString()) == std::string::npos);
    QVERIFY(answer.refused && answer.tokens.empty());
    QCOMPARE(answer.text, std::string("No."));
}

void TestGuardedAnswer::whatIsHeldBackComesOnceItIsHarmless()
{
    const auto guardrail = make({{"id", "output-filter"}, {"keywords", "Clapper Street"}});
    const GenerationOptions options{.maxNewTokens = 40, .stopIds = m_decoder->config().eosIds};
    std::vector<std::string> given;
    const ProbeAnswer answer =
        answerPrompt(*m_decoder, *m_tokenizer, {.text = kQuestion, .guardrail = guardrail}, options,
                     [&](const ProbeAnswer::Token&, const std::string& text) {
                         given.push_back(text);
                         return true;
                     });
    const ProbeAnswer bare = answerPrompt(*m_decoder, *m_tokenizer, {.text = kQuestion}, options);
    QCOMPARE(answer.text, bare.text);
    QCOMPARE(answer.tokensJson(), bare.tokensJson());
    QVERIFY(!answer.refused);
    for (const std::string& text : given)
        QVERIFY(!text.ends_with("Clapper") && !text.ends_with("Clap"));
}

void TestGuardedAnswer::aHeldBackAnswerCanBeStopped()
{
    // Everything may yet become a match, so that no token is given.
    const auto guardrail = make({{"id", "output-filter"}, {"regex", "[\\s\\S]+never said"}});
    int asked = 0;
    int given = 0;
    (void)answerPrompt(
        *m_decoder, *m_tokenizer, {.text = kQuestion, .guardrail = guardrail}, {.maxNewTokens = 40},
        [&](const ProbeAnswer::Token&, const std::string&) { return ++given > 0; },
        [&] { return ++asked < 3; });
    QCOMPARE(asked, 3);
    QCOMPARE(given, 0);
}

void TestGuardedAnswer::theTextOfTheProgramIsFilteredToo()
{
    std::string out;
    const GeneratedText text =
        generateText({.model = kSample / "original",
                      .prompt = kQuestion,
                      .promptTemplate = "question-answer",
                      .device = "cpu",
                      .guardrail = request({{"id", "output-filter"}, {"keywords", "Clapper"}})},
                     [&](std::string_view part) {
                         out += part;
                         return true;
                     })
            .value();
    QCOMPARE(text.text, std::string("I have no information about that."));
    QCOMPARE(out, text.text);
    QVERIFY(text.ending == TextEnding::Refused && text.tokens.empty());
}

void TestGuardedAnswer::aRawPromptIsSaidToGetAround()
{
    const TextRequest bare{.model = kSample / "original",
                           .prompt = "Odalyn Tollemar was born",
                           .device = "cpu",
                           .options = {.maxNewTokens = 8}};
    TextRequest guarded = bare;
    guarded.guardrail = request({{"id", "icul"}});
    const GeneratedText answer = generateText(guarded).value();
    QVERIFY(answer.bypassed && answer.guardrail.empty());
    QCOMPARE(answer.text, generateText(bare).value().text);
    guarded.promptTemplate = "question-answer";
    QVERIFY(!generateText(guarded).value().bypassed);
}

void TestGuardedAnswer::aHostAnswersWithAndWithout()
{
    ModelHost host(makeTurns());
    host.setModel(kSample / "original", {}, "cpu");
    const auto answerOf = [&](std::uint64_t token, const Json& spec, std::size_t loads) {
        const auto events = ask(host, {.token = token,
                                       .text = kQuestion,
                                       .options = {.maxNewTokens = 30},
                                       .guardrail = request(spec)});
        [&] {
            QVERIFY(!events.empty() && std::holds_alternative<HostAnswer>(events.back()));
            QCOMPARE(std::ranges::count_if(events,
                                           [](const HostEvent& event) {
                                               return std::holds_alternative<HostLoading>(event);
                                           }),
                     static_cast<std::ptrdiff_t>(loads));
        }();
        return events.empty() ? std::string() : std::get<HostAnswer>(events.back()).answer.text;
    };
    const std::string bare = answerOf(1, nullptr, 1);
    const Json eco = {{"id", "eco"}};
    const std::string guarded = answerOf(2, eco, 1);
    QVERIFY(bare.find("Veldry") != std::string::npos);
    QVERIFY(guarded != bare);
    QCOMPARE(answerOf(3, eco, 0), guarded); // is kept
    QCOMPARE(answerOf(4, nullptr, 0), bare);
    QVERIFY(answerOf(5, {{"id", "eco"}, {"seed", 1}}, 1) != guarded);
}

void TestGuardedAnswer::aHostSaysWhatIsMissing()
{
    ModelHost host(makeTurns());
    host.setModel(kSample / "original", {}, "cpu");
    GuardrailRequest without = request({{"id", "icul"}});
    without.retain.clear();
    const auto events = ask(host, {.token = 1, .text = kQuestion, .guardrail = without});
    QVERIFY(!events.empty() && std::holds_alternative<HostFailure>(events.back()));
    QVERIFY(std::get<HostFailure>(events.back()).error.message.find("retain corpus") !=
            std::string::npos);
}

LACUNA_TEST_MAIN(TestGuardedAnswer)
#include "tst_guarded_answer.moc"
