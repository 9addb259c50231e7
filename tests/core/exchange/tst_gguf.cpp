#include "core/exchange/gguf.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

constexpr auto kU32 = static_cast<std::uint32_t>(GgufKind::U32);
constexpr auto kBool = static_cast<std::uint32_t>(GgufKind::Bool);
constexpr auto kString = static_cast<std::uint32_t>(GgufKind::String);
constexpr auto kArray = static_cast<std::uint32_t>(GgufKind::Array);

/// A file put together field by field, right or wrong.
class Bytes {
public:
    Bytes& u8(std::uint8_t value) { return add(value); }
    Bytes& u32(std::uint32_t value) { return add(value); }
    Bytes& u64(std::uint64_t value) { return add(value); }
    Bytes& text(std::string_view value)
    {
        u64(value.size());
        m_bytes += value;
        return *this;
    }
    Bytes& head(std::uint64_t tensors, std::uint64_t entries)
    {
        m_bytes += "GGUF";
        return u32(3).u64(tensors).u64(entries);
    }
    Bytes& tensor(std::string_view name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
                  std::uint64_t offset)
    {
        text(name).u32(static_cast<std::uint32_t>(dims.size()));
        for (const std::uint64_t extent : dims)
            u64(extent);
        return u32(type).u64(offset);
    }
    /// Padding, then \p size bytes of data.
    Bytes& data(std::size_t size)
    {
        m_bytes.append((32 - m_bytes.size() % 32) % 32, '\0');
        m_bytes.append(size, '\1');
        return *this;
    }
    operator QByteArray() const { return QByteArray::fromStdString(m_bytes); }

private:
    template <class Number> Bytes& add(Number value)
    {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        m_bytes.append(bytes, sizeof value);
        return *this;
    }

    std::string m_bytes;
};

Result<GgufContent> read(const QByteArray& file)
{
    return readGguf(
        std::as_bytes(std::span(file.constData(), static_cast<std::size_t>(file.size()))));
}

/// Rows of 0, 1, 2, ... times \p step.
GgufTensorToWrite counted(std::string name, std::vector<std::int64_t> dims, GgufType type,
                          float step = 1)
{
    const std::int64_t width = dims.front();
    return {.name = std::move(name),
            .dims = std::move(dims),
            .type = type,
            .rows = [width, step](std::uint64_t first, std::span<float> out) {
                for (std::size_t i = 0; i < out.size(); ++i)
                    out[i] =
                        step * static_cast<float>(first * static_cast<std::uint64_t>(width) + i);
            }};
}

GgufMetadata someMetadata()
{
    GgufMetadata metadata;
    metadata.addText("general.architecture", "llama");
    metadata.addU32("llama.block_count", 5);
    metadata.addF32("llama.rope.freq_base", 1e4F);
    metadata.addBool("tokenizer.ggml.add_bos_token", true);
    metadata.addTexts("tokenizer.ggml.tokens", {"<unk>", "", "▁the"});
    metadata.addF32s("tokenizer.ggml.scores", {0, -1.5F, 2});
    metadata.addI32s("tokenizer.ggml.token_type", {2, -3, 1});
    return metadata;
}

std::vector<GgufTensorToWrite> someTensors()
{
    return {counted("token_embd.weight", {64, 3}, GgufType::Q8_0, 0.5F),
            counted("output_norm.weight", {5}, GgufType::F32),
            counted("half", {3, 2}, GgufType::F16), counted("brain", {4, 2, 2}, GgufType::BF16)};
}

QByteArray writtenFile(const TemporaryFolder& folder)
{
    Progress progress;
    const auto path = folder.file("small.gguf");
    writeGguf(path, someMetadata(), someTensors(), progress).value();
    return QByteArray::fromStdString(fileBytes(path));
}

} // namespace

