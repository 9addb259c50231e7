#include "core/models/safetensors.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/safetensors_bytes.h"

#include <QtTest>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <numeric>

using namespace lacuna;

namespace {

/// 1, 2, 3, ... as bytes.
TensorToWrite counted(std::string name, std::vector<std::int64_t> shape, ElementType type)
{
    TensorToWrite tensor = zeros(std::move(name), std::move(shape), type);
    tensor.fill = [](std::span<std::byte> out) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>(i + 1);
    };
    return tensor;
}

std::string smallFile(const TemporaryFolder& folder)
{
    const auto path = folder.file("small.safetensors");
    writeSafetensors(
        path, {counted("first", {3}, ElementType::I16), counted("second", {2, 2}, ElementType::U8)},
        {{"format", "pt"}})
        .value();
    return fileBytes(path);
}

Result<SafetensorsFile> openBytes(const TemporaryFolder& folder, const std::string& bytes)
{
    const auto path = folder.file("broken.safetensors");
    writeBytes(path, bytes);
    return SafetensorsFile::open(path);
}

bool insideOf(std::span<const std::byte> part, const SafetensorsFile& file)
{
    const auto size = std::filesystem::file_size(file.path());
    std::size_t sum = 0;
    for (const TensorEntry& tensor : file.tensors())
        sum += tensor.bytes.size();
    // Without holes and overlaps, all tensors together are what the file has at most.
    return part.size() <= sum && sum + 8 <= size;
}

} // namespace

class TestSafetensors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTypeComesBackAsWritten_data();
    void everyTypeComesBackAsWritten();
    void metadataComesBack();
    void scalarsAndEmptyTensorsComeBack();
    void dataStartsAtAMultipleOfEight();

    void aFileCutAnywhereIsRefused();
    void anyChangedByteIsRefusedOrHarmless();
    void aBadHeaderIsNamed_data();
    void aBadHeaderIsNamed();
    void aBadLengthIsNamed_data();
    void aBadLengthIsNamed();
    void bytesAfterTheLastTensorAreRefused();
    void whatIsNoFileIsRefused();

    void aPlaceThatCannotBeWrittenIsNamed_data();
    void aPlaceThatCannotBeWrittenIsNamed();
    void aFullDiskLeavesTheOldFile();
};

void TestSafetensors::everyTypeComesBackAsWritten_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("size");
    const std::array<std::pair<ElementType, int>, 10> rows = {{{ElementType::F64, 8},
                                                               {ElementType::F32, 4},
                                                               {ElementType::F16, 2},
                                                               {ElementType::BF16, 2},
                                                               {ElementType::I64, 8},
                                                               {ElementType::I32, 4},
                                                               {ElementType::I16, 2},
                                                               {ElementType::I8, 1},
                                                               {ElementType::U8, 1},
                                                               {ElementType::Bool, 1}}};
    for (const auto& [type, size] : rows)
        QTest::newRow(elementTypeName(type).data()) << static_cast<int>(type) << size;
}

