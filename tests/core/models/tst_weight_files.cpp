#include "core/models/weight_files.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/safetensors_bytes.h"

#include <QtTest>

using namespace lacuna;

namespace {

const std::string kIndex = "model.safetensors.index.json";

/// Two shards, one tensor each, and the index \p weightMap.
Result<WeightFiles> openSharded(const TemporaryFolder& folder, const std::string& weightMap)
{
    writeSafetensors(folder.file("one.safetensors"), {zeros("a", {2})}).value();
    writeSafetensors(folder.file("two.safetensors"), {zeros("b", {3})}).value();
    writeBytes(folder.file(kIndex), R"({"weight_map": )" + weightMap + "}");
    return WeightFiles::open(folder.file(""));
}

} // namespace

class TestWeightFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneFileIsEnough();
    void shardsAreOneModel();
    void aSingleFileGoesBeforeAnIndex();
    void aBadIndexIsNamed_data();
    void aBadIndexIsNamed();
    void aTensorInTwoShardsIsRefused();
    void aTensorInAnotherShardThanTheIndexSaysIsRefused();
    void aDamagedShardIsNamed();
    void aPickleIsRefusedUnread();
    void anEmptyFolderSaysWhatItLacks();
};

void TestWeightFiles::oneFileIsEnough()
{
    const TemporaryFolder folder;
    writeSafetensors(folder.file("model.safetensors"), {zeros("b", {2}), zeros("a", {3})}).value();
    const WeightFiles weights = WeightFiles::open(folder.file("")).value();
    QCOMPARE(weights.names(), (std::vector<std::string>{"a", "b"}));
    QCOMPARE(weights.totalBytes(), std::uint64_t{20});
    QCOMPARE(weights.find("a")->shape, std::vector<std::int64_t>{3});
    QVERIFY(!weights.find("c"));
}

void TestWeightFiles::shardsAreOneModel()
{
    const TemporaryFolder folder;
    const WeightFiles weights =
        openSharded(folder, R"({"a": "one.safetensors", "b": "two.safetensors"})").value();
    QCOMPARE(weights.names(), (std::vector<std::string>{"a", "b"}));
    QCOMPARE(weights.paths().size(), std::size_t{2});
    QCOMPARE(weights.totalBytes(), std::uint64_t{20});
    // Entries stay valid although the files moved into place.
    QCOMPARE(static_cast<int>(weights.find("a")->bytes[0]), 0);
    QCOMPARE(static_cast<int>(weights.find("b")->bytes[11]), 0);
}

void TestWeightFiles::aSingleFileGoesBeforeAnIndex()
{
    const TemporaryFolder folder;
    writeSafetensors(folder.file("model.safetensors"), {zeros("whole", {1})}).value();
    const auto weights = openSharded(folder, R"({"a": "one.safetensors"})");
    QCOMPARE(weights.value().names(), std::vector<std::string>{"whole"});
}

void TestWeightFiles::aBadIndexIsNamed_data()
{
    QTest::addColumn<QByteArray>("map");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("text");
    const int corrupt = static_cast<int>(ErrorCode::Corrupt);
    QTest::newRow("a shard that is missing")
        << QByteArray(R"({"a": "one.safetensors", "b": "three.safetensors"})")
        << static_cast<int>(ErrorCode::NotFound) << "three.safetensors";
    QTest::newRow("a tensor that its shard lacks")
        << QByteArray(R"({"a": "one.safetensors", "gone": "two.safetensors"})") << corrupt
        << "gone in two.safetensors";
    QTest::newRow("a path out of the folder")
        << QByteArray(R"({"a": "../one.safetensors"})") << corrupt << "the shard of a";
    QTest::newRow("a path from the root")
        << QByteArray(R"({"a": "/etc/passwd"})") << corrupt << "the shard of a";
    QTest::newRow("a path into a folder")
        << QByteArray(R"({"a": "sub/one.safetensors"})") << corrupt << "the shard of a";
    QTest::newRow("the folder above")
        << QByteArray(R"({"a": ".."})") << static_cast<int>(ErrorCode::InvalidArgument) << "..";
    QTest::newRow("an empty name") << QByteArray(R"({"a": ""})") << corrupt << "the shard of a";
    QTest::newRow("a number for a shard")
        << QByteArray(R"({"a": 1})") << corrupt << "the shard of a";
    QTest::newRow("a list for a map") << QByteArray("[]") << corrupt << "weight_map";
    QTest::newRow("no JSON") << QByteArray("oh") << corrupt << "index.json";
}

void TestWeightFiles::aBadIndexIsNamed()
{
    QFETCH(QByteArray, map);
    QFETCH(int, code);
    QFETCH(QString, text);
    const TemporaryFolder folder;
    const Result<WeightFiles> weights = openSharded(folder, map.toStdString());
    QVERIFY(!weights);
    QCOMPARE(static_cast<int>(weights.error().code), code);
    QVERIFY2(shown(weights.error().text()).contains(text), weights.error().text().c_str());
}

void TestWeightFiles::aTensorInTwoShardsIsRefused()
{
    const TemporaryFolder folder;
    writeSafetensors(folder.file("one.safetensors"), {zeros("a", {2})}).value();
    writeSafetensors(folder.file("two.safetensors"), {zeros("a", {2}), zeros("b", {3})}).value();
    writeBytes(folder.file(kIndex),
               R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})");
    const Result<WeightFiles> weights = WeightFiles::open(folder.file(""));
    QVERIFY(!weights);
    QCOMPARE(weights.error().code, ErrorCode::Corrupt);
    QVERIFY(shown(weights.error().message).contains(u"tensor a is in two shards"));
    QVERIFY(shown(weights.error().context).endsWith(u"two.safetensors"));
}

void TestWeightFiles::aTensorInAnotherShardThanTheIndexSaysIsRefused()
{
    const TemporaryFolder folder;
    const Result<WeightFiles> weights =
        openSharded(folder, R"({"a": "two.safetensors", "b": "one.safetensors"})");
    QVERIFY(!weights);
    QVERIFY(shown(weights.error().message).contains(u"a in two.safetensors"));
}

void TestWeightFiles::aDamagedShardIsNamed()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("bad.safetensors"), "oh");
    const Result<WeightFiles> weights = openSharded(folder, R"({"a": "bad.safetensors"})");
    QVERIFY(!weights);
    QVERIFY(shown(weights.error().context).endsWith(u"bad.safetensors"));
}

void TestWeightFiles::aPickleIsRefusedUnread()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("pytorch_model.bin"), "not even a pickle");
    const Result<WeightFiles> weights = WeightFiles::open(folder.file(""));
    QVERIFY(!weights);
    QCOMPARE(weights.error().code, ErrorCode::Unsupported);
    QVERIFY(shown(weights.error().message).contains(u"pickle"));
    QVERIFY(shown(weights.error().remedy).contains(u"safetensors"));
}

void TestWeightFiles::anEmptyFolderSaysWhatItLacks()
{
    const TemporaryFolder folder;
    const Result<WeightFiles> weights = WeightFiles::open(folder.file(""));
    QVERIFY(!weights);
    QCOMPARE(weights.error().code, ErrorCode::NotFound);
    QVERIFY(shown(weights.error().message).contains(u"model.safetensors"));
    QCOMPARE(WeightFiles::open(folder.file("absent")).error().code, ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestWeightFiles)
#include "tst_weight_files.moc"