class TestGguf : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void metadataComesBackAsWritten();
    void valuesOfAnotherKindAreNone();
    void tensorsComeBackAsWritten();
    void tensorsStartAtMultiplesOf32();
    void theSameContentGivesTheSameBytes();
    void aTensorLargerThanAStretchIsWhole();
    void nestedArraysAreRead();
    void aTensorOfNoNumbersIsRead();

    void aFileCutAnywhereIsRefused();
    void anyChangedByteIsRefusedOrHarmless();
    void aHostileFileIsNamed_data();
    void aHostileFileIsNamed();
    void aFileThatIsNotThereIsNamed();

    void aNumberThatDoesNotFitIsRefused_data();
    void aNumberThatDoesNotFitIsRefused();
    void aCancelledWriteLeavesNothing();
    void progressCountsEveryByte();
    void aDamagedFileIsNotEqual_data();
    void aDamagedFileIsNotEqual();
    void everyTypeComparesEqualToItsSource_data();
    void everyTypeComparesEqualToItsSource();
};

void TestGguf::metadataComesBackAsWritten()
{
    const TemporaryFolder folder;
    const QByteArray file = writtenFile(folder);
    const GgufContent content = read(file).value();

    QCOMPARE(content.entries.size(), std::size_t{7});
    QCOMPARE(shown(content.entries[0].key), u"general.architecture"_s);
    QCOMPARE(shown(*content.value("general.architecture")->text()), u"llama"_s);
    QCOMPARE(*content.value("llama.block_count")->whole(), std::int64_t{5});
    QCOMPARE(*content.value("llama.rope.freq_base")->number(), 1e4);
    QCOMPARE(*content.value("tokenizer.ggml.add_bos_token")->flag(), true);
    const auto tokens = content.value("tokenizer.ggml.tokens")->texts();
    QCOMPARE(tokens, (std::vector<std::string_view>{"<unk>", "", "▁the"}));
    QCOMPARE(content.value("tokenizer.ggml.scores")->numbers(), (std::vector<double>{0, -1.5, 2}));
    QCOMPARE(content.value("tokenizer.ggml.token_type")->wholes(),
             (std::vector<std::int64_t>{2, -3, 1}));
    QVERIFY(!content.value("absent"));
    QVERIFY(!content.tensor("absent"));
}

void TestGguf::valuesOfAnotherKindAreNone()
{
    const TemporaryFolder folder;
    const QByteArray file = writtenFile(folder);
    const GgufContent content = read(file).value();
    const GgufValue& text = *content.value("general.architecture");
    const GgufValue& whole = *content.value("llama.block_count");
    QVERIFY(!text.whole() && !text.number() && !text.flag());
    QVERIFY(!whole.text() && !whole.flag() && whole.texts().empty() && whole.wholes().empty());
    QCOMPARE(*whole.number(), 5.0);
    QVERIFY(content.value("tokenizer.ggml.tokens")->wholes().empty());
    QVERIFY(content.value("tokenizer.ggml.scores")->wholes().empty());
}

void TestGguf::tensorsComeBackAsWritten()
{
    const TemporaryFolder folder;
    const QByteArray file = writtenFile(folder);
    const GgufContent content = read(file).value();

    QCOMPARE(content.tensors.size(), std::size_t{4});
    const GgufTensor& norm = *content.tensor("output_norm.weight");
    QCOMPARE(norm.dims, (std::vector<std::int64_t>{5}));
    QCOMPARE(norm.type, GgufType::F32);
    std::vector<float> values(5);
    decodeGguf(norm.type, norm.bytes, values);
    QCOMPARE(values, (std::vector<float>{0, 1, 2, 3, 4}));
    const GgufTensor& brain = *content.tensor("brain");
    QCOMPARE(brain.elementCount(), std::uint64_t{16});
    QCOMPARE(brain.bytes.size(), std::size_t{32});
    QCOMPARE(content.tensor("token_embd.weight")->bytes.size(), std::size_t{6 * 34});
}

void TestGguf::tensorsStartAtMultiplesOf32()
{
    const TemporaryFolder folder;
    const QByteArray file = writtenFile(folder);
    const GgufContent content = read(file).value();
    for (const GgufTensor& tensor : content.tensors) {
        QCOMPARE(tensor.offset % 32, std::uint64_t{0});
        const auto at = reinterpret_cast<const char*>(tensor.bytes.data()) - file.constData();
        QCOMPARE(at % 32, std::ptrdiff_t{0});
    }
    QCOMPARE(file.size() % 32, qsizetype{0});
}

void TestGguf::theSameContentGivesTheSameBytes()
{
    const TemporaryFolder one;
    const TemporaryFolder other;
    QCOMPARE(writtenFile(one), writtenFile(other));
}

