#include "core/exchange/gguf.h"
#include "core/models/weight_files.h"
#include "core/store/store.h"
#include "tests/app/cli/lacuna_cli.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/model_folders.h"
#include "tests/support/test_main.h"

using namespace lacuna;
namespace fs = std::filesystem;

namespace {

const std::string kStories = TEST_DATA_DIR "/models/stories260K";
const std::string kSharded = TEST_DATA_DIR "/models/stories260K-bf16-sharded";

/// A history with one run that went from the stories to their rounded form.
fs::path historyOf(const TemporaryFolder& folder, RunState state)
{
    const fs::path path = folder.file("history.sqlite");
    Store store = Store::open(path, OpenMode::CreateIfMissing).value();
    Run run{.name = "forget the park",
            .recipe = "{}",
            .method = "npo",
            .seed = 7,
            .programVersion = "0.1"};
    run.model = {.path = kStories};
    run.forget = {.path = "/home/someone/forget.json", .sha256 = "abc123"};
    run = store.createRun(run).value();
    const Evaluation before{.phase = EvaluationPhase::Before,
                            .set = "forget",
                            .metric = "probability",
                            .value = 0.5,
                            .count = 3};
    Evaluation after = before;
    after.phase = EvaluationPhase::After;
    after.value = 0.125;
    store.addEvaluations(run.id, std::vector{before, after}).value();
    if (state == RunState::Done)
        store.addArtefact(run.id, {.kind = "model", .path = kSharded}).value();
    store.endRun(run.id, {.state = state}).value();
    return path;
}

} // namespace

/// export and restore, as a shell runs them.
class TestExchangeCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFolderIsExportedInAnotherType();
    void aGgufIsNamedAfterModelAndType();
    void aRunIsExportedWithACard();
    void aRunWithoutAModelIsRefused();
    void aDeltaOfARunStartsFromItsOriginal();
    void anAdapterIsExportedByItself();
    void whatDoesNotGoTogetherIsRefused_data();
    void whatDoesNotGoTogetherIsRefused();
    void badInputIsNamed_data();
    void badInputIsNamed();

private:
    LacunaCli m_cli;
};

