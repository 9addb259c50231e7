#include "core/models/checkpoint.h"
#include "core/probe/model_host.h"
#include "core/probe/text_generation.h"
#include "core/tokens/prompt_format.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/model_folders.h"
#include "tests/support/test_main.h"

#include <chrono>
#include <filesystem>
#include <thread>

using namespace lacuna;

/// Answers of a model that stays loaded, against those of generateText() on the same folder.
class TestModelHost : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRawPromptIsContinuedAsGenerateDoes();
    void aQuestionIsAskedInItsTemplate();
    void aBrokenTemplateIsSaidAndAskedRaw();
    void theAmountScalesTheAdapter();
    void aModelIsMixedWithItsOriginal();
    void anotherModelBeginsWithItsWholeAdapter();
    void theAnswerStreamsAsItComes();
    void aStoppedAnswerEndsEarly();
    void aNewerQuestionReplacesTheOlder();
    void anotherFolderAnswersWithItsOwnModel();
    void aFolderWithoutAModelFails();
    void twoHostsTakeTurns();
    void aHostThatGoesAwayEndsItsAnswer();
};

namespace {

const std::filesystem::path kModels = std::filesystem::path(TEST_DATA_DIR) / "models";
const std::filesystem::path kModel = kModels / "stories260K";
constexpr const char* kPrompt = "Once upon a time";

HostQuestion question(std::uint64_t token, std::int64_t length)
{
    return {.token = token,
            .text = kPrompt,
            .raw = true,
            .options = {.maxNewTokens = length, .alternatives = 3}};
}

/// Events up to and with the end of \p token's answer.
std::vector<HostEvent> untilEnd(ModelHost& host, std::uint64_t token)
{
    std::vector<HostEvent> all;
    const auto isEnd = [&](const HostEvent& event) {
        const auto* answer = std::get_if<HostAnswer>(&event);
        const auto* failure = std::get_if<HostFailure>(&event);
        return (answer && answer->token == token) || (failure && failure->token == token);
    };
    const bool ended = QTest::qWaitFor(
        [&] {
            for (HostEvent& event : host.drain())
                all.push_back(std::move(event));
            return std::any_of(all.begin(), all.end(), isEnd);
        },
        30'000);
    if (!ended)
        all.clear();
    return all;
}

template <class T> std::vector<T> only(const std::vector<HostEvent>& events)
{
    std::vector<T> found;
    for (const HostEvent& event : events)
        if (const auto* one = std::get_if<T>(&event))
            found.push_back(*one);
    return found;
}

GeneratedText expected(const std::filesystem::path& model, std::int64_t length)
{
    return generateText({.model = model,
                         .prompt = kPrompt,
                         .precision = "float32",
                         .options = {.maxNewTokens = length}})
        .value();
}

} // namespace

void TestModelHost::aRawPromptIsContinuedAsGenerateDoes()
{
    ModelHost host(makeTurns());
    host.setModel(kModel);
    host.ask(question(7, 24));
    const auto answers = only<HostAnswer>(untilEnd(host, 7));
    QCOMPARE(answers.size(), std::size_t{1});
    const GeneratedText text = expected(kModel, 24);
    QCOMPARE(answers.front().answer.text, text.text);
    QCOMPARE(answers.front().answer.tokens.size(), text.tokens.size());
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        QCOMPARE(answers.front().answer.tokens[i].id, text.tokens[i].id);
        QCOMPARE(answers.front().answer.tokens[i].alternatives.size(), std::size_t{3});
    }
}

void TestModelHost::aQuestionIsAskedInItsTemplate()
{
    const TemporaryFolder folder;
    const auto model = modelWithTemplate(folder.file("m"), kUsableTemplate);
    ModelHost host(makeTurns());
    host.setModel(model);
    host.ask({.token = 1, .text = "Who?", .promptTemplate = kModelTemplate, .options = {12}});
    const auto events = untilEnd(host, 1);
    const auto prompts = only<HostPrompt>(events);
    QCOMPARE(prompts.size(), std::size_t{1});
    QCOMPARE(prompts.front().sent.text, std::string("<user> Who?\n<assistant>"));
    QVERIFY(std::holds_alternative<HostPrompt>(events.at(1))); // behind loading, before any token
    const GeneratedText text = generateText({.model = model,
                                             .prompt = "Who?",
                                             .promptTemplate = kModelTemplate,
                                             .precision = "float32",
                                             .options = {.maxNewTokens = 12}})
                                   .value();
    QCOMPARE(only<HostAnswer>(events).front().answer.tokens.size(), text.tokens.size());
    for (std::size_t i = 0; i < text.tokens.size(); ++i)
        QCOMPARE(only<HostAnswer>(events).front().answer.tokens[i].id, text.tokens[i].id);
}