void TestGguf::aTensorLargerThanAStretchIsWhole()
{
    const TemporaryFolder folder;
    const auto path = folder.file("large.gguf");
    Progress progress;
    const auto tensor = counted("t", {1000, 2100}, GgufType::F32); // two stretches and a part
    writeGguf(path, {}, {tensor}, progress).value();
    const GgufFile file = GgufFile::open(path).value();
    std::vector<float> values(2'100'000);
    decodeGguf(GgufType::F32, file.content().tensors[0].bytes, values);
    for (std::size_t i = 0; i < values.size(); ++i)
        QCOMPARE(values[i], static_cast<float>(i));
}

void TestGguf::nestedArraysAreRead()
{
    const QByteArray file = Bytes()
                                .head(0, 1)
                                .text("k")
                                .u32(kArray)
                                .u32(kArray)
                                .u64(2)
                                .u32(kU32)
                                .u64(1)
                                .u32(7)
                                .u32(kString)
                                .u64(1)
                                .text("x");
    const GgufContent content = read(file).value();
    QCOMPARE(content.value("k")->count, std::uint64_t{2});
    QCOMPARE(content.value("k")->bytes.size(), std::size_t{12 + 4 + 12 + 9});
}

void TestGguf::aTensorOfNoNumbersIsRead()
{
    const QByteArray file = Bytes().head(1, 0).tensor("t", {4, 0}, 0, 0).data(0);
    const GgufContent content = read(file).value();
    std::vector<float> values;
    decodeGguf(GgufType::F32, content.tensors[0].bytes, values);
    QCOMPARE(content.tensors[0].elementCount(), std::uint64_t{0});
}

void TestGguf::aFileCutAnywhereIsRefused()
{
    const TemporaryFolder folder;
    const QByteArray whole = writtenFile(folder);
    QVERIFY(read(whole));
    // The last tensor has 32 bytes, so that no padding follows it.
    for (qsizetype length = 0; length < whole.size(); ++length) {
        const Result<GgufContent> content = read(whole.left(length));
        QVERIFY2(!content, qPrintable(QString::number(length)));
        QCOMPARE(content.error().code, ErrorCode::Corrupt);
        QVERIFY(!content.error().context.empty());
    }
}

void TestGguf::anyChangedByteIsRefusedOrHarmless()
{
    const TemporaryFolder folder;
    const QByteArray whole = writtenFile(folder);
    for (qsizetype i = 0; i < whole.size(); ++i)
        for (const char byte : {'\xFF', '\x09', '\x00', '\x01'}) {
            QByteArray changed = whole;
            changed[i] = byte;
            const Result<GgufContent> content = read(changed);
            if (!content)
                continue;
            std::size_t sum = 0;
            for (const GgufTensor& tensor : content->tensors)
                sum += tensor.bytes.size();
            QVERIFY(sum < static_cast<std::size_t>(changed.size()));
            for (const GgufEntry& entry : content->entries)
                QVERIFY(entry.value.texts().size() + entry.value.numbers().size() <
                        static_cast<std::size_t>(changed.size()));
        }
}

