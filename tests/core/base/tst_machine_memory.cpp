#include "core/base/machine_memory.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

using namespace lacuna;

/// Files of a Linux system, as the kernel writes them.
class TestMachineMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theMachineIsWhatItsFilesSay_data();
    void theMachineIsWhatItsFilesSay();
    void thisProcessTakesSomeOfThisMachine();
};

void TestMachineMemory::theMachineIsWhatItsFilesSay_data()
{
    QTest::addColumn<QByteArray>("limit");
    QTest::addColumn<QByteArray>("used");
    QTest::addColumn<double>("total");
    QTest::addColumn<double>("available");
    QTest::newRow("no container") << QByteArray() << QByteArray() << 9000.0 << 5500.0;
    QTest::newRow("a container without limit")
        << QByteArray("max\n") << QByteArray("409600\n") << 9000.0 << 5500.0;
    QTest::newRow("a container with less")
        << QByteArray("3072000\n") << QByteArray("1536000\n") << 3000.0 << 2000.0;
    QTest::newRow("a container with more than there is")
        << QByteArray("30720000\n") << QByteArray("1024000\n") << 9000.0 << 5500.0;
}

void TestMachineMemory::theMachineIsWhatItsFilesSay()
{
    QFETCH(QByteArray, limit);
    QFETCH(QByteArray, used);
    QFETCH(double, total);
    QFETCH(double, available);
    const TemporaryFolder root;
    const auto write = [&](const char* file, const QByteArray& text) {
        const auto path = root.file(file);
        std::filesystem::create_directories(path.parent_path());
        writeBytes(path, text.toStdString());
    };
    write("proc/meminfo", "MemTotal:        8000 kB\nMemFree:          900 kB\n"
                          "MemAvailable:    5000 kB\nHugePages_Total:       0\n"
                          "SwapTotal:       1000 kB\nSwapFree:         500 kB\n");
    if (!limit.isEmpty()) {
        write("sys/fs/cgroup/memory.max", limit);
        write("sys/fs/cgroup/memory.current", used);
        write("sys/fs/cgroup/memory.stat", "anon 1024000\nfile 512000\ninactive_file 512000\n");
    }
    const MachineMemory memory = machineMemory(root.file(""));
    QCOMPARE(memory.total, total * 1024);
    QCOMPARE(memory.available, available * 1024);
}

void TestMachineMemory::thisProcessTakesSomeOfThisMachine()
{
    const MachineMemory memory = machineMemory();
    QVERIFY(residentMemoryBytes() > 0);
    // The kernel adds up what each processor counts by itself only now and then.
    constexpr double kUncounted = 8 << 20;
    QVERIFY(residentMemoryBytes() <= peakMemoryBytes() + kUncounted);
    QVERIFY(peakMemoryBytes() < memory.total);
}

QTEST_GUILESS_MAIN(TestMachineMemory)
#include "tst_machine_memory.moc"
