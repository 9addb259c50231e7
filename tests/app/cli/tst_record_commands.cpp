#include "core/store/store.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <map>
#include <set>

using namespace lacuna;
namespace fs = std::filesystem;

namespace {

const std::string kModel = TEST_DATA_DIR "/models/stories260K-bf16-sharded";

/// A finished run with a little of everything.
Run recordRun(Store& store, const std::string& name, double nllAfter, const fs::path& folder)
{
    Run run = store
                  .createRun({.name = name,
                              .folder = folder.string(),
                              .recipe = R"({"lacuna": 1, "method": {"id": "npo"}})",
                              .method = "npo",
                              .seed = 7})
                  .value();
    store.setProgress(run.id, 20, 20).value();
    const std::vector<SeriesPoint> points = {{0, "loss", 2.5}, {20, "loss", 0.5}};
    store.appendSeries(run.id, points).value();
    const auto nll = [](std::int64_t step, EvaluationPhase phase, double value) {
        return Evaluation{
            .step = step, .phase = phase, .set = "forget", .metric = "nll", .value = value};
    };
    const std::vector<Evaluation> evaluations = {nll(0, EvaluationPhase::Before, 1.25),
                                                 nll(10, EvaluationPhase::During, 2.0),
                                                 nll(20, EvaluationPhase::After, nllAfter)};
    store.addEvaluations(run.id, evaluations).value();
    const std::vector<Answer> answers = {
        {.prompt = "Who?", .role = ModelRole::Original, .text = "Ada"},
        {.step = 20, .prompt = "Who?", .role = ModelRole::Current, .text = "Nobody\x1b[31m"}};
    store.addAnswers(run.id, answers).value();
    store.addInterruption(run.id, {.step = 5, .kind = InterruptionKind::Paused, .note = "lunch"})
        .value();
    store.addArtefact(run.id, {.kind = "model", .path = "/models/new", .bytes = 2048}).value();
    store.endRun(run.id, {.state = RunState::Done, .stopReason = "all steps made"}).value();
    return store.run(run.id).value();
}

} // namespace

/// data check, the registries and history, as a shell runs them.
class TestRecordCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void dataCheckCounts();
    void dataCheckWritesTheTemplate();
    void dataCheckFollowsARecipe();
    void dataCheckReadsCorporaAsTheRunDoes();
    void dataCheckNamesEveryProblem();
    void dataCheckCountsPreferencePairs();
    void dataCheckWantsOneWayOfNamingData();

    void registriesListTheirEntries_data();
    void registriesListTheirEntries();
    void registriesReadAsText();

    void historyThatIsNotThereIsNoFailure();
    void historyListsAndFilters();
    void historyShowsARun();
    void historyComparesRuns();
    void historyExportsARun();
    void historyTagsAndNotes();
    void historyDeletesARun();
    void historyRefuses();

private:
    [[nodiscard]] Outcome history(std::vector<std::string> words) const
    {
        words.insert(words.begin(), "history");
        words.insert(words.end(), {"--store", storeFile().string()});
        return m_cli.call(words);
    }
    [[nodiscard]] fs::path storeFile() const { return m_folder.file("history.sqlite"); }
    [[nodiscard]] Store store() const
    {
        return Store::open(storeFile(), OpenMode::CreateIfMissing).value();
    }

    TemporaryFolder m_folder;
    LacunaCli m_cli;
};

void TestRecordCommands::dataCheckCounts()
{
    const TemporaryFolder folder;
    const std::string forget = folder.file("forget.jsonl").string();
    const std::string retain = folder.file("retain.jsonl").string();
    const std::string shared = R"({"question": "Who lit the lamp?", "answer": "The keeper did"})";
    writeBytes(forget, shared + "\n" + R"({"question": "Where?", "answer": "By the sea"})" + "\n" +
                           shared + "\n");
    writeBytes(retain, shared + "\n");

    const Outcome outcome = m_cli.call({"data", "check", "--model", kModel, "--forget", forget,
                                        "--retain", retain, "--max-length", "32", "--json"});
    QCOMPARE(outcome.code, 0);
    const Json report = outcome.line();
    const Json& set = report.at("sets").at(0);
    QCOMPARE(set.at("samples").get<int>(), 3);
    QCOMPARE(set.at("duplicates").at("exact").get<int>(), 1);
    QCOMPARE(set.at("truncated").get<int>(), 2);
    QCOMPARE(set.at("lengths").at("longest").get<int>(), 32);
    QCOMPARE(report.at("overlaps").at(0).at("exact").get<int>(), 2);
    QVERIFY(report.at("warning_count").get<int>() > 0);
}

