#include "core/base/hash.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <fstream>

using namespace lacuna;

class TestHash : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishedDigests_data();
    void publishedDigests();
    void aFileHasTheDigestOfItsBytes();
    void aFileThatCannotBeReadIsAnError();
};

void TestHash::publishedDigests_data() // FIPS 180-2, appendix B; the empty text from NIST's vectors
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("digest");
    const auto row = [](const char* name, const QByteArray& bytes, const char* digest) {
        QTest::newRow(name) << bytes << QByteArray(digest);
    };
    row("the empty text", {}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    row("abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    row("two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    row("a million a", QByteArray(1'000'000, 'a'),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

void TestHash::publishedDigests()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, digest);
    QCOMPARE(shown(sha256(bytesOf(bytes))), shown(bytesOf(digest)));
}

void TestHash::aFileHasTheDigestOfItsBytes()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("file")).toStdString();
    // Around the size of the blocks that are read.
    for (const std::size_t size : {0U, 1U, (1U << 20) - 1, 1U << 20, (1U << 20) + 1}) {
        const std::string bytes(size, '\0');
        std::ofstream(path, std::ios::binary) << bytes;
        const Result<std::string> digest = sha256File(path);
        QVERIFY(digest);
        QCOMPARE(shown(*digest), shown(sha256(bytes)));
    }
}

void TestHash::aFileThatCannotBeReadIsAnError()
{
    const QTemporaryDir folder;
    const std::string missing = folder.filePath(QStringLiteral("missing")).toStdString();
    QCOMPARE(sha256File(missing).error().code, ErrorCode::NotFound);
    QCOMPARE(shown(sha256File(missing).error().context), shown(missing));
    QCOMPARE(sha256File(folder.path().toStdString()).error().code, ErrorCode::Io);
}

QTEST_GUILESS_MAIN(TestHash)
#include "tst_hash.moc"
