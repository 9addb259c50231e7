#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <csignal>
#include <functional>

using namespace lacuna;
namespace fs = std::filesystem;

namespace {

const std::string kModels = TEST_DATA_DIR "/models/";
const std::string kStories = kModels + "stories260K";
const std::string kSharded = kModels + "stories260K-bf16-sharded";
const std::string kSecondShard = "model-00002-of-00003.safetensors";

std::vector<std::string> textsIn(const Json& list)
{
    return list.is_array() ? list.get<std::vector<std::string>>() : std::vector<std::string>();
}

} // namespace

/// inspect, verify, tokenize and generate, as a shell runs them.
class TestModelCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void inspectDescribesAModel();
    void inspectShowsWhatItCanOfABadModel_data();
    void inspectShowsWhatItCanOfABadModel();
    void inspectWantsAFolder();
    void inspectNamesSpareTensors();
    void inspectTellsTheStateOfTheChatTemplate_data();
    void inspectTellsTheStateOfTheChatTemplate();

    void verifyAgreesWithRecordedValues();
    void verifyFailsWhenAValueIsOff();
    void verifyReplaysTheMethodsThereAre();
    void verifyNeedsRecordedValues();
    void verifyRefusesTheValuesOfAnotherModel();

    void tokenizeGivesIdsAndPieces();
    void tokenizeAnswersLineByLine();
    void tokenizeRefuses_data();
    void tokenizeRefuses();

    void generateWritesTheRecordedStory();
    void generateShowsProbabilities();
    void generateRepeatsASeed();
    void generatePutsAQuestionIntoATemplate();
    void generateStopsAtTheContext();
    void generateRefuses_data();
    void generateRefuses();
    void generateKeepsItsTextWhenInterrupted();

private:
    /// A copy of the sharded model, to be spoilt.
    [[nodiscard]] std::string copyOfModel(const TemporaryFolder& folder) const
    {
        const fs::path copy = folder.file("model");
        fs::copy(kSharded, copy);
        return copy.string();
    }

    LacunaCli m_cli;
};