void TestExchangeCommands::aFolderIsExportedInAnotherType()
{
    const TemporaryFolder folder;
    const std::string out = folder.file("out").string();
    const Outcome outcome = m_cli.call(
        {"export", kStories, "--out", out, "--dtype", "bfloat16", "--shard-size", "200KB"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(outcome.line()["format"] == "safetensors");
    QVERIFY(outcome.line()["files"] == 3);
    QVERIFY(outcome.line()["tensors"] == 47);
    QVERIFY(outcome.err.find("writing") != std::string::npos);
    const WeightFiles weights = WeightFiles::open(out).value();
    QCOMPARE(weights.find("model.norm.weight")->type, ElementType::BF16);

    QCOMPARE(m_cli.call({"export", kStories, "--out", out}).code, 3); // there already
}

void TestExchangeCommands::aGgufIsNamedAfterModelAndType()
{
    const TemporaryFolder folder;
    const Outcome outcome = m_cli.call({"export", kStories, "--out", folder.file("g").string(),
                                        "--format", "gguf", "--dtype", "q8_0"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const fs::path file = folder.file("g") / "stories260K-Q8_0.gguf";
    QVERIFY(outcome.line()["file"] == file.string());
    QCOMPARE(GgufFile::open(file).value().content().tensors.size(), std::size_t{47});
}

void TestExchangeCommands::aRunIsExportedWithACard()
{
    const TemporaryFolder folder;
    const std::string store = historyOf(folder, RunState::Done).string();
    const std::string out = folder.file("out").string();
    const Outcome outcome =
        m_cli.call({"export", "forget the park", "--store", store, "--out", out});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const std::string card = fileBytes(folder.file("out") / "README.md");
    for (const char* part :
         {"base_model: \"stories260K\"", "# forget the park", "- method: npo", "- seed: 7",
          "| forget | forget.json | abc123 |", "| forget | probability | 0.5 | 0.125 |"})
        QVERIFY2(card.find(part) != std::string::npos, part);
    QVERIFY(card.find("/home/someone") == std::string::npos);

    const Outcome gguf = m_cli.call(
        {"export", "forget the park", "--store", store, "--out", out, "--format", "gguf"});
    QVERIFY2(gguf.code == 0, gguf.err.c_str());
    const GgufFile file = GgufFile::open(folder.file("out") / "forget-the-park.gguf").value();
    QVERIFY(*file.content().value("general.name")->text() == "forget the park");
    QVERIFY(*file.content().value("general.base_model.0.name")->text() == "stories260K");
}

void TestExchangeCommands::aRunWithoutAModelIsRefused()
{
    const TemporaryFolder folder;
    const std::string store = historyOf(folder, RunState::Discarded).string();
    const Outcome outcome = m_cli.call(
        {"export", "forget the park", "--store", store, "--out", folder.file("out").string()});
    QCOMPARE(outcome.code, 3);
    QVERIFY(outcome.err.find("has left no model") != std::string::npos);
    QVERIFY(outcome.out.empty());
}

void TestExchangeCommands::aDeltaOfARunStartsFromItsOriginal()
{
    const TemporaryFolder folder;
    const std::string store = historyOf(folder, RunState::Done).string();
    const Outcome outcome = m_cli.call({"export", "forget the park", "--store", store, "--out",
                                        folder.file("d").string(), "--format", "delta"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    const std::string delta = (folder.file("d") / "model.lacdelta").string();
    QVERIFY(outcome.line()["file"] == delta);

    const Outcome back = m_cli.call(
        {"restore", delta, "--original", kStories, "--out", folder.file("back").string()});
    QCOMPARE(m_cli
                 .call({"restore", folder.file("d").string(), "--original", kStories, "--out",
                        folder.file("again").string()})
                 .code,
             0);
    QVERIFY2(back.code == 0, back.err.c_str());
    for (const auto& entry : fs::directory_iterator(kSharded))
        QVERIFY(fileBytes(entry.path()) ==
                fileBytes(folder.file("back") / entry.path().filename()));

    const Outcome other = m_cli.call(
        {"restore", delta, "--original", kSharded, "--out", folder.file("other").string()});
    QCOMPARE(other.code, 3);
    QVERIFY(other.err.find("another original") != std::string::npos);
}

void TestExchangeCommands::anAdapterIsExportedByItself()
{
    const TemporaryFolder folder;
    const std::string store = historyOf(folder, RunState::Done).string();
    const std::string out = folder.file("out").string();
    const Outcome none = m_cli.call(
        {"export", "forget the park", "--store", store, "--out", out, "--format", "adapter"});
    QCOMPARE(none.code, 3);
    QVERIFY(none.err.find("there is no adapter") != std::string::npos);

    const fs::path adapter = smallAdapter(folder.file("adapter"));
    const Outcome outcome =
        m_cli.call({"export", adapter.string(), "--out", out, "--format", "adapter"});
    QVERIFY2(outcome.code == 0, outcome.err.c_str());
    QVERIFY(outcome.line()["folder"] == out);
    QVERIFY(outcome.line()["tensors"] == 2);
    QCOMPARE(m_cli.call({"inspect", out}).code, 0);
}

void TestExchangeCommands::whatDoesNotGoTogetherIsRefused_data()
{
    QTest::addColumn<QStringList>("words");
    const auto row = [](const char* name, const QStringList& words) {
        QTest::newRow(name) << words;
    };
    row("a format that nobody knows", {QStringLiteral("--format"), QStringLiteral("onnx")});
    row("a type that nobody knows", {QStringLiteral("--dtype"), QStringLiteral("int4")});
    row("q8_0 in safetensors", {QStringLiteral("--dtype"), QStringLiteral("q8_0")});
    row("a size without a number", {QStringLiteral("--shard-size"), QStringLiteral("GB")});
    row("a size of nothing", {QStringLiteral("--shard-size"), QStringLiteral("0")});
    row("a negative size", {QStringLiteral("--shard-size"), QStringLiteral("-5GB")});
    row("a size of another unit", {QStringLiteral("--shard-size"), QStringLiteral("5 parsecs")});
    row("shards of a GGUF", {QStringLiteral("--shard-size"), QStringLiteral("5GB"),
                             QStringLiteral("--format"), QStringLiteral("gguf")});
    row("a type of a delta", {QStringLiteral("--dtype"), QStringLiteral("float16"),
                              QStringLiteral("--format"), QStringLiteral("delta")});
    row("a delta of a folder from nothing", {QStringLiteral("--format"), QStringLiteral("delta")});
    row("an original of no delta", {QStringLiteral("--original"), QStringLiteral("x")});
}

void TestExchangeCommands::whatDoesNotGoTogetherIsRefused()
{
    QFETCH(QStringList, words);
    const TemporaryFolder folder;
    std::vector<std::string> all = {"export", kStories, "--out", folder.file("out").string()};
    for (const QString& word : words)
        all.push_back(word.toStdString());
    const Outcome outcome = m_cli.call(all);
    QCOMPARE(outcome.code, 2);
    QVERIFY(outcome.out.empty());
    QVERIFY(!fs::exists(folder.file("out")));
}

void TestExchangeCommands::badInputIsNamed_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("text");
    QTest::newRow("neither a folder nor a run") << "nothing"
                                                << "gguf"
                                                << "neither a model's folder";
    QTest::newRow("a folder without a model") << TEST_DATA_DIR << "gguf"
                                              << "config.json";
    QTest::newRow("a folder without weights") << TEST_DATA_DIR << "safetensors"
                                              << "config.json";
}

void TestExchangeCommands::badInputIsNamed()
{
    QFETCH(QString, model);
    QFETCH(QString, format);
    QFETCH(QString, text);
    const TemporaryFolder folder;
    const Outcome outcome =
        m_cli.call({"export", model.toStdString(), "--out", folder.file("out").string(), "--format",
                    format.toStdString()});
    QCOMPARE(outcome.code, 3);
    QVERIFY2(outcome.err.find(text.toStdString()) != std::string::npos, outcome.err.c_str());
}

LACUNA_TEST_MAIN(TestExchangeCommands)
#include "tst_exchange_commands.moc"
