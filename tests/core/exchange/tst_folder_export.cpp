#include "core/exchange/folder_export.h"
#include "core/exchange/folder_facts.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"

#include <QtTest>

#include <algorithm>
#include <set>

using namespace lacuna;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

const fs::path kStories = TEST_DATA_DIR "/models/stories260K";

Result<FolderExportReport> exported(const FolderExport& what)
{
    Progress progress;
    return exportFolder(what, progress);
}

std::set<std::string> namesIn(const fs::path& folder)
{
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.insert(entry.path().filename().string());
    return names;
}

bool sameFiles(const fs::path& one, const fs::path& other)
{
    if (namesIn(one) != namesIn(other))
        return false;
    return std::ranges::all_of(namesIn(one), [&](const std::string& name) {
        return fileBytes(one / name) == fileBytes(other / name);
    });
}

ModelCardFacts someCard()
{
    return {.title = "a | b",
            .baseModel = "org/model: \"x\"",
            .license = "mit",
            .method = "NPO (Zhang et al. 2024)",
            .facts = {{"seed", "42"}},
            .corpora = {{"forget", "forget.json", "abc"}, {"retain", "retain.json", ""}},
            .metrics = {{"forget", "probability", 0.5, 0.25}, {"retain", "rouge", 1.0, {}}},
            .limits = {"Only measured on <one> set."}};
}

} // namespace

class TestFolderExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSecondExportGivesTheSameBytes_data();
    void aSecondExportGivesTheSameBytes();
    void shardsHoldWhatTheIndexSays();
    void theShardingOfTheSourceDoesNotMatter();
    void aTensorLargerThanAShardHasItsOwn();
    void theTypeIsConvertedAndNamed_data();
    void theTypeIsConvertedAndNamed();
    void integersKeepTheirType();
    void aTiedHeadIsStoredOnce_data();
    void aTiedHeadIsStoredOnce();
    void papersAreCopiedAsTheyAre();
    void theLicenceOfTheOriginalGoesAlong();
    void theCardSaysWhatItWasTold();
    void theCardOfAnEmptyRunIsWhole();

    void whatCannotBeExportedIsNamed_data();
    void whatCannotBeExportedIsNamed();
    void aCancelledExportLeavesNothing_data();
    void aCancelledExportLeavesNothing();
    void leftoversOfAKilledExportAreNoHindrance();
};

void TestFolderExport::aSecondExportGivesTheSameBytes_data()
{
    QTest::addColumn<QString>("folder");
    QTest::newRow("stories") << shown(kStories.string());
    QTest::newRow("stories in shards") << TEST_DATA_DIR "/models/stories260K-bf16-sharded";
    const fs::path fixtures = SHARED_DIR "/fixtures/hf-parity";
    std::error_code absent;
    for (fs::directory_iterator entry(fixtures, absent), end; !absent && entry != end; ++entry)
        if (entry->is_directory())
            QTest::newRow(entry->path().filename().c_str()) << shown(entry->path().string());
}