void TestSafetensors::everyTypeComesBackAsWritten()
{
    QFETCH(int, type);
    QFETCH(int, size);
    const auto wanted = static_cast<ElementType>(type);
    const TemporaryFolder folder;
    const auto path = folder.file("one.safetensors");

    writeSafetensors(path, {counted("t", {2, 3}, wanted)}).value();
    const SafetensorsFile file = SafetensorsFile::open(path).value();

    QCOMPARE(file.tensors().size(), std::size_t{1});
    const TensorEntry* tensor = file.find("t");
    QVERIFY(tensor);
    QCOMPARE(tensor->type, wanted);
    QCOMPARE(tensor->shape, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(tensor->elementCount(), std::int64_t{6});
    QCOMPARE(tensor->bytes.size(), static_cast<std::size_t>(6 * size));
    for (std::size_t i = 0; i < tensor->bytes.size(); ++i)
        QCOMPARE(static_cast<int>(tensor->bytes[i]), static_cast<int>(i + 1));
}

void TestSafetensors::metadataComesBack()
{
    const TemporaryFolder folder;
    const auto path = folder.file("m.safetensors");
    const std::map<std::string, std::string> metadata = {{"format", "pt"}, {"run", "a \"b\" \n c"}};
    writeSafetensors(path, {zeros("t", {1})}, metadata).value();
    QCOMPARE(SafetensorsFile::open(path).value().metadata(), metadata);
}

void TestSafetensors::scalarsAndEmptyTensorsComeBack()
{
    const TemporaryFolder folder;
    const auto path = folder.file("odd.safetensors");
    writeSafetensors(path, {zeros("empty", {0, 4}), zeros("scalar", {}), zeros("none", {3, 0})})
        .value();
    const SafetensorsFile file = SafetensorsFile::open(path).value();
    QCOMPARE(file.find("empty")->elementCount(), std::int64_t{0});
    QCOMPARE(file.find("scalar")->elementCount(), std::int64_t{1});
    QVERIFY(file.find("scalar")->shape.empty());
    QVERIFY(!file.find("absent"));

    writeSafetensors(path, {}).value();
    QVERIFY(SafetensorsFile::open(path).value().tensors().empty());
}

void TestSafetensors::dataStartsAtAMultipleOfEight()
{
    const TemporaryFolder folder;
    for (const char* name : {"a", "ab", "abc", "abcd", "abcde"}) {
        const auto path = folder.file("aligned.safetensors");
        writeSafetensors(path, {zeros(name, {1})}).value();
        QCOMPARE((std::filesystem::file_size(path) - 4) % 8, std::uintmax_t{0});
    }
}

void TestSafetensors::aFileCutAnywhereIsRefused()
{
    const TemporaryFolder folder;
    const std::string whole = smallFile(folder);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Result<SafetensorsFile> file = openBytes(folder, whole.substr(0, length));
        QVERIFY2(!file, qPrintable(QString::number(length)));
        QCOMPARE(file.error().code, ErrorCode::Corrupt);
        QVERIFY(shown(file.error().context).contains(u"broken.safetensors"));
    }
    QVERIFY(openBytes(folder, whole));
}

void TestSafetensors::anyChangedByteIsRefusedOrHarmless()
{
    const TemporaryFolder folder;
    const std::string whole = smallFile(folder);
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const char byte : {'\xFF', '9'}) {
            std::string changed = whole;
            changed[i] = byte;
            const Result<SafetensorsFile> file = openBytes(folder, changed);
            if (file)
                for (const TensorEntry& tensor : file->tensors())
                    QVERIFY(insideOf(tensor.bytes, *file));
        }
}