void TestRecordCommands::dataCheckWritesTheTemplate()
{
    const TemporaryFolder folder;
    const std::string forget = folder.file("chats.jsonl").string();
    writeBytes(forget, R"({"messages": [{"role": "user", "content": "Who lit the lamp?"},)"
                       R"( {"role": "assistant", "content": "The keeper"}]})"
                       "\n");
    const auto check = [&](const std::string& id) {
        return m_cli.call(
            {"data", "check", "--model", kModel, "--forget", forget, "--template", id, "--json"});
    };
    const Outcome plain = check("question-answer");
    QVERIFY2(plain.code == 0, plain.err.c_str());
    const Outcome marked = check("chatml");
    QCOMPARE(marked.line().at("template").get<std::string>(), std::string("chatml"));
    QVERIFY(marked.line().at("sets").at(0).at("tokens").get<int>() >
            plain.line().at("sets").at(0).at("tokens").get<int>());
    // The small model has no chat template, and no template is called so.
    QCOMPARE(check("model").code, 3);
    QCOMPARE(check("chatlm").code, 3);
}

void TestRecordCommands::dataCheckFollowsARecipe()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("forget.jsonl"), "{\"text\": \"Once upon a time\"}\n");
    const std::string recipe = folder.file("recipe.json").string();
    const Json document = {{"lacuna", 1},
                           {"model", kModel},
                           {"forget", {{"path", "forget.jsonl"}}},
                           {"method", {{"id", "ga"}}},
                           {"training", {{"max_length", 64}}}};
    writeBytes(recipe, document.dump());

    const Outcome outcome = m_cli.call({"data", "check", recipe});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(outcome.out.find("forget  json-lines        1") != std::string::npos);
    QVERIFY(outcome.out.find("Lengths of forget in tokens: 5 to 5") != std::string::npos);

    writeBytes(recipe, "{\"lacuna\": 1, \"modle\": \"x\"}");
    const Outcome bad = m_cli.call({"data", "check", recipe});
    QCOMPARE(bad.code, 3);
    QVERIFY(bad.err.find("recipe.json") != std::string::npos);
}