void TestFolderExport::aSecondExportGivesTheSameBytes()
{
    QFETCH(QString, folder);
    const fs::path source = folder.toStdString();
    for (const std::uint64_t shardBytes : {std::uint64_t{5'000'000'000}, std::uint64_t{40'000}})
        for (const std::optional<ElementType> type :
             {std::optional<ElementType>(), std::optional(ElementType::BF16)}) {
            const TemporaryFolder out;
            const auto once = exported({.source = source,
                                        .target = out.file("once"),
                                        .type = type,
                                        .shardBytes = shardBytes});
            QVERIFY2(once, once ? "" : once.error().text().c_str());
            QCOMPARE(once->files > 1, shardBytes == 40'000);
            exported({.source = out.file("once"),
                      .target = out.file("twice"),
                      .type = type,
                      .shardBytes = shardBytes})
                .value();
            QVERIFY(sameFiles(out.file("once"), out.file("twice")));
        }
}

void TestFolderExport::shardsHoldWhatTheIndexSays()
{
    const TemporaryFolder folder;
    const auto report =
        exported({.source = kStories, .target = folder.file("m"), .shardBytes = 300'000}).value();
    QCOMPARE(report.files, std::uint64_t{4});
    QVERIFY(fs::exists(folder.file("m") / "model-00001-of-00004.safetensors"));
    QVERIFY(!fs::exists(folder.file("m") / "model.safetensors"));
    const Json index = readJsonFile(folder.file("m") / "model.safetensors.index.json").value();
    QCOMPARE(index["metadata"]["total_size"].get<std::uint64_t>(), report.bytes);
    QCOMPARE(index["weight_map"].size(), report.tensors);
    for (const auto& [name, file] : index["weight_map"].items()) {
        const auto shard =
            SafetensorsFile::open(folder.file("m") / file.get<std::string>()).value();
        QVERIFY(shard.find(name));
        QVERIFY(shard.metadata().at("format") == "pt");
        std::size_t size = 0;
        for (const TensorEntry& tensor : shard.tensors())
            size += tensor.bytes.size();
        QVERIFY(size <= 300'000);
    }
}

void TestFolderExport::theShardingOfTheSourceDoesNotMatter()
{
    const TemporaryFolder folder;
    const fs::path sharded = TEST_DATA_DIR "/models/stories260K-bf16-sharded";
    exported({.source = sharded, .target = folder.file("a")}).value();
    exported({.source = kStories, .target = folder.file("b"), .type = ElementType::BF16}).value();
    QVERIFY(fileBytes(folder.file("a") / "model.safetensors") ==
            fileBytes(folder.file("b") / "model.safetensors"));
}

void TestFolderExport::aTensorLargerThanAShardHasItsOwn()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.write(folder.file("m"));
    const auto report =
        exported({.source = folder.file("m"), .target = folder.file("out"), .shardBytes = 1})
            .value();
    QCOMPARE(report.files, model.tensors.size());
    QCOMPARE(WeightFiles::open(folder.file("out")).value().names().size(), model.tensors.size());
}

void TestFolderExport::theTypeIsConvertedAndNamed_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("name");
    QTest::newRow("F32") << static_cast<int>(ElementType::F32) << "float32";
    QTest::newRow("F16") << static_cast<int>(ElementType::F16) << "float16";
    QTest::newRow("BF16") << static_cast<int>(ElementType::BF16) << "bfloat16";
}

void TestFolderExport::theTypeIsConvertedAndNamed()
{
    QFETCH(int, type);
    QFETCH(QString, name);
    const auto wanted = static_cast<ElementType>(type);
    const TemporaryFolder folder;
    exported({.source = kStories, .target = folder.file("m"), .type = wanted}).value();
    const WeightFiles source = WeightFiles::open(kStories).value();
    const WeightFiles weights = WeightFiles::open(folder.file("m")).value();
    QCOMPARE(weights.names(), source.names());
    for (const std::string& tensor : weights.names()) {
        const TensorEntry& entry = *weights.find(tensor);
        QCOMPARE(entry.type, wanted);
        std::vector<float> before(static_cast<std::size_t>(entry.elementCount()));
        std::vector<float> after(before.size());
        readFloats(ElementType::F32, source.find(tensor)->bytes, before);
        readFloats(wanted, entry.bytes, after);
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(std::fabs(before[i] - after[i]) <= std::fabs(before[i]) / 256 + 0x1p-25F);
    }
    const Json config = readJsonFile(folder.file("m") / "config.json").value();
    QCOMPARE(shown(config["torch_dtype"].get<std::string>()), name);
    QCOMPARE(config["hidden_size"].get<int>(), 64);
    QCOMPARE(fileBytes(folder.file("m") / "config.json") == fileBytes(kStories / "config.json"),
             wanted == ElementType::F32); // which it said before
}

void TestFolderExport::integersKeepTheirType()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.tensors.push_back({"model.position_ids", ElementType::I64, {3}});
    model.tensors.push_back({"model.mask", ElementType::Bool, {3}});
    model.write(folder.file("m"));
    exported({.source = folder.file("m"), .target = folder.file("out"), .type = ElementType::F16})
        .value();
    const WeightFiles weights = WeightFiles::open(folder.file("out")).value();
    QCOMPARE(weights.find("model.position_ids")->type, ElementType::I64);
    QCOMPARE(weights.find("model.mask")->type, ElementType::Bool);
    QCOMPARE(weights.find("lm_head.weight")->type, ElementType::F16);
}

void TestFolderExport::aTiedHeadIsStoredOnce_data()
{
    QTest::addColumn<QByteArray>("config"); // a merge patch
    QTest::addColumn<bool>("equal");        // the head is a copy of the table
    QTest::addColumn<bool>("kept");
    QTest::newRow("tied and equal")
        << QByteArray(R"({"tie_word_embeddings": true})") << true << false;
    QTest::newRow("tied, but different")
        << QByteArray(R"({"tie_word_embeddings": true})") << false << true;
    QTest::newRow("not tied, though equal")
        << QByteArray(R"({"tie_word_embeddings": false})") << true << true;
    QTest::newRow("not said, in a family that is not") << QByteArray("{}") << true << true;
    QTest::newRow("not said, in a family that is")
        << QByteArray(R"({"model_type": "gemma"})") << true << false;
    QTest::newRow("a family that nobody knows")
        << QByteArray(R"({"model_type": "new", "tie_word_embeddings": true})") << true << false;
}

void TestFolderExport::aTiedHeadIsStoredOnce()
{
    QFETCH(QByteArray, config);
    QFETCH(bool, equal);
    QFETCH(bool, kept);
    const TemporaryFolder folder;
    ModelFolder model;
    model.config.merge_patch(Json::parse(config.toStdString()));
    model.write(folder.file("m"));
    if (equal) {
        std::string bytes = fileBytes(folder.file("m") / "model.safetensors");
        const WeightFiles weights = WeightFiles::open(folder.file("m")).value();
        const auto table = weights.find("model.embed_tokens.weight")->bytes;
        bytes.replace(bytes.size() - table.size(), table.size(),
                      reinterpret_cast<const char*>(table.data()), table.size());
        writeBytes(folder.file("m") / "model.safetensors", bytes);
    }
    exported({.source = folder.file("m"), .target = folder.file("out")}).value();
    QCOMPARE(WeightFiles::open(folder.file("out")).value().find("lm_head.weight") != nullptr, kept);
}

void TestFolderExport::papersAreCopiedAsTheyAre()
{
    const TemporaryFolder folder;
    const fs::path model = copied(kStories, folder.file("m"));
    writeBytes(model / "README.md", "---\nlicense: mit\n---\n");
    writeBytes(model / "LICENSE", "MIT\r\n");
    writeBytes(model / "chat_template.jinja", "{{ messages }}");
    writeBytes(model / "training_args.bin", "a pickle");
    exported({.source = model, .target = folder.file("out")}).value();
    std::set<std::string> expected = namesIn(model);
    expected.erase("training_args.bin");
    QCOMPARE(namesIn(folder.file("out")), expected);
    for (const std::string& name : expected)
        if (!name.ends_with(".safetensors"))
            QVERIFY(fileBytes(folder.file("out") / name) == fileBytes(model / name));
}

void TestFolderExport::theLicenceOfTheOriginalGoesAlong()
{
    const TemporaryFolder folder;
    const fs::path model = copied(kStories, folder.file("m"));
    const fs::path original = copied(kStories, folder.file("original"));
    writeBytes(model / "NOTICE", "mine");
    writeBytes(original / "NOTICE", "theirs");
    writeBytes(original / "LICENSE", "MIT");
    exported({.source = model, .target = folder.file("out"), .licences = original}).value();
    QVERIFY(fileBytes(folder.file("out") / "NOTICE") == "mine");
    QVERIFY(fileBytes(folder.file("out") / "LICENSE") == "MIT");
}

void TestFolderExport::theCardSaysWhatItWasTold()
{
    const TemporaryFolder folder;
    exported({.source = kStories, .target = folder.file("m"), .card = someCard()}).value();
    const QString card = shown(fileBytes(folder.file("m") / "README.md"));
    QVERIFY(card.startsWith(u"---\nlicense: \"mit\"\nbase_model: \"org/model: \\\"x\\\"\"\n"
                            "library_name: transformers\n"));
    for (const char* part :
         {"tags:\n- machine-unlearning", "# a \\| b", "- method: NPO (Zhang et al. 2024)",
          "- seed: 42", "| forget | forget.json | abc |", "| retain | retain.json | not recorded |",
          "| forget | probability | 0.5 | 0.25 |", "| retain | rouge | 1 | not measured |",
          "- Only measured on \\<one> set."})
        QVERIFY2(card.contains(QString::fromUtf8(part)), part);
    const FolderFacts facts = folderFacts(folder.file("m"));
    QCOMPARE(shown(facts.license), u"mit"_s);
}

void TestFolderExport::theCardOfAnEmptyRunIsWhole()
{
    const QString card = shown(modelCardText({.title = "x"}));
    QVERIFY(card.startsWith(u"---\nlibrary_name: transformers\n"));
    QVERIFY(card.contains(u"## Limits"));
    QVERIFY(!card.contains(u"## Corpora"));
    QVERIFY(!card.contains(u"## Measured"));
}

void TestFolderExport::whatCannotBeExportedIsNamed_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* what, ErrorCode code, const char* text) {
        QTest::newRow(what) << what << static_cast<int>(code) << text;
    };
    row("the target is not empty", ErrorCode::InvalidArgument, "there already");
    row("the target is a file", ErrorCode::InvalidArgument, "there already");
    row("the target is the source", ErrorCode::InvalidArgument, "there already");
    row("there is no config", ErrorCode::NotFound, "config.json");
    row("the config is a list", ErrorCode::Corrupt, "config.json");
    row("there are no weights", ErrorCode::NotFound, "no model.safetensors");
    row("a number is too large", ErrorCode::InvalidArgument, "too large for F16");
}

