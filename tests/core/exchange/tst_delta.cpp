#include "core/exchange/deflate.h"
#include "core/exchange/delta.h"
#include "core/exchange/delta_chunks.h"
#include "core/exchange/folder_export.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"

#include <QtTest>

#include <algorithm>
#include <cstring>
#include <set>

using namespace lacuna;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

const fs::path kStories = TEST_DATA_DIR "/models/stories260K";

std::set<std::string> namesIn(const fs::path& folder)
{
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.insert(entry.path().filename().string());
    return names;
}

bool sameFiles(const fs::path& one, const fs::path& other)
{
    return namesIn(one) == namesIn(other) &&
           std::ranges::all_of(namesIn(one), [&](const std::string& name) {
               return fileBytes(one / name) == fileBytes(other / name);
           });
}

Result<DeltaReport> made(const fs::path& original, const fs::path& result, const fs::path& delta)
{
    Progress progress;
    return writeDelta(original, result, delta, progress);
}

Result<DeltaReport> restored(const fs::path& delta, const fs::path& original, const fs::path& out)
{
    Progress progress;
    return restoreDelta(delta, original, out, progress);
}

/// A copy of the stories whose tensors from the last \p bytes of the file on are a little
/// different.
fs::path changedStories(const fs::path& target, std::size_t bytes)
{
    copied(kStories, target);
    std::string file = fileBytes(target / "model.safetensors");
    for (std::size_t i = file.size() - bytes; i < file.size(); i += 4)
        file[i] = static_cast<char>(file[i] ^ 0x15);
    writeBytes(target / "model.safetensors", file);
    writeBytes(target / "README.md", "It forgot.");
    return target;
}

/// A delta by hand: chunks, then a description in which BEGIN and END stand for their place.
std::string deltaBytes(const std::string& chunks, std::string description)
{
    std::string out = "LACDELTA" + std::string("\1\0\0\0", 4) + chunks;
    const auto put = [&](const char* what, std::size_t value) {
        for (std::size_t at = 0; (at = description.find(what)) != std::string::npos;)
            description.replace(at, std::strlen(what), std::to_string(value));
    };
    put("BEGIN", 12);
    put("END", out.size());
    return out + description + deltaTail(description);
}

std::string chunk(const std::string& content)
{
    const std::vector<std::byte> stream = deflated(std::as_bytes(std::span(content)));
    std::string out;
    for (std::size_t i = 0; i < 4; ++i)
        out += static_cast<char>(stream.size() >> (8 * i) & 0xFF);
    return out.append(reinterpret_cast<const char*>(stream.data()), stream.size());
}

const std::string kHash(64, 'a');

std::string described(const std::string& tensors, const std::string& files)
{
    return R"({"original": ")" + kHash + R"(", "result": ")" + kHash + R"(", "tensors": [)" +
           tensors + R"(], "files": [)" + files + "]}";
}

std::string fileEntry(const std::string& name, const std::string& rest)
{
    return R"({"name": ")" + name + R"(", "sha256": ")" + kHash + "\"" + rest + "}";
}

} // namespace

class TestDelta : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRestoredFolderIsTheSame_data();
    void aRestoredFolderIsTheSame();
    void whatDidNotChangeCostsNothing();
    void aChangeOfTypeIsRestored_data();
    void aChangeOfTypeIsRestored();
    void theShardingOfTheOriginalDoesNotMatter();
    void tensorsLargerThanAChunkAreWhole();
    void planesComeBack();
    void streamsComeBack();

    void anotherOriginalIsRefused();
    void otherTensorsAreRefused_data();
    void otherTensorsAreRefused();
    void aDeltaCutAnywhereIsRefused();
    void anyChangedByteIsNoticed();
    void aHostileDeltaIsNamed_data();
    void aHostileDeltaIsNamed();
    void aHostileChunkIsNamed_data();
    void aHostileChunkIsNamed();
    void aCancelledDeltaLeavesNothing_data();
    void aCancelledDeltaLeavesNothing();
    void aCancelledRestoreLeavesNothing();
};

void TestDelta::aRestoredFolderIsTheSame_data()
{
    QTest::addColumn<int>("shardBytes");
    QTest::newRow("one file") << 2'000'000'000;
    QTest::newRow("shards") << 200'000;
}