void TestSafetensors::aBadHeaderIsNamed_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("dataSize");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("context");
    QTest::addColumn<QString>("message");
    const int corrupt = static_cast<int>(ErrorCode::Corrupt);
    const int unsupported = static_cast<int>(ErrorCode::Unsupported);
    const auto entry = [](const char* name, const char* type, const char* shape,
                          const char* offsets) {
        return QByteArray("\"") + name + R"(": {"dtype": ")" + type + R"(", "shape": )" + shape +
               R"(, "data_offsets": )" + offsets + "}";
    };
    const auto one = [&](const char* type, const char* shape, const char* offsets) {
        return "{" + entry("w", type, shape, offsets) + "}";
    };
    const auto two = [&](const char* first, const char* second) {
        return "{" + entry("a", "U8", "[4]", first) + ", " + entry("b", "U8", "[4]", second) + "}";
    };
    QTest::newRow("not JSON") << QByteArray("hello") << 0 << corrupt << "header:1"
                              << "well formed";
    QTest::newRow("cut JSON") << QByteArray(R"({"w": )") << 0 << corrupt << "header"
                              << "ends";
    QTest::newRow("a list") << QByteArray("[]") << 0 << corrupt << ""
                            << "not a JSON object";
    QTest::newRow("a null") << QByteArray("null") << 0 << corrupt << ""
                            << "not a JSON object";
    QTest::newRow("deep JSON") << QByteArray(100'000, '[') << 0 << corrupt << "header"
                               << "deeper";
    QTest::newRow("an entry that is a number") << QByteArray(R"({"w": 1})") << 0 << corrupt << "w"
                                               << "lacks";
    QTest::newRow("an entry without offsets")
        << QByteArray(R"({"w": {"dtype": "U8", "shape": []}})") << 1 << corrupt << "w"
        << "lacks";
    QTest::newRow("a type that nobody knows")
        << one("F7", "[1]", "[0, 1]") << 1 << unsupported << "w"
        << "F7";
    QTest::newRow("an 8 bit float") << one("F8_E4M3", "[1]", "[0, 1]") << 1 << unsupported << "w"
                                    << "F8_E4M3";
    QTest::newRow("a type in lower case") << one("f32", "[1]", "[0, 4]") << 4 << unsupported << "w"
                                          << "f32";
    QTest::newRow("a negative size") << one("U8", "[-1]", "[0, 1]") << 1 << corrupt << "w"
                                     << "shape";
    QTest::newRow("a broken size") << one("U8", "[1.5]", "[0, 1]") << 1 << corrupt << "w"
                                   << "shape";
    QTest::newRow("a size of 2 to the 64")
        << one("U8", "[18446744073709551615]", "[0, 1]") << 1 << corrupt << "w"
        << "shape";
    QTest::newRow("a shape whose product overflows to the right size")
        << one("U8", "[4294967296, 4294967296]", "[0, 0]") << 0 << corrupt << "w"
        << "do not match";
    QTest::newRow("a byte count that overflows")
        << one("F64", "[2305843009213693952]", "[0, 0]") << 0 << corrupt << "w"
        << "do not match";
    QTest::newRow("one offset") << one("U8", "[1]", "[0]") << 1 << corrupt << "w"
                                << "positions";
    QTest::newRow("three offsets") << one("U8", "[1]", "[0, 1, 2]") << 1 << corrupt << "w"
                                   << "positions";
    QTest::newRow("a negative offset") << one("U8", "[1]", "[-1, 0]") << 1 << corrupt << "w"
                                       << "positions";
    QTest::newRow("descending offsets") << one("U8", "[1]", "[1, 0]") << 1 << corrupt << "w"
                                        << "do not match";
    QTest::newRow("offsets of another size") << one("F32", "[2]", "[0, 4]") << 4 << corrupt << "w"
                                             << "[2]";
    QTest::newRow("an offset behind the end") << one("U8", "[4]", "[0, 4]") << 3 << corrupt << "w"
                                              << "has only 3";
    QTest::newRow("offsets near 2 to the 64")
        << one("U8", "[4]", "[18446744073709551611, 18446744073709551615]") << 4 << corrupt << "w"
        << "has only 4";
    QTest::newRow("two that overlap") << two("[0, 4]", "[2, 6]") << 6 << corrupt << "b"
                                      << "overlaps";
    QTest::newRow("two at one place") << two("[0, 4]", "[0, 4]") << 4 << corrupt << "b"
                                      << "overlaps";
    QTest::newRow("a hole between two") << two("[0, 4]", "[5, 9]") << 9 << corrupt << "b"
                                        << "hole";
    QTest::newRow("a hole before the first") << two("[1, 5]", "[5, 9]") << 9 << corrupt << "a"
                                             << "hole";
    QTest::newRow("one name for two places")
        << "{" + entry("a", "U8", "[4]", "[0, 4]") + ", " + entry("a", "U8", "[4]", "[4, 8]") + "}"
        << 8 << corrupt << "a"
        << "hole";
}

void TestSafetensors::aBadHeaderIsNamed()
{
    QFETCH(QByteArray, header);
    QFETCH(int, dataSize);
    QFETCH(int, code);
    QFETCH(QString, context);
    QFETCH(QString, message);
    const TemporaryFolder folder;

    const Result<SafetensorsFile> file =
        openBytes(folder, safetensorsBytes(header.toStdString(),
                                           std::string(static_cast<std::size_t>(dataSize), '\0')));

    QVERIFY(!file);
    QCOMPARE(static_cast<int>(file.error().code), code);
    QVERIFY2(shown(file.error().message).contains(message), file.error().message.c_str());
    QVERIFY2(shown(file.error().context).contains(u"broken.safetensors"),
             file.error().context.c_str());
    QVERIFY2(shown(file.error().context).endsWith(context) || context == u"header",
             file.error().context.c_str());
}

void TestSafetensors::aBadLengthIsNamed_data()
{
    QTest::addColumn<quint64>("length");
    QTest::newRow("nothing") << quint64{0};
    QTest::newRow("one byte less than the header") << quint64{1};
    QTest::newRow("one byte more than the file") << quint64{3};
    QTest::newRow("beyond the format's limit") << quint64{100'000'001};
    QTest::newRow("the largest number") << ~quint64{0};
    QTest::newRow("one that wraps around with the length itself") << ~quint64{0} - 7;
}

void TestSafetensors::aBadLengthIsNamed()
{
    QFETCH(quint64, length);
    const TemporaryFolder folder;
    const Result<SafetensorsFile> file = openBytes(folder, safetensorsBytes("{}", "", length));
    QVERIFY(!file);
    QCOMPARE(file.error().code, ErrorCode::Corrupt);
    QVERIFY(shown(file.error().context).contains(u"broken.safetensors"));
    QVERIFY2(shown(file.error().message).contains(u"header") ||
                 shown(file.error().context).contains(u"header"),
             file.error().text().c_str());
}

void TestSafetensors::bytesAfterTheLastTensorAreRefused()
{
    const TemporaryFolder folder;
    const Result<SafetensorsFile> file = openBytes(folder, smallFile(folder) + "x");
    QVERIFY(!file);
    QVERIFY(shown(file.error().message).startsWith(u"1 bytes follow"));
}

void TestSafetensors::whatIsNoFileIsRefused()
{
    const TemporaryFolder folder;
    QCOMPARE(SafetensorsFile::open(folder.file("absent")).error().code, ErrorCode::NotFound);
    QCOMPARE(SafetensorsFile::open(folder.file("")).error().code, ErrorCode::InvalidArgument);
    const auto pipe = folder.file("pipe");
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    const Result<SafetensorsFile> file = SafetensorsFile::open(pipe);
    QCOMPARE(file.error().code, ErrorCode::InvalidArgument);
    QVERIFY(shown(file.error().context).endsWith(u"pipe"));
}

void TestSafetensors::aPlaceThatCannotBeWrittenIsNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("a folder that is not there") << "absent/w.safetensors";
    QTest::newRow("a folder that is a file") << "file/w.safetensors";
    QTest::newRow("a name that a folder has") << "folder";
}

