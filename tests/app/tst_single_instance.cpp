#include "app/single_instance.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lacuna;
using namespace Qt::StringLiterals;

class TestSingleInstance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFirstFindsNobody();
    void aSecondStartHandsItsArgumentsOver();
    void anotherDataFolderIsAnotherInstance();
};

void TestSingleInstance::theFirstFindsNobody()
{
    const QTemporaryDir folder;
    SingleInstance first(folder.path());
    QVERIFY(!first.handOver({}));
}

void TestSingleInstance::aSecondStartHandsItsArgumentsOver()
{
    const QTemporaryDir folder;
    SingleInstance first(folder.path());
    first.listen();
    QSignalSpy again(&first, &SingleInstance::startedAgain);
    SingleInstance second(folder.path());
    const QStringList arguments = {u"/models/a b"_s, u"/r\u00e9cipe.json"_s};
    QVERIFY(second.handOver(arguments));
    QVERIFY(again.size() == 1 || again.wait());
    QCOMPARE(again.front().front().toStringList(), arguments);
}

void TestSingleInstance::anotherDataFolderIsAnotherInstance()
{
    const QTemporaryDir folder;
    const QTemporaryDir other;
    SingleInstance first(folder.path());
    first.listen();
    SingleInstance second(other.path());
    QVERIFY(!second.handOver({}));
}

QTEST_GUILESS_MAIN(TestSingleInstance)
#include "tst_single_instance.moc"