void TestDelta::aRestoredFolderIsTheSame()
{
    QFETCH(int, shardBytes);
    const TemporaryFolder folder;
    changedStories(folder.file("changed"), 100'000);
    Progress progress;
    exportFolder({.source = folder.file("changed"),
                  .target = folder.file("result"),
                  .shardBytes = static_cast<std::uint64_t>(shardBytes)},
                 progress)
        .value();

    const auto written = made(kStories, folder.file("result"), folder.file("d"));
    QVERIFY2(written, written ? "" : written.error().text().c_str());
    QCOMPARE(written->tensors, std::uint64_t{47});
    QVERIFY(written->changed > 0 && written->changed < 20);
    QCOMPARE(written->bytes, fs::file_size(folder.file("d")));
    QVERIFY(written->bytes < 100'000);

    const auto back = restored(folder.file("d"), kStories, folder.file("back"));
    QVERIFY2(back, back ? "" : back.error().text().c_str());
    QCOMPARE(back->changed, written->changed);
    QVERIFY(sameFiles(folder.file("result"), folder.file("back")));
}

void TestDelta::whatDidNotChangeCostsNothing()
{
    const TemporaryFolder folder;
    const auto report =
        made(kStories, copied(kStories, folder.file("m")), folder.file("d")).value();
    QCOMPARE(report.changed, std::uint64_t{0});
    QVERIFY(report.bytes < 12'000); // the description and the head of the weights
    restored(folder.file("d"), kStories, folder.file("back")).value();
    QVERIFY(sameFiles(folder.file("m"), folder.file("back")));
}

void TestDelta::aChangeOfTypeIsRestored_data()
{
    QTest::addColumn<QString>("original");
    QTest::addColumn<QString>("result");
    const QString wide = shown(kStories.string());
    const QString narrow = shown(TEST_DATA_DIR "/models/stories260K-bf16-sharded");
    QTest::newRow("float32 to bfloat16") << wide << narrow;
    QTest::newRow("bfloat16 to float32") << narrow << wide;
}

void TestDelta::aChangeOfTypeIsRestored()
{
    QFETCH(QString, original);
    QFETCH(QString, result);
    const TemporaryFolder folder;
    copied(result.toStdString(), folder.file("m"));
    const auto report = made(original.toStdString(), folder.file("m"), folder.file("d")).value();
    // Rounding is the same on both sides, so that only what it lost is stored.
    QCOMPARE(report.changed == 0, original == shown(kStories.string()));
    restored(folder.file("d"), original.toStdString(), folder.file("back")).value();
    QVERIFY(sameFiles(folder.file("m"), folder.file("back")));
}

void TestDelta::theShardingOfTheOriginalDoesNotMatter()
{
    const TemporaryFolder folder;
    changedStories(folder.file("m"), 5000);
    Progress progress;
    exportFolder({.source = kStories, .target = folder.file("shards"), .shardBytes = 100'000},
                 progress)
        .value();
    made(kStories, folder.file("m"), folder.file("d")).value();
    restored(folder.file("d"), folder.file("shards"), folder.file("back")).value();
    QVERIFY(sameFiles(folder.file("m"), folder.file("back")));
}

void TestDelta::tensorsLargerThanAChunkAreWhole()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.tensors = {{"large", ElementType::F32, {3, 100'003}},
                     {"scalar", ElementType::F64, {}},
                     {"empty", ElementType::F16, {0, 4}},
                     {"mask", ElementType::Bool, {7}}};
    model.write(folder.file("a"));
    model.write(folder.file("b"));
    std::string bytes = fileBytes(folder.file("b") / "model.safetensors");
    bytes[bytes.size() - 40] ^= 1; // in the second of two chunks
    writeBytes(folder.file("b") / "model.safetensors", bytes);
    QCOMPARE(made(folder.file("a"), folder.file("b"), folder.file("d")).value().changed,
             std::uint64_t{1});
    restored(folder.file("d"), folder.file("a"), folder.file("back")).value();
    QVERIFY(sameFiles(folder.file("b"), folder.file("back")));
}

void TestDelta::planesComeBack()
{
    for (const std::size_t size : {1, 2, 4, 8}) {
        std::vector<std::byte> elements(24);
        for (std::size_t i = 0; i < elements.size(); ++i)
            elements[i] = static_cast<std::byte>(i);
        std::vector<std::byte> planes(24);
        std::vector<std::byte> back(24);
        splitPlanes(elements, size, planes);
        joinPlanes(planes, size, back);
        QVERIFY(elements == back);
        QCOMPARE(planes[1], static_cast<std::byte>(size));
    }
}

void TestDelta::streamsComeBack()
{
    std::string text(100'000, 'x');
    const std::vector<std::byte> stream = deflated(std::as_bytes(std::span(text)));
    std::string out(text.size(), ' ');
    const auto into = [](std::string& target) { return std::as_writable_bytes(std::span(target)); };
    QVERIFY(inflateInto(stream, into(out)));
    QVERIFY(out == text);
    std::string small(text.size() - 1, ' ');
    QVERIFY(!inflateInto(stream, into(small)));
    std::string large(text.size() + 1, ' ');
    QVERIFY(!inflateInto(stream, into(large)));
    QVERIFY(!inflateInto(std::span(stream).first(stream.size() - 1), into(out)));
    std::vector<std::byte> longer = stream;
    longer.push_back(std::byte{0});
    QVERIFY(!inflateInto(longer, into(out)));
}

void TestDelta::anotherOriginalIsRefused()
{
    const TemporaryFolder folder;
    changedStories(folder.file("m"), 5000);
    made(kStories, folder.file("m"), folder.file("d")).value();
    const auto back = restored(folder.file("d"), folder.file("m"), folder.file("back"));
    QCOMPARE(back.error().code, ErrorCode::InvalidArgument);
    QVERIFY(shown(back.error().message).contains(u"another original"));
    QVERIFY(!fs::exists(folder.file("back")));
    QVERIFY(!fs::exists(folder.file("back.partial")));
}

void TestDelta::otherTensorsAreRefused_data()
{
    QTest::addColumn<QString>("change");
    for (const char* change : {"one more", "one less", "another shape", "integers"})
        QTest::newRow(change) << change;
}

void TestDelta::otherTensorsAreRefused()
{
    QFETCH(QString, change);
    const TemporaryFolder folder;
    ModelFolder model;
    model.write(folder.file("a"));
    TensorPlace& norm = model.tensor("model.norm.weight");
    if (change == u"one more")
        model.tensors.push_back({"another", ElementType::F32, {2}});
    else if (change == u"one less")
        model.tensors.pop_back();
    else if (change == u"another shape")
        norm.shape = {2, 4};
    else
        norm.type = ElementType::I32;
    model.write(folder.file("b"));
    const auto report = made(folder.file("a"), folder.file("b"), folder.file("d"));
    QVERIFY(!report);
    QCOMPARE(report.error().code, ErrorCode::InvalidArgument);
    QVERIFY(shown(report.error().remedy).contains(u"same tensors"));
    QVERIFY(!fs::exists(folder.file("d")));
    QVERIFY(!fs::exists(folder.file("d.partial")));
}

void TestDelta::aDeltaCutAnywhereIsRefused()
{
    const TemporaryFolder folder;
    ModelFolder().write(folder.file("a"));
    made(folder.file("a"), folder.file("a"), folder.file("d")).value();
    const std::string whole = fileBytes(folder.file("d"));
    QVERIFY(readDelta(std::as_bytes(std::span(whole))));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto content = readDelta(std::as_bytes(std::span(whole).first(length)));
        QVERIFY(!content);
        QCOMPARE(content.error().code, ErrorCode::Corrupt);
    }
}

/// Either it is refused, or the folder is the right one: a changed byte of a description may be
/// a space.
void TestDelta::anyChangedByteIsNoticed()
{
    const TemporaryFolder folder;
    ModelFolder model;
    model.tensors = {{"w", ElementType::F32, {4}}};
    model.write(folder.file("a"));
    model.write(folder.file("b"));
    std::string bytes = fileBytes(folder.file("b") / "model.safetensors");
    bytes.back() ^= 3;
    writeBytes(folder.file("b") / "model.safetensors", bytes);
    made(folder.file("a"), folder.file("b"), folder.file("d")).value();
    const std::string whole = fileBytes(folder.file("d"));
    for (std::size_t i = 0; i < whole.size(); i += 3) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 0x20);
        writeBytes(folder.file("d"), changed);
        const auto back = restored(folder.file("d"), folder.file("a"), folder.file("back"));
        if (back)
            QVERIFY(fileBytes(folder.file("back") / "model.safetensors") == bytes);
        fs::remove_all(folder.file("back"));
        QVERIFY(!fs::exists(folder.file("back.partial")));
    }
}

void TestDelta::aHostileDeltaIsNamed_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("context");
    const auto row = [](const char* name, const std::string& file, const char* context) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << context;
    };
    const auto tensor = [&](const std::string& json) {
        return deltaBytes("", described(json, ""));
    };
    const auto file = [&](const std::string& name, const std::string& rest) {
        return deltaBytes(chunk("abc"), described("", fileEntry(name, rest)));
    };
    row("an empty file", "", "magic");
    row("another file", "GGUF0000000000000000000000000000", "magic");
    row("only the start", "LACDELTA" + std::string("\1\0\0\0", 4), "end");
    std::string late = deltaBytes("", "{}");
    late[8] = 2;
    row("a later version", late, "version");
    std::string endless = deltaBytes("", "{}");
    endless.replace(endless.size() - 16, 8, std::string(8, '\xFF'));
    row("a description of 2^64 - 1 bytes", endless, "description");
    row("no JSON", deltaBytes("", "hello"), "description:1");
    row("a list", deltaBytes("", "[]"), "original");
    row("no hash", deltaBytes("", R"({"original": "abc"})"), "original");
    row("no lists",
        deltaBytes("", R"({"original": ")" + kHash + R"(", "result": ")" + kHash + "\"}"),
        "tensors");

    row("a tensor that is a number", tensor("1"), "tensors[0]");
    row("a tensor of a type that nobody knows",
        tensor(R"({"name": "w", "dtype": "F7", "shape": []})"), "tensors[0].dtype");
    row("a negative extent", tensor(R"({"name": "w", "dtype": "F32", "shape": [-1]})"),
        "tensors[0].shape");
    row("a shape whose product overflows",
        tensor(R"({"name": "w", "dtype": "F32", "shape": [4294967296, 4294967296]})"),
        "tensors[0].shape");
    row("a tensor twice", tensor(R"({"name": "w", "dtype": "F32", "shape": []},
                                    {"name": "w", "dtype": "F32", "shape": []})"),
        "tensors[1]");
    row("chunks in the head",
        tensor(R"({"name": "w", "dtype": "F32", "shape": [], "data": [0, 12]})"),
        "tensors[0].data");
    row("chunks in the description",
        tensor(R"({"name": "w", "dtype": "F32", "shape": [], "data": [12, 60]})"),
        "tensors[0].data");
    row("chunks that end before they start",
        tensor(R"({"name": "w", "dtype": "F32", "shape": [], "data": [12, 11]})"),
        "tensors[0].data");
    row("2^60 bytes out of nothing",
        tensor(R"({"name": "w", "dtype": "U8", "shape": [1152921504606846976],
                   "data": [12, 12]})"),
        "tensors[0].data");

    for (const char* name :
         {"", "..", "../x", "/etc/passwd", "a/b", ".hidden", "a\\\\b", "a\\u0000b"})
        row(("a file named \"" + std::string(name) + "\"").c_str(),
            file(name, R"(, "bytes": 3, "data": [BEGIN, END])"), "files[0].name");
    row("a file twice",
        deltaBytes("", described("", fileEntry("a", R"(, "bytes": 0)") + "," +
                                         fileEntry("a", R"(, "bytes": 0)"))),
        "files[1].name");
    row("a file of a negative size", file("a", R"(, "bytes": -1)"), "files[0]");
    row("a file of 2^60 bytes",
        file("a", R"(, "bytes": 1152921504606846976, "data": [BEGIN, END])"), "files[0].data");
    row("weights without a head", file("a", R"(, "bytes": 3, "tensors": [])"), "files[0]");
    row("weights of a tensor that is not described",
        file("a", R"(, "bytes": 3, "data": [BEGIN, END], "tensors": ["w"])"), "files[0].tensors");
    row("weights of a number", file("a", R"(, "bytes": 3, "data": [BEGIN, END], "tensors": [7])"),
        "files[0].tensors");
    const std::string both = R"(, "bytes": 3, "data": [BEGIN, END], "tensors": ["w"])";
    row("a tensor in two files",
        deltaBytes(chunk("abc"), described(R"({"name": "w", "dtype": "F32", "shape": []})",
                                           fileEntry("a", both) + "," + fileEntry("b", both))),
        "files[1].tensors");
}