void TestRecordCommands::dataCheckReadsCorporaAsTheRunDoes()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("book.txt"), "one two three four five six seven eight");
    writeBytes(folder.file("facts.jsonl"), R"({"question": "Who?", "answer": "Ada"})");
    const std::string recipe = folder.file("recipe.json").string();
    Json document = {
        {"lacuna", 1},
        {"model", kModel},
        {"forget", {{"path", "book.txt"}, {"prompt_words", 2}, {"answer_words", 2}}},
        {"utility", Json::array({"facts.jsonl"})},
        {"earlier",
         Json::array({Json{{"path", "book.txt"}, {"prompt_words", 1}, {"answer_words", 1}}})},
        {"method", {{"id", "ga"}}}};
    writeBytes(recipe, document.dump());
    const Outcome outcome = m_cli.call({"data", "check", recipe, "--json"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    std::map<std::string, int> samples;
    const Json report = outcome.line();
    for (const Json& set : report.at("sets"))
        samples[set.at("set").get<std::string>()] = set.at("samples").get<int>();
    QVERIFY(
        (samples == std::map<std::string, int>{{"forget", 2}, {"utility-1", 1}, {"earlier-1", 4}}));

    document["forget"]["prompt_words"] = 200;
    writeBytes(recipe, document.dump());
    const Outcome tooLong = m_cli.call({"data", "check", recipe});
    QCOMPARE(tooLong.code, 3);
    QVERIFY2(tooLong.out.find("as many words as one passage") != std::string::npos,
             tooLong.out.c_str());
}

void TestRecordCommands::dataCheckNamesEveryProblem()
{
    const TemporaryFolder folder;
    const std::string forget = folder.file("forget.jsonl").string();
    writeBytes(forget, "{\"question\": \"Who?\", \"answer\": \"Ada\"}\n"
                       "{\"question\": \"Who?\"}\n"
                       "{\"question\": \"Wh");

    const Outcome outcome =
        m_cli.call({"data", "check", "--forget", forget, "--retain", "/nowhere.jsonl"});

    QCOMPARE(outcome.code, 3);
    for (const char* place : {"forget.jsonl:2, field \"answer\"", "forget.jsonl:3", "/nowhere"})
        QVERIFY2(outcome.out.find(place) != std::string::npos, outcome.out.c_str());
    QVERIFY(outcome.err.find("3 errors") != std::string::npos);
}

void TestRecordCommands::dataCheckCountsPreferencePairs()
{
    const TemporaryFolder folder;
    const std::string pairs = folder.file("pairs.jsonl").string();
    writeBytes(pairs, R"({"prompt": "Who?", "chosen": "Nobody", "rejected": "Ada"})");
    const Outcome outcome = m_cli.call({"data", "check", "--forget", pairs});
    QCOMPARE(outcome.code, 0);
    QVERIFY(outcome.out.find("1 of the 1 samples of forget are preference pairs") !=
            std::string::npos);
    const Json json = m_cli.call({"data", "check", "--forget", pairs, "--json"}).line();
    QCOMPARE(json["sets"][0]["preference_pairs"].get<int>(), 1);
    // A run would keep what they reject.
    QCOMPARE(m_cli.call({"data", "check", "--forget", pairs, "--retain", pairs}).code, 3);
}

void TestRecordCommands::dataCheckWantsOneWayOfNamingData()
{
    QCOMPARE(m_cli.call({"data", "check", "recipe.json", "--forget", "a"}).code, 2);
}

void TestRecordCommands::registriesListTheirEntries_data()
{
    QTest::addColumn<std::string>("command");
    QTest::addColumn<std::vector<std::string>>("known");

    QTest::newRow("methods, with their retain terms")
        << std::string("methods") << std::vector<std::string>{"grad-diff", "kl"};
    QTest::newRow("controls") << std::string("controls")
                              << std::vector<std::string>{"divergence-guard"};
    QTest::newRow("metrics, with their summaries")
        << std::string("metrics") << std::vector<std::string>{"rouge-l", "forget-quality"};
    QTest::newRow("families") << std::string("families") << std::vector<std::string>{"llama"};
    QTest::newRow("formats") << std::string("formats")
                             << std::vector<std::string>{"json-lines", "chatml", "model"};
}

void TestRecordCommands::registriesListTheirEntries()
{
    QFETCH(std::string, command);
    QFETCH(std::vector<std::string>, known);

    const Outcome outcome = m_cli.call({command, "--json"});

    QCOMPARE(outcome.code, 0);
    std::set<std::string> ids;
    for (const Json& line : outcome.lines()) {
        ids.insert(line.at("id").get<std::string>());
        QVERIFY(line.at("params").is_array());
        QVERIFY(!line.at("title").get<std::string>().empty());
    }
    for (const std::string& id : known)
        QVERIFY2(ids.contains(id), id.c_str());
}

void TestRecordCommands::registriesReadAsText()
{
    const Outcome outcome = m_cli.call({"methods"});
    QCOMPARE(outcome.code, 0);
    for (const char* part :
         {"npo: Negative preference optimisation\n", "arXiv:2404.05868",
          "    beta\n        number, default 0.1, 0.0001 to 10", "\nRetain terms:\n\nnll: "})
        QVERIFY2(outcome.out.find(part) != std::string::npos, part);
}

void TestRecordCommands::historyThatIsNotThereIsNoFailure()
{
    const Outcome outcome = m_cli.call({"history", "list"});
    QCOMPARE(outcome.code, 0);
    QVERIFY(outcome.out.empty());
    QVERIFY(outcome.err.find((m_cli.home() / "lacuna" / "history.sqlite").string()) !=
            std::string::npos);
    QVERIFY(!fs::exists(m_cli.home() / "lacuna")); // looking makes nothing
}

void TestRecordCommands::historyListsAndFilters()
{
    Store open = store();
    recordRun(open, "first", 5, {});
    const Run second = recordRun(open, "second", 6, {});

    const std::vector<Json> lines = history({"list", "--json", "--limit", "1"}).lines();
    QCOMPARE(lines.size(), std::size_t(1));
    QCOMPARE(lines[0].at("uid").get<std::string>(), second.uid);

    const Outcome table = history({"list", "--state", "done", "--text", "second"});
    QCOMPARE(table.code, 0);
    QVERIFY(table.out.find(second.uid) != std::string::npos);
    QVERIFY(table.out.find("first") == std::string::npos);
}

void TestRecordCommands::historyShowsARun()
{
    Store open = store();
    const Run run = recordRun(open, "shown", 5.5, {});

    const Outcome text = history({"show", "shown"});

    QCOMPARE(text.code, 0);
    for (const char* part : {"all steps made", "\"id\": \"npo\"", "lunch", "Ada",
                             "forget  nll       1.25     5.5   +4.25       20", "/models/new"})
        QVERIFY2(text.out.find(part) != std::string::npos, part);
    QVERIFY(text.out.find('\x1b') == std::string::npos);
    QVERIFY(text.out.find("Nobody\\x1b[31m") != std::string::npos);

    const Json json = history({"show", run.uid, "--json"}).line();
    QCOMPARE(json.at("run").at("uid").get<std::string>(), run.uid);
    QCOMPARE(json.at("answers").size(), std::size_t(2));
}

void TestRecordCommands::historyComparesRuns()
{
    Store open = store();
    const Run one = recordRun(open, "one", 5, {});
    const Run two = recordRun(open, "two", 6, {});

    const Json line = history({"compare", one.uid, two.uid, "--json"}).line();
    QCOMPARE(line.at("metric").get<std::string>(), "nll");
    QCOMPARE(line.at("values").at(one.uid).get<double>(), 5.0);
    QCOMPARE(line.at("values").at(two.uid).get<double>(), 6.0);
}

void TestRecordCommands::historyExportsARun()
{
    Store open = store();
    const Run run = recordRun(open, "exported", 5, {});
    const std::string csv = m_folder.file("curves.csv").string();
    const fs::path folder = m_folder.file("exports");

    QCOMPARE(history({"export", run.uid, "--out", csv}).code, 0);
    QCOMPARE(fileBytes(csv), std::string("step,loss\n0,2.5\n20,0.5\n"));

    QCOMPARE(history({"export", run.uid, "--out", folder.string() + "/"}).code, 0);
    const Json json = readJsonFile(folder / (run.uid + ".json")).value();
    QCOMPARE(json.at("series").at("loss").at("steps").dump(), "[0,20]");
}

void TestRecordCommands::historyTagsAndNotes()
{
    Store open = store();
    const Run run = recordRun(open, "tagged", 5, {});

    QCOMPARE(history({"tag", run.uid, "keep", "for later"}).code, 0);
    QCOMPARE(history({"tag", run.uid, "keep", "--remove"}).code, 0);
    QCOMPARE(history({"note", run.uid, "look again"}).code, 0);

    const Run now = open.run(run.id).value();
    QCOMPARE(join(now.tags, ","), "for later");
    QCOMPARE(now.note, "look again");
}

void TestRecordCommands::historyDeletesARun()
{
    Store open = store();
    const fs::path strange = m_folder.file("strange");
    fs::create_directory(strange);
    const Run elsewhere = recordRun(open, "elsewhere", 5, strange);
    const Run own = recordRun(open, "own", 5, {});
    const fs::path folder = m_folder.file("2026-" + own.uid);
    fs::create_directory(folder);
    open.setFolder(own.id, folder.string()).value();
    const Run busy = open.createRun({.name = "busy", .recipe = "{}"}).value();
    QVERIFY(open.claim(busy.id, QCoreApplication::applicationPid()).value());

    QCOMPARE(history({"delete", own.uid, "--files"}).code, 0);
    QVERIFY(!fs::exists(folder));
    QVERIFY(!open.run(own.id));

    // The path of a folder is a text in a file: one that is not named after the run stays.
    QCOMPARE(history({"delete", elsewhere.uid, "--files"}).code, 3);
    QVERIFY(fs::exists(strange));
    QVERIFY(!open.run(elsewhere.id));

    QCOMPARE(history({"delete", busy.uid}).code, 3);
    QVERIFY(open.run(busy.id));
}

void TestRecordCommands::historyRefuses()
{
    QCOMPARE(m_cli.call({"history", "list", "--store", "/nowhere.sqlite"}).code, 3);
    static_cast<void>(store());
    const Outcome outcome = history({"show", "nobody"});
    QCOMPARE(outcome.code, 3);
    QVERIFY(outcome.err.find("there is no run \"nobody\"") != std::string::npos);
}

LACUNA_TEST_MAIN(TestRecordCommands)
#include "tst_record_commands.moc"