void TestModelHost::aBrokenTemplateIsSaidAndAskedRaw()
{
    const TemporaryFolder folder;
    ModelHost host(makeTurns());
    host.setModel(modelWithTemplate(folder.file("m"), kBrokenTemplate));
    HostQuestion asked = question(1, 12);
    asked.raw = false;
    asked.promptTemplate = kModelTemplate;
    host.ask(asked);
    const auto events = untilEnd(host, 1);
    const SentPrompt sent = only<HostPrompt>(events).front().sent;
    QVERIFY(sent.problem);
    QVERIFY(sent.promptTemplate.empty());
    QCOMPARE(sent.text, std::string(kPrompt));
    host.ask(question(2, 12));
    QCOMPARE(only<HostAnswer>(events).front().answer.text,
             only<HostAnswer>(untilEnd(host, 2)).front().answer.text);
}

void TestModelHost::theAmountScalesTheAdapter()
{
    const TemporaryFolder folder;
    ModelHost host(makeTurns());
    auto ask = [&, token = std::uint64_t{0}](double factor) mutable {
        host.setAmount(factor);
        host.ask(question(++token, 12));
        return only<HostAnswer>(untilEnd(host, token)).front().answer;
    };
    const auto same = [](const ProbeAnswer& a, const ProbeAnswer& b) {
        return a.tokensJson() == b.tokensJson(); // every token, with its log-probabilities
    };
    host.setModel(kModel);
    const ProbeAnswer original = ask(1);
    QVERIFY(same(ask(2), original)); // nothing to scale
    host.setModel(smallAdapter(folder.file("a")));
    host.ask(question(100, 12)); // no factor was set
    const ProbeAnswer whole = only<HostAnswer>(untilEnd(host, 100)).front().answer;
    QVERIFY(!same(whole, original));
    QVERIFY(same(ask(0), original));
    QVERIFY(same(ask(1), whole));
    const ProbeAnswer twice = ask(2);
    QVERIFY(!same(twice, whole) && !same(twice, original));
}

void TestModelHost::aModelIsMixedWithItsOriginal()
{
    const TemporaryFolder folder;
    const auto adapter = smallAdapter(folder.file("a"));
    const auto decoder = loadDecoder(adapter, c10::Device(c10::kCPU), c10::kFloat).value();
    saveDecoder(*decoder, folder.file("merged"), c10::kFloat).value();
    for (const char* name : {"tokenizer.model", "tokenizer_config.json"})
        std::filesystem::copy_file(kModel / name, folder.file("merged") / name);
    ModelHost host(makeTurns());
    auto ask = [&, token = std::uint64_t{0}](double amount) mutable {
        host.setAmount(amount);
        host.ask(question(++token, 12));
        return only<HostAnswer>(untilEnd(host, token)).front().answer;
    };
    host.setModel(kModel);
    const std::string original = ask(1).tokensJson();
    host.setModel(folder.file("merged"), kModel);
    const std::string whole = ask(1).tokensJson();
    QVERIFY(whole != original);
    QCOMPARE(ask(0).tokensJson(), original);
    QCOMPARE(ask(1).tokensJson(), whole);
    QVERIFY(ask(0.5).tokensJson() != whole);
    // A model of another shape is no original.
    host.setModel(folder.file("merged"), kModels / "../golden/hf-parity/llama-mha");
    host.setAmount(0.5);
    host.ask(question(50, 4));
    QCOMPARE(only<HostFailure>(untilEnd(host, 50)).size(), std::size_t{1});
}

void TestModelHost::anotherModelBeginsWithItsWholeAdapter()
{
    const TemporaryFolder folder;
    ModelHost host(makeTurns());
    host.setModel(smallAdapter(folder.file("a")));
    host.ask(question(1, 8));
    const std::string whole = only<HostAnswer>(untilEnd(host, 1)).front().answer.tokensJson();
    host.setAmount(0);
    host.setModel(smallAdapter(folder.file("b")));
    host.ask(question(2, 8));
    QCOMPARE(only<HostAnswer>(untilEnd(host, 2)).front().answer.tokensJson(), whole);
}