void TestDelta::aHostileDeltaIsNamed()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, context);
    const auto content = readDelta(
        std::as_bytes(std::span(file.constData(), static_cast<std::size_t>(file.size()))));
    QVERIFY(!content);
    QCOMPARE(shown(content.error().context), context);
    QVERIFY(content.error().code == ErrorCode::Corrupt ||
            content.error().code == ErrorCode::Unsupported);
}

void TestDelta::aHostileChunkIsNamed_data()
{
    QTest::addColumn<QByteArray>("chunks");
    QTest::addColumn<bool>("good");
    const auto row = [](const char* name, const std::string& chunks, bool good = false) {
        QTest::newRow(name) << QByteArray::fromStdString(chunks) << good;
    };
    const std::string right = chunk(std::string(16, 'x'));
    row("sixteen bytes", right, true);
    row("zeros", std::string(4, '\0'), true);
    row("nothing", "");
    row("half a length", std::string(3, '\0'));
    row("a length beyond the end", std::string("\xFF\xFF\xFF\xFF", 4));
    row("a cut stream", right.substr(0, right.size() - 1));
    row("too few bytes", chunk(std::string(15, 'x')));
    row("a bomb", chunk(std::string(10'000'000, '\0')));
    row("one chunk more", right + right);
    row("no stream", std::string("\4\0\0\0abcd", 8));
}