void TestGguf::aHostileFileIsNamed_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("context");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const QByteArray& file, const char* context,
                        const char* message, ErrorCode code = ErrorCode::Corrupt) {
        QTest::newRow(name) << file << static_cast<int>(code) << context << message;
    };
    const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    const auto entry = [](std::uint32_t kind) { return Bytes().head(0, 1).text("k").u32(kind); };

    row("an empty file", {}, "magic", "GGUF");
    row("another format", QByteArray("GGML0000000000000000000"), "magic", "GGUF");
    row("version 2", QByteArray("GGUF\2\0\0\0", 8), "version", "version 2", ErrorCode::Unsupported);
    row("a big-endian file", QByteArray("GGUF\0\0\0\3", 8), "version", "big-endian",
        ErrorCode::Unsupported);
    row("2^64 - 1 tensors", Bytes().head(huge, 0), "tensor_count", "cannot be");
    row("2^64 - 1 keys", Bytes().head(0, huge), "metadata_kv_count", "cannot be");
    row("more keys than bytes", Bytes().head(0, 100).text("k"), "metadata_kv_count", "cannot be");

    row("a key of 2^64 - 1 bytes", Bytes().head(0, 1).u64(huge).u64(0), "metadata_kv[0].key",
        "beyond the end");
    row("a key without letters", Bytes().head(0, 1).text("").u32(kU32).u32(1).u32(0),
        "metadata_kv[0].key", "no name");
    row("a key that is not UTF-8", Bytes().head(0, 1).text("\xFF").u32(kU32).u32(1),
        "metadata_kv[0].key", "no name");
    row("a key twice", Bytes().head(0, 2).text("k").u32(kU32).u32(1).text("k").u32(kU32).u32(1),
        "k", "twice");
    row("a value of a type that nobody knows", entry(13).u32(0), "k", "13 is no type");
    row("a truth value of 2", entry(kBool).u8(2), "k", "neither 0 nor 1");
    row("a text of 2^64 - 1 bytes", entry(kString).u64(huge), "k", "beyond the end");
    row("a text one byte too long", entry(kString).u64(3).u8(1).u8(1), "k", "beyond the end");

    row("an array of 2^64 - 1 bytes", entry(kArray).u32(0).u64(huge), "k", "beyond the end");
    row("an array whose size overflows", entry(kArray).u32(10).u64(std::uint64_t{1} << 61), "k",
        "beyond the end");
    row("an array of 2^64 - 1 texts", entry(kArray).u32(kString).u64(huge), "k", "beyond the end");
    row("an array of 2^64 - 1 arrays", entry(kArray).u32(kArray).u64(huge), "k", "beyond the end");
    row("an array of unknown elements", entry(kArray).u32(99).u64(0), "k", "99 is no type");
    row("a cut text inside of an array", entry(kArray).u32(kString).u64(2).text("ab").u64(1000),
        "k[1]", "beyond the end");
    row("a truth value of 7 inside of an array", entry(kArray).u32(kBool).u64(2).u8(1).u8(7),
        "k[1]", "neither 0 nor 1");
    Bytes deep = entry(kArray);
    for (int i = 0; i < 1000; ++i)
        deep.u32(kArray).u64(1);
    row("arrays 1000 deep", deep, "k[0]", "deeper than 4");

    const auto alignment = [](std::uint32_t value) {
        return Bytes().head(0, 1).text("general.alignment").u32(kU32).u32(value);
    };
    row("an alignment of 0", alignment(0), "general.alignment", "power of two");
    row("an alignment of 24", alignment(24), "general.alignment", "power of two");
    row("an alignment of 2^31", alignment(1U << 31), "general.alignment", "power of two");
    row("an alignment that is a text",
        Bytes().head(0, 1).text("general.alignment").u32(kString).text("32"), "general.alignment",
        "power of two");

    const auto one = [](const std::vector<std::uint64_t>& dims, std::uint32_t type,
                        std::uint64_t offset, std::size_t data) {
        return Bytes().head(1, 0).tensor("t", dims, type, offset).data(data);
    };
    const std::uint64_t big = std::uint64_t{1} << 32;
    row("a tensor of no dimension", one({}, 0, 0, 32), "t", "of 0 dimensions");
    row("a tensor of 5 dimensions", one({1, 1, 1, 1, 1}, 0, 0, 32), "t", "of 5 dimensions");
    row("2^32 dimensions", Bytes().head(1, 0).text("t").u32(~0U).u64(1).u64(1).u64(1), "t",
        "dimensions");
    row("dimensions whose product overflows", one({big, big}, 0, 0, 32), "t", "overflows");
    row("dimensions whose product overflows to 0", one({big, big, 2}, 0, 0, 32), "t", "overflows");
    row("a dimension of 2^64 - 1", one({huge}, 0, 0, 32), "t", "overflows");
    row("elements of a type that is not supported", one({32}, 12, 0, 32), "t", "type 12",
        ErrorCode::Unsupported);
    row("a row that is half a block", one({48}, 8, 0, 64), "t", "whole number");
    row("an offset that is not aligned", one({1}, 0, 4, 32), "t", "alignment");
    row("an offset behind the end", one({8}, 0, 64, 32), "t", "has only 32");
    row("an offset near 2^64", one({8}, 0, huge - 31, 32), "t", "has only 32");
    row("a tensor longer than the file", one({9}, 0, 0, 32), "t", "has only 32");
    row("a tensor of 2^60 elements", one({std::uint64_t{1} << 58}, 0, 0, 32), "t", "has only 32");
    row("a hole before the first tensor", one({8}, 0, 32, 64), "t", "hole");
    row("bytes behind the last tensor", one({8}, 0, 0, 64), "tensor_data", "follow");
    row("no data at all", Bytes().head(1, 0).tensor("t", {8}, 0, 0), "tensor_data", "ends before");

    const auto two = [](std::uint64_t first, std::uint64_t second, std::size_t data) {
        return Bytes()
            .head(2, 0)
            .tensor("a", {16}, 0, first)
            .tensor("b", {16}, 0, second)
            .data(data);
    };
    row("two tensors at one place", two(0, 0, 128), "b", "overlaps");
    row("two tensors that overlap", two(0, 32, 96), "b", "overlaps");
    row("a hole between two tensors", two(0, 128, 192), "b", "hole");
    row("a name twice", Bytes().head(2, 0).tensor("a", {8}, 0, 0).tensor("a", {8}, 0, 32).data(64),
        "a", "twice");
    row("a tensor without a name", Bytes().head(1, 0).tensor("", {8}, 0, 0).data(32),
        "tensor_infos[0].name", "no name");
}