void TestModelHost::theAnswerStreamsAsItComes()
{
    ModelHost host(makeTurns());
    host.setModel(kModel);
    host.ask(question(1, 12));
    const auto events = untilEnd(host, 1);
    QVERIFY(std::holds_alternative<HostLoading>(events.front()));
    const auto tokens = only<HostToken>(events);
    const auto answer = only<HostAnswer>(events).front().answer;
    QCOMPARE(tokens.size(), answer.tokens.size());
    for (std::size_t i = 1; i < tokens.size(); ++i)
        QVERIFY(tokens[i].text.starts_with(tokens[i - 1].text));
    QCOMPARE(tokens.back().text, answer.text);
    // Loaded once: the second answer begins at once.
    host.ask(question(2, 2));
    QVERIFY(only<HostLoading>(untilEnd(host, 2)).empty());
}

void TestModelHost::aStoppedAnswerEndsEarly()
{
    ModelHost host(makeTurns());
    host.setModel(kModel);
    host.ask(question(1, 400));
    std::size_t seen = 0;
    QVERIFY(QTest::qWaitFor(
        [&] {
            seen += only<HostToken>(host.drain()).size();
            return seen > 0;
        },
        30'000));
    host.stop();
    const auto events = untilEnd(host, 1);
    const std::size_t tokens = only<HostAnswer>(events).front().answer.tokens.size();
    QVERIFY(tokens < 400);
    QVERIFY(tokens >= seen);
}

void TestModelHost::aNewerQuestionReplacesTheOlder()
{
    ModelHost host(makeTurns());
    host.setModel(kModel);
    for (std::uint64_t token = 1; token <= 5; ++token)
        host.ask(question(token, token < 5 ? 300 : 4));
    const auto answers = only<HostAnswer>(untilEnd(host, 5));
    QCOMPARE(answers.size(), std::size_t{5}); // each ends exactly once
    QCOMPARE(answers.back().token, std::uint64_t{5});
    QCOMPARE(answers.back().answer.tokens.size(), std::size_t{4});
}

void TestModelHost::anotherFolderAnswersWithItsOwnModel()
{
    ModelHost host(makeTurns());
    host.setModel(kModels / "stories260K-bf16-sharded");
    host.ask(question(1, 16));
    untilEnd(host, 1);
    host.setModel(kModel);
    host.ask(question(2, 16));
    const auto events = untilEnd(host, 2);
    QCOMPARE(only<HostLoading>(events).size(), std::size_t{1});
    const auto answer = only<HostAnswer>(events).front().answer;
    const GeneratedText text = expected(kModel, 16);
    QCOMPARE(answer.text, text.text);
    QVERIFY(std::abs(answer.tokens[3].logProb - text.tokens[3].logProb) < 1e-5F);
}

void TestModelHost::aFolderWithoutAModelFails()
{
    ModelHost host(makeTurns());
    host.setModel(kModels);
    host.ask(question(3, 4));
    const auto failures = only<HostFailure>(untilEnd(host, 3));
    QCOMPARE(failures.size(), std::size_t{1});
    QVERIFY(!failures.front().error.message.empty());
    host.setModel(kModel);
    host.ask(question(4, 4));
    QCOMPARE(only<HostAnswer>(untilEnd(host, 4)).size(), std::size_t{1});
}

void TestModelHost::twoHostsTakeTurns()
{
    const auto turns = makeTurns();
    ModelHost first(turns);
    ModelHost second(turns);
    const std::string text = expected(kModel, 40).text;
    for (ModelHost* host : {&first, &second}) {
        host->setModel(kModel);
        host->ask(question(1, 40));
    }
    for (ModelHost* host : {&first, &second})
        QCOMPARE(only<HostAnswer>(untilEnd(*host, 1)).front().answer.text, text);
}

void TestModelHost::aHostThatGoesAwayEndsItsAnswer()
{
    const auto started = std::chrono::steady_clock::now();
    {
        ModelHost host(makeTurns());
        host.setModel(kModel);
        host.ask(question(1, 100'000));
    }
    QVERIFY(std::chrono::steady_clock::now() - started < std::chrono::seconds(20));
}

LACUNA_TEST_MAIN(TestModelHost)
#include "tst_model_host.moc"