void TestModelCommands::inspectDescribesAModel()
{
    const Outcome outcome = m_cli.call({"inspect", kSharded, "--json"});

    QCOMPARE(outcome.code, 0);
    const Json model = outcome.line();
    QVERIFY(model.at("loadable").get<bool>());
    QCOMPARE(model.at("family").get<std::string>(), "llama");
    QCOMPARE(model.at("parameters").get<int>(), 260'032); // the tied matrix once
    QCOMPARE(model.at("stored").at(0).at("dtype").get<std::string>(), "BF16");
    QCOMPARE(model.at("config").at("kv_heads").get<int>(), 4);
    QCOMPARE(model.at("tokenizer").at("vocabulary").get<int>(), 512);
    QCOMPARE(model.at("chat_template").get<bool>(), false);
    QCOMPARE(model.at("files").at("present").size(), std::size_t(9));
    QVERIFY(model.at("files").at("missing").empty());
    QVERIFY(model.at("problems").empty() && model.at("warnings").empty());

    const Outcome table = m_cli.call({"inspect", kSharded});
    QCOMPARE(table.code, 0);
    QVERIFY(table.out.find("260,032") != std::string::npos);
    QVERIFY(table.err.empty());
}

void TestModelCommands::inspectShowsWhatItCanOfABadModel_data()
{
    using Spoil = std::function<void(const fs::path&)>;
    QTest::addColumn<Spoil>("spoil");
    QTest::addColumn<std::string>("missingFile");
    QTest::addColumn<std::string>("problem");
    QTest::addColumn<int>("tensors"); // that could still be seen, of 47

    QTest::newRow("a shard is missing")
        << Spoil([](const fs::path& model) { fs::remove(model / kSecondShard); }) << kSecondShard
        << std::string("cannot open") << 29;
    QTest::newRow("a shard is cut off")
        << Spoil([](const fs::path& model) { fs::resize_file(model / kSecondShard, 100'000); })
        << std::string() << std::string("damaged or cut off") << 29;
    QTest::newRow("the architecture is not supported") << Spoil([](const fs::path& model) {
        writeBytes(model / "config.json", R"({"architectures": ["MambaForCausalLM"]})");
    }) << std::string() << std::string("MambaForCausalLM is not supported")
                                                       << 47;
    QTest::newRow("the config is missing")
        << Spoil([](const fs::path& model) { fs::remove(model / "config.json"); })
        << std::string("config.json") << std::string("no config.json") << 47;
    QTest::newRow("the config is another model's") << Spoil([](const fs::path& model) {
        Json config = readJsonFile(model / "config.json").value();
        config["hidden_size"] = 128;
        writeBytes(model / "config.json", config.dump());
    }) << std::string() << std::string("instead of [512, 128]")
                                                   << 47;
}

void TestModelCommands::inspectShowsWhatItCanOfABadModel()
{
    QFETCH(std::function<void(const fs::path&)>, spoil);
    QFETCH(std::string, missingFile);
    QFETCH(std::string, problem);
    QFETCH(int, tensors);
    const TemporaryFolder folder;
    const std::string model = copyOfModel(folder);
    spoil(model);

    const Outcome outcome = m_cli.call({"inspect", model, "--json"});

    QCOMPARE(outcome.code, 3);
    const Json shown = outcome.line();
    QVERIFY(!shown.at("loadable").get<bool>());
    int seen = 0;
    for (const Json& stored : shown.at("stored"))
        seen += stored.at("tensors").get<int>();
    QCOMPARE(seen, tensors);
    QCOMPARE(shown.at("tokenizer").at("vocabulary").get<int>(), 512);
    QCOMPARE(join(textsIn(shown.at("files").at("missing")), ","), missingFile);
    QVERIFY2(shown.at("problems").dump().find(problem) != std::string::npos,
             shown.at("problems").dump().c_str());
}

void TestModelCommands::inspectWantsAFolder()
{
    const Outcome outcome = m_cli.call({"inspect", kStories + "/config.json"});
    QCOMPARE(outcome.code, 3);
    QVERIFY(outcome.err.find("this is a file") != std::string::npos);
}

void TestModelCommands::inspectNamesSpareTensors()
{
    const TemporaryFolder folder;
    const fs::path model = copyOfModel(folder);
    Json config = readJsonFile(model / "config.json").value();
    config["num_hidden_layers"] = 4;
    writeBytes(model / "config.json", config.dump());

    const Outcome outcome = m_cli.call({"inspect", model.string(), "--json"});

    QCOMPARE(outcome.code, 0);
    QCOMPARE(outcome.line().at("tensors").at("spare").size(), std::size_t(9));
}

void TestModelCommands::inspectTellsTheStateOfTheChatTemplate_data()
{
    QTest::addColumn<std::string>("source");
    QTest::addColumn<std::string>("state");
    QTest::addColumn<std::string>("shown");
    QTest::newRow("none") << std::string() << std::string("none") << std::string("none");
    QTest::newRow("usable") << std::string("{{ messages[0].content }}") << std::string("usable")
                            << std::string("usable");
    QTest::newRow("broken") << std::string("{% if") << std::string("unusable")
                            << std::string("raw prompt, because");
}

void TestModelCommands::inspectTellsTheStateOfTheChatTemplate()
{
    QFETCH(std::string, source);
    QFETCH(std::string, state);
    QFETCH(std::string, shown);
    const TemporaryFolder folder;
    const std::string model = copyOfModel(folder);
    if (!source.empty())
        writeBytes(fs::path(model) / "chat_template.jinja", source);

    const Json line = m_cli.call({"inspect", model, "--json"}).line();
    QCOMPARE(line.at("chat_template").get<bool>(), state != "none");
    QCOMPARE(line.at("chat_template_state").get<std::string>(), state);
    QCOMPARE(line.contains("chat_template_problem"), state == "unusable");
    const Outcome table = m_cli.call({"inspect", model});
    QCOMPARE(table.code, 0); // the model can be used without one
    QVERIFY2(table.out.find(shown) != std::string::npos, table.out.c_str());
}

void TestModelCommands::verifyAgreesWithRecordedValues()
{
    const Outcome outcome = m_cli.call({"verify", kStories});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(outcome.out.find("greedy text") != std::string::npos);
    QVERIFY(outcome.err.find("all within their tolerances") != std::string::npos);
}

void TestModelCommands::verifyFailsWhenAValueIsOff()
{
    const TemporaryFolder folder;
    Json recorded = readJsonFile(kStories + "/expected.json").value();
    recorded["next_token_top5"][0][1] = 18.0;
    writeBytes(folder.file("expected.json"), recorded.dump());

    const Outcome outcome =
        m_cli.call({"verify", kStories, "--expected", folder.file("").string(), "--json"});

    QCOMPARE(outcome.code, 1);
    const std::vector<Json> lines = outcome.lines();
    QCOMPARE(lines.size(), std::size_t(4));
    QVERIFY(!lines[0].at("passed").get<bool>());
    QVERIFY(std::abs(lines[0].at("difference").get<double>() - 0.2006) < 1e-3);
    QVERIFY(lines[1].at("passed").get<bool>());
}

void TestModelCommands::verifyReplaysTheMethodsThereAre()
{
    const std::string golden = TEST_DATA_DIR "/golden/";
    const TemporaryFolder folder;
    Json recorded = readJsonFile(golden + "trajectories/llama-mha.json").value();
    const Json methods = recorded.at("methods");
    recorded["methods"] = {{"grad_diff", methods.at("grad_diff")},
                           {"not_built_in", methods.at("ga")}};
    const std::string some = folder.file("some.json").string();
    writeBytes(some, recorded.dump());
    recorded["methods"].erase("grad_diff");
    const std::string none = folder.file("none.json").string();
    writeBytes(none, recorded.dump());
    const std::string model = golden + "hf-parity/llama-mha";

    const Outcome outcome = m_cli.call({"verify", model, "--trajectory", some});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(outcome.out.find("grad_diff losses") != std::string::npos);
    QVERIFY(outcome.err.find("not_built_in") != std::string::npos);

    QCOMPARE(m_cli.call({"verify", model, "--trajectory", none}).code, 3);
}

void TestModelCommands::verifyNeedsRecordedValues()
{
    const Outcome outcome = m_cli.call({"verify", kSharded});
    QCOMPARE(outcome.code, 3);
    QVERIFY(outcome.err.find("expected.json") != std::string::npos);
}

void TestModelCommands::verifyRefusesTheValuesOfAnotherModel()
{
    const std::string models = TEST_DATA_DIR "/golden/hf-parity/";

    const Outcome outcome =
        m_cli.call({"verify", models + "llama3-rope", "--expected", models + "llama-gqa-tied"});

    QCOMPARE(outcome.code, 3);
    QVERIFY2(outcome.err.find("\"logits\" has shape [2, 24, 97] for this model, but [2, 24, 128] "
                              "was recorded") != std::string::npos,
             outcome.err.c_str());
    QCOMPARE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
}

void TestModelCommands::tokenizeGivesIdsAndPieces()
{
    const Json line = m_cli.call({"tokenize", kSharded, "--text", "Once upon", "--json"}).line();
    QCOMPARE(line.at("ids").dump(), "[403,407]");
    QCOMPARE(line.at("pieces").dump(), R"(["▁Once","▁upon"])");

    const Outcome table =
        m_cli.call({"tokenize", kSharded + "/tokenizer.model", "--text", "Once", "--bos"});
    QCOMPARE(table.code, 0);
    QVERIFY(table.out.find("  1  <s>\n403  ▁Once\n") != std::string::npos);
}

void TestModelCommands::tokenizeAnswersLineByLine()
{
    const TemporaryFolder folder;
    const std::string file = folder.file("lines.jsonl").string();
    writeBytes(file,
               "{\"text\": \"Once\"}\n\n{\"text\": \"\"}\n{\"text\": \"upon\", \"ids\": 3}\n");

    const Outcome outcome = m_cli.call({"tokenize", kSharded, "--lines", file});

    QCOMPARE(outcome.code, 0);
    QCOMPARE(outcome.out, std::string("{\"text\":\"Once\",\"ids\":[403]}\n"
                                      "{\"text\":\"\",\"ids\":[]}\n"
                                      "{\"text\":\"upon\",\"ids\":[407]}\n"));

    writeBytes(file, "{\"text\": \"Once\"}\n{\"txt\": 1}\n");
    const Outcome bad = m_cli.call({"tokenize", kSharded, "--lines", file});
    QCOMPARE(bad.code, 3);
    QVERIFY(bad.err.find("lines.jsonl:2") != std::string::npos);
}

void TestModelCommands::tokenizeRefuses_data()
{
    QTest::addColumn<std::vector<std::string>>("words");
    QTest::addColumn<int>("code");
    using Words = std::vector<std::string>;

    QTest::newRow("neither text nor lines") << Words{kSharded} << 2;
    QTest::newRow("a folder without a tokenizer") << Words{kModels, "--text", "a"} << 3;
}

void TestModelCommands::tokenizeRefuses()
{
    QFETCH(std::vector<std::string>, words);
    QFETCH(int, code);
    words.insert(words.begin(), "tokenize");
    QCOMPARE(m_cli.call(words).code, code);
}

void TestModelCommands::generateWritesTheRecordedStory()
{
    const Json recorded = readJsonFile(kStories + "/expected.json").value();
    const std::vector<std::string> words = {"generate",         kStories,      "--prompt",
                                            "Once upon a time", "--precision", "float32",
                                            "--max-new-tokens", "60"};

    const Outcome outcome = m_cli.call(words);

    QCOMPARE(outcome.code, 0);
    const auto story = recorded.at("greedy_text").get<std::string>();
    const std::string told = "Once upon a time" + outcome.out.substr(0, outcome.out.size() - 1);
    QVERIFY(told.size() > 100);
    QCOMPARE(told, story.substr(0, told.size()));
    QVERIFY(outcome.err.find("60 tokens after a prompt of 5") != std::string::npos);
}

void TestModelCommands::generateShowsProbabilities()
{
    const Outcome outcome =
        m_cli.call({"generate", kStories, "--prompt", "Once upon a time", "--precision", "float32",
                    "--max-new-tokens", "3", "--top-k-shown", "2", "--json"});

    QCOMPARE(outcome.code, 0);
    const Json line = outcome.line();
    QCOMPARE(line.at("prompt_ids").dump(), "[1,403,407,261,378]");
    QCOMPARE(line.at("ids").dump(), "[432,383,286]");
    QCOMPARE(line.at("text").get<std::string>(), ", there was");
    QCOMPARE(line.at("ending").get<std::string>(), "length");
    const Json& token = line.at("tokens").at(0);
    QCOMPARE(token.at("alternatives").size(), std::size_t(2));
    QCOMPARE(token.at("alternatives").at(0).at("log_prob"), token.at("log_prob"));
    QVERIFY(token.at("log_prob").get<double>() > -0.1);
}

void TestModelCommands::generateRepeatsASeed()
{
    const auto story = [&](const std::string& seed) {
        return m_cli
            .call({"generate", kSharded, "--prompt", "Who?", "--question", "--max-new-tokens", "20",
                   "--temperature", "1", "--top-p", "0.95", "--seed", seed, "--json"})
            .line();
    };
    const Json first = story("1");
    QCOMPARE(first.at("prompt").get<std::string>(), "Question: Who?\nAnswer:");
    QCOMPARE(story("1"), first);
    QVERIFY(story("2").at("text") != first.at("text"));
}

void TestModelCommands::generatePutsAQuestionIntoATemplate()
{
    const TemporaryFolder folder;
    const std::string model = copyOfModel(folder);
    writeBytes(fs::path(model) / "chat_template.jinja",
               "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
               "{% if add_generation_prompt %}assistant:{% endif %}");
    const auto asked = [&](const std::vector<std::string>& how) {
        std::vector<std::string> words = {"generate",         model, "--prompt", "Who?",
                                          "--max-new-tokens", "1",   "--json"};
        words.insert(words.end(), how.begin(), how.end());
        return m_cli.call(words).line();
    };
    const Json chat = asked({"--chat", "--system", "Be brief."});
    QCOMPARE(chat.at("prompt").get<std::string>(),
             std::string("<s>system: Be brief.\nuser: Who?\nassistant:"));
    // The template's own BOS, and no second one.
    QCOMPARE(chat.at("prompt_ids").at(0).get<int>(), 1);
    QVERIFY(chat.at("prompt_ids").at(1).get<int>() != 1);
    QCOMPARE(asked({"--template", "llmu"}).at("prompt").get<std::string>(),
             std::string("### Question: Who?\n ### Answer:"));
    QCOMPARE(asked({"--template", "question-answer"}), asked({"--question"}));
}

void TestModelCommands::generateStopsAtTheContext()
{
    std::string prompt;
    for (int i = 0; i < 505; ++i)
        prompt += " a";
    const Json line =
        m_cli.call({"generate", kSharded, "--prompt", prompt, "--max-new-tokens", "100", "--json"})
            .line();
    QCOMPARE(line.at("ending").get<std::string>(), "context");
    QCOMPARE(line.at("ids").size() + line.at("prompt_ids").size(), std::size_t(512));
}

void TestModelCommands::generateRefuses_data()
{
    QTest::addColumn<std::vector<std::string>>("words");
    QTest::addColumn<int>("code");
    QTest::addColumn<std::string>("says");
    using Words = std::vector<std::string>;

    QTest::newRow("no prompt") << Words{kSharded} << 2 << std::string("--prompt");
    QTest::newRow("a model without a tokenizer")
        << Words{TEST_DATA_DIR "/golden/hf-parity/llama-mha", "--prompt", "a"} << 3
        << std::string("looked for tokenizer.model");
    QTest::newRow("a device that does not exist")
        << Words{kSharded, "--prompt", "a", "--device", "abacus"} << 3 << std::string("abacus");
    QTest::newRow("a chat without a template")
        << Words{kSharded, "--prompt", "a", "--chat"} << 3 << std::string("no chat template");
    QTest::newRow("a template that is not known")
        << Words{kSharded, "--prompt", "a", "--template", "chatlm"} << 3 << std::string("chatml");
    QTest::newRow("two templates") << Words{kSharded, "--prompt", "a", "--chat", "--question"} << 2
                                   << std::string("one of --question, --chat and --template");
    QTest::newRow("a system message for nobody")
        << Words{kSharded, "--prompt", "a", "--system", "s"} << 2
        << std::string("--system needs --chat or --template");
    QTest::newRow("a format without a place for a system message")
        << Words{kSharded, "--prompt", "a", "--template", "gemma", "--system", "s"} << 3
        << std::string("no place for a system message");
    std::string longPrompt;
    for (int i = 0; i < 600; ++i)
        longPrompt += " a";
    QTest::newRow("a prompt beyond the context")
        << Words{kSharded, "--prompt", longPrompt} << 3 << std::string("context holds 512");
}

void TestModelCommands::generateRefuses()
{
    QFETCH(std::vector<std::string>, words);
    QFETCH(int, code);
    QFETCH(std::string, says);
    words.insert(words.begin(), "generate");

    const Outcome outcome = m_cli.call(words);

    QCOMPARE(outcome.code, code);
    QVERIFY2(outcome.err.find(says) != std::string::npos, outcome.err.c_str());
    QVERIFY(outcome.out.empty());
}

void TestModelCommands::generateKeepsItsTextWhenInterrupted()
{
    QProcess process;
    // Counting many alternatives keeps the small model busy long enough to be interrupted.
    m_cli.start(process, {"generate", kSharded, "--prompt", "Once", "--temperature", "5",
                          "--max-new-tokens", "500", "--top-k-shown", "500"});
    QVERIFY(process.waitForReadyRead(30'000));
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    const Outcome outcome = LacunaCli::finish(process);

    QCOMPARE(outcome.code, 130);
    QVERIFY(outcome.out.size() > 1 && outcome.out.ends_with('\n'));
    QVERIFY(outcome.err.find("ended by interrupted") != std::string::npos);
}

LACUNA_TEST_MAIN(TestModelCommands)
#include "tst_model_commands.moc"