void TestGguf::aHostileFileIsNamed()
{
    QFETCH(QByteArray, file);
    QFETCH(int, code);
    QFETCH(QString, context);
    QFETCH(QString, message);
    const TemporaryFolder folder;
    writeBytes(folder.file("hostile.gguf"), file.toStdString());

    const Result<GgufFile> opened = GgufFile::open(folder.file("hostile.gguf"));

    QVERIFY(!opened);
    const Error& error = opened.error();
    QCOMPARE(static_cast<int>(error.code), code);
    QVERIFY2(shown(error.context).contains(u"hostile.gguf"), error.context.c_str());
    QVERIFY2(shown(error.context).endsWith(context), error.context.c_str());
    QVERIFY2(shown(error.message).contains(message), error.message.c_str());
}

void TestGguf::aFileThatIsNotThereIsNamed()
{
    QCOMPARE(GgufFile::open("/nowhere/m.gguf").error().code, ErrorCode::NotFound);
    Progress progress;
    const auto written = writeGguf("/nowhere/m.gguf", {}, {}, progress);
    QCOMPARE(written.error().code, ErrorCode::Io);
    QCOMPARE(shown(written.error().context), u"/nowhere/m.gguf"_s);
}

void TestGguf::aNumberThatDoesNotFitIsRefused_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<float>("value");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, GgufType type, float value, const char* message) {
        QTest::newRow(name) << static_cast<int>(type) << value << message;
    };
    row("NaN in F32", GgufType::F32, std::numeric_limits<float>::quiet_NaN(), "not finite");
    row("infinity in Q8_0", GgufType::Q8_0, std::numeric_limits<float>::infinity(), "not finite");
    row("65520 in F16", GgufType::F16, 65520, "too large for F16");
    row("the largest float in BF16", GgufType::BF16, std::numeric_limits<float>::max(),
        "too large for BF16");
    row("1e7 in Q8_0", GgufType::Q8_0, 1e7F, "too large for Q8_0");
}

void TestGguf::aNumberThatDoesNotFitIsRefused()
{
    QFETCH(int, type);
    QFETCH(float, value);
    QFETCH(QString, message);
    const TemporaryFolder folder;
    GgufTensorToWrite tensor = counted("bad.weight", {32, 2}, static_cast<GgufType>(type));
    tensor.rows = [value](std::uint64_t, std::span<float> out) { std::ranges::fill(out, value); };
    Progress progress;

    const Result<Ending> written = writeGguf(folder.file("m.gguf"), {}, {tensor}, progress);

    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::InvalidArgument);
    QVERIFY(shown(written.error().message).contains(message));
    QVERIFY(shown(written.error().message).contains(u"bad.weight"));
    QVERIFY(!std::filesystem::exists(folder.file("m.gguf")));
    QVERIFY(!std::filesystem::exists(folder.file("m.gguf.partial")));
}