void TestDelta::aHostileChunkIsNamed()
{
    QFETCH(QByteArray, chunks);
    QFETCH(bool, good);
    const DeltaRange range{.chunks = std::as_bytes(std::span(
                               chunks.constData(), static_cast<std::size_t>(chunks.size()))),
                           .bytes = 16};
    std::size_t most = 0;
    const Status status = expandChunks(range, [&](std::uint64_t, std::span<const std::byte> bytes) {
        most = std::max(most, bytes.size());
        return Status();
    });
    QCOMPARE(static_cast<bool>(status), good);
    QVERIFY(most <= 16);
}

void TestDelta::aCancelledDeltaLeavesNothing_data()
{
    QTest::addColumn<QString>("during");
    for (const char* during : {"hashing", "writing", "comparing"})
        QTest::newRow(during) << during;
}

void TestDelta::aCancelledDeltaLeavesNothing()
{
    QFETCH(QString, during);
    const TemporaryFolder folder;
    changedStories(folder.file("m"), 5000);
    std::stop_source stop;
    Progress progress(stop.get_token(),
                      [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
                          if (shown(what) == during && done > total / 2)
                              stop.request_stop();
                      });
    const auto report = writeDelta(kStories, folder.file("m"), folder.file("d"), progress).value();
    QCOMPARE(report.ending, Ending::Cancelled);
    QCOMPARE(namesIn(folder.file("")), std::set<std::string>{"m"});
}

void TestDelta::aCancelledRestoreLeavesNothing()
{
    const TemporaryFolder folder;
    changedStories(folder.file("m"), 5000);
    made(kStories, folder.file("m"), folder.file("d")).value();
    for (const char* during : {"hashing", "restoring"}) {
        std::stop_source stop;
        Progress progress(stop.get_token(),
                          [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
                              if (what == during && done > total / 2)
                                  stop.request_stop();
                          });
        const auto report =
            restoreDelta(folder.file("d"), kStories, folder.file("back"), progress).value();
        QCOMPARE(report.ending, Ending::Cancelled);
        QCOMPARE(namesIn(folder.file("")), (std::set<std::string>{"d", "m"}));
    }
}

QTEST_GUILESS_MAIN(TestDelta)
#include "tst_delta.moc"
