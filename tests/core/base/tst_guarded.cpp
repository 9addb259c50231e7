#include "core/base/guarded.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <new>

using namespace lacuna;

class TestGuarded : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatTheBodyReturnsPasses();
    void anErrorThrownArrivesWhole();
    void memoryRunningOutIsSaidSo_data();
    void memoryRunningOutIsSaidSo();
    void onlyTheFirstLineOfAMessageIsKept();
    void whateverElseIsThrownIsInternal();
};

void TestGuarded::whatTheBodyReturnsPasses()
{
    QVERIFY(guarded([] { return Status(); }));
    const Status status =
        guarded([]() -> Status { return Error{.code = ErrorCode::Io, .message = "full"}; });
    QCOMPARE(status.error().code, ErrorCode::Io);
}

void TestGuarded::anErrorThrownArrivesWhole()
{
    const Status status = guarded([]() -> Status {
        throw ErrorException({.code = ErrorCode::Corrupt,
                              .message = "the file is cut",
                              .context = "model.bin",
                              .remedy = "fetch it again"});
    });
    QCOMPARE(status.error().code, ErrorCode::Corrupt);
    QCOMPARE(shown(status.error().text()), shown("model.bin: the file is cut; fetch it again"));
}

void TestGuarded::memoryRunningOutIsSaidSo_data()
{
    QTest::addColumn<QByteArray>("message"); // empty: bad_alloc
    QTest::newRow("the allocator") << QByteArray();
    QTest::newRow("the processor's side")
        << QByteArray("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes");
    QTest::newRow("the device's side") << QByteArray("CUDA out of memory. Tried to allocate 2 GiB");
}

void TestGuarded::memoryRunningOutIsSaidSo()
{
    QFETCH(QByteArray, message);
    const Status status = guarded([&]() -> Status {
        if (message.isEmpty())
            throw std::bad_alloc();
        throw std::runtime_error(message.toStdString());
    });
    QCOMPARE(status.error().code, ErrorCode::OutOfMemory);
    QVERIFY(!status.error().message.empty());
    QVERIFY(!status.error().remedy.empty());
}

void TestGuarded::onlyTheFirstLineOfAMessageIsKept()
{
    const Status status = guarded([]() -> Status {
        throw std::logic_error("shapes differ\nframe 0: somewhere\nframe 1: elsewhere");
    });
    QCOMPARE(status.error().code, ErrorCode::Internal);
    QCOMPARE(shown(status.error().message), shown("shapes differ"));
}

void TestGuarded::whateverElseIsThrownIsInternal()
{
    const Status status = guarded([]() -> Status { throw 3; });
    QCOMPARE(status.error().code, ErrorCode::Internal);
    QVERIFY(!status.error().message.empty());
}

QTEST_GUILESS_MAIN(TestGuarded)
#include "tst_guarded.moc"