void TestSafetensors::aPlaceThatCannotBeWrittenIsNamed()
{
    QFETCH(QString, name);
    const TemporaryFolder folder;
    writeBytes(folder.file("file"), "x");
    std::filesystem::create_directories(folder.file("folder") / "inside");

    const Status status = writeSafetensors(folder.file(name.toStdString()), {zeros("w", {4})});

    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QVERIFY(shown(status.error().context).endsWith(name));
    QVERIFY(!std::filesystem::exists(folder.file("folder.partial")));
    QVERIFY(std::filesystem::exists(folder.file("folder") / "inside"));
}

void TestSafetensors::aFullDiskLeavesTheOldFile()
{
    const TemporaryFolder folder;
    const auto path = folder.file("model.safetensors");
    writeSafetensors(path, {counted("w", {4}, ElementType::U8)}).value();
    const std::string before = fileBytes(path);
    // A limit on the size of files fails a write half-way, as a full disk does.
    rlimit limit = {};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{.rlim_cur = 4096, .rlim_max = limit.rlim_max};
    const auto previous = std::signal(SIGXFSZ, SIG_IGN);
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);

    const Status status = writeSafetensors(path, {zeros("w", {10'000})});

    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    std::signal(SIGXFSZ, previous);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    QVERIFY(shown(status.error().context).endsWith(u"model.safetensors"));
    QVERIFY(fileBytes(path) == before);
    QVERIFY(!std::filesystem::exists(path.string() + ".partial"));
}

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