void TestGguf::aCancelledWriteLeavesNothing()
{
    const TemporaryFolder folder;
    std::stop_source stop;
    Progress progress(stop.get_token(), [&](std::string_view, std::uint64_t done, std::uint64_t) {
        if (done > 0)
            stop.request_stop();
    });
    const Result<Ending> written =
        writeGguf(folder.file("m.gguf"), someMetadata(), someTensors(), progress);
    QCOMPARE(written.value(), Ending::Cancelled);
    QVERIFY(!std::filesystem::exists(folder.file("m.gguf")));
    QVERIFY(!std::filesystem::exists(folder.file("m.gguf.partial")));
}

void TestGguf::progressCountsEveryByte()
{
    const TemporaryFolder folder;
    std::vector<std::uint64_t> done;
    std::uint64_t expected = 0;
    Progress progress({}, [&](std::string_view what, std::uint64_t at, std::uint64_t total) {
        QCOMPARE(shown(what), u"writing"_s);
        done.push_back(at);
        expected = total;
    });
    writeGguf(folder.file("m.gguf"), someMetadata(), someTensors(), progress).value();
    QVERIFY(std::is_sorted(done.begin(), done.end()));
    QCOMPARE(done.front(), std::uint64_t{0});
    QCOMPARE(done.back(), expected);
    QCOMPARE(expected, std::uint64_t{6 * 34 + 5 * 4 + 6 * 2 + 16 * 2});
}

void TestGguf::aDamagedFileIsNotEqual_data()
{
    QTest::addColumn<int>("fromEnd"); // the byte that changes
    QTest::addColumn<QString>("what");
    QTest::newRow("in the last tensor") << 2 << "brain";
    QTest::newRow("in the third tensor") << 32 + 32 - 2 << "half";
    QTest::newRow("in the second tensor") << 96 - 10 << "output_norm.weight";
    QTest::newRow("in the scale of the first tensor") << 320 - 1 << "token_embd.weight";
}

void TestGguf::aDamagedFileIsNotEqual()
{
    QFETCH(int, fromEnd);
    QFETCH(QString, what);
    const TemporaryFolder folder;
    QByteArray file = writtenFile(folder);
    Progress progress;
    const auto path = folder.file("small.gguf");
    QCOMPARE(compareGguf(path, someMetadata(), someTensors(), progress).value(), Ending::Complete);

    file[file.size() - fromEnd] = static_cast<char>(file[file.size() - fromEnd] ^ 0x40);
    writeBytes(path, file.toStdString());

    const Result<Ending> compared = compareGguf(path, someMetadata(), someTensors(), progress);
    QVERIFY(!compared);
    QCOMPARE(compared.error().code, ErrorCode::Io);
    QVERIFY2(shown(compared.error().message).contains(what), compared.error().message.c_str());
}

void TestGguf::everyTypeComparesEqualToItsSource_data()
{
    QTest::addColumn<int>("type");
    for (const GgufType type : {GgufType::F32, GgufType::F16, GgufType::BF16, GgufType::Q8_0})
        QTest::newRow(ggufTypeName(type).data()) << static_cast<int>(type);
}

/// Numbers of every size that the narrowest type holds: the tolerances must not be too small.
void TestGguf::everyTypeComparesEqualToItsSource()
{
    QFETCH(int, type);
    GgufTensorToWrite tensor = counted("t", {64, 500}, static_cast<GgufType>(type));
    tensor.rows = [](std::uint64_t first, std::span<float> out) {
        std::uint32_t state = static_cast<std::uint32_t>(first) * 64 + 12345;
        for (float& value : out) {
            state = state * 1664525U + 1013904223U;
            const float mantissa = static_cast<float>(state >> 8) / 0x1p24F - 0.5F;
            value = std::ldexp(mantissa, static_cast<int>(state % 60) - 44);
        }
    };
    const TemporaryFolder folder;
    Progress progress;
    writeGguf(folder.file("m.gguf"), {}, {tensor}, progress).value();
    QCOMPARE(compareGguf(folder.file("m.gguf"), {}, {tensor}, progress).value(), Ending::Complete);
}

QTEST_GUILESS_MAIN(TestGguf)
#include "tst_gguf.moc"
