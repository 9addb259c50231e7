#include "app/cli/store_path.h"
#include "tests/support/test_main.h"

using namespace lacuna;

class TestStorePath : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theHistoryLiesWhereTheUserKeepsData_data();
    void theHistoryLiesWhereTheUserKeepsData();
};

void TestStorePath::theHistoryLiesWhereTheUserKeepsData_data()
{
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<QByteArray>("expected");

    QTest::newRow("in XDG_DATA_HOME")
        << QByteArray("/data") << QByteArray("/data/lacuna/history.sqlite");
    QTest::newRow("in the home folder without it")
        << QByteArray() << QByteArray("/home/ada/.local/share/lacuna/history.sqlite");
    QTest::newRow("a relative XDG_DATA_HOME does not count")
        << QByteArray("data") << QByteArray("/home/ada/.local/share/lacuna/history.sqlite");
}

void TestStorePath::theHistoryLiesWhereTheUserKeepsData()
{
    QFETCH(QByteArray, data);
    QFETCH(QByteArray, expected);
    qputenv("HOME", "/home/ada");
    qputenv("XDG_DATA_HOME", data);

    QCOMPARE(QByteArray::fromStdString(defaultStorePath().string()), expected);
}

LACUNA_TEST_MAIN(TestStorePath)
#include "tst_store_path.moc"