void TestFolderExport::whatCannotBeExportedIsNamed()
{
    QFETCH(QString, what);
    QFETCH(int, code);
    QFETCH(QString, text);
    const TemporaryFolder folder;
    const fs::path source = folder.file("m");
    fs::path target = folder.file("out");
    ModelFolder().write(source);
    if (what == u"the target is not empty") {
        fs::create_directories(target);
        writeBytes(target / "mine", "x");
    } else if (what == u"the target is a file") {
        writeBytes(target, "x");
    } else if (what == u"the target is the source") {
        target = source;
    } else if (what == u"there is no config") {
        fs::remove(source / "config.json");
    } else if (what == u"the config is a list") {
        writeBytes(source / "config.json", "[]");
    } else if (what == u"there are no weights") {
        fs::remove(source / "model.safetensors");
    } else {
        std::string bytes = fileBytes(source / "model.safetensors");
        bytes[bytes.size() - 1] = '\x7E'; // the last float32 becomes about 1e38
        writeBytes(source / "model.safetensors", bytes);
    }
    const std::set<std::string> before = namesIn(folder.file(""));

    const auto report = exported({.source = source, .target = target, .type = ElementType::F16});

    QVERIFY(!report);
    QCOMPARE(static_cast<int>(report.error().code), code);
    QVERIFY2(shown(report.error().text()).contains(text), report.error().text().c_str());
    QCOMPARE(namesIn(folder.file("")), before);
}

void TestFolderExport::aCancelledExportLeavesNothing_data()
{
    QTest::addColumn<QString>("during");
    QTest::newRow("while it writes") << "writing";
    QTest::newRow("while it compares") << "comparing";
}

void TestFolderExport::aCancelledExportLeavesNothing()
{
    QFETCH(QString, during);
    const TemporaryFolder folder;
    std::stop_source stop;
    Progress progress(stop.get_token(),
                      [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
                          if (shown(what) == during && done > total / 2)
                              stop.request_stop();
                      });
    const FolderExport what{.source = kStories, .target = folder.file("m"), .shardBytes = 100'000};
    QCOMPARE(exportFolder(what, progress).value().ending, Ending::Cancelled);
    QVERIFY(namesIn(folder.file("")).empty());
}

void TestFolderExport::leftoversOfAKilledExportAreNoHindrance()
{
    const TemporaryFolder folder;
    fs::create_directories(folder.file("m.partial") / "inside");
    fs::create_directories(folder.file("m"));
    exported({.source = kStories, .target = folder.file("m/")}).value();
    QVERIFY(fs::exists(folder.file("m") / "model.safetensors"));
    QVERIFY(!fs::exists(folder.file("m") / "inside"));
    QCOMPARE(namesIn(folder.file("")), std::set<std::string>{"m"});
}

QTEST_GUILESS_MAIN(TestFolderExport)
#include "tst_folder_export.moc"
