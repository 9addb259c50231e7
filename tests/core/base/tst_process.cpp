#include "core/base/process.h"

#include <QtTest>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace lacuna;

class TestProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWorksLives();
    void whatHasEndedDoesNot();
    void noNumberIsNoProcess();
};

void TestProcess::whatWorksLives()
{
    QVERIFY(processLives(::getpid()));
    QVERIFY(processLives(1)); // which may belong to somebody else
}

void TestProcess::whatHasEndedDoesNot()
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    QVERIFY(child > 0 && processLives(child));
    ::kill(child, SIGKILL);
    // Ended, and still there for its parent to ask.
    siginfo_t info{};
    QCOMPARE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    QVERIFY(!processLives(child));
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    QVERIFY(!processLives(child));
}

void TestProcess::noNumberIsNoProcess()
{
    QVERIFY(!processLives(0));
    QVERIFY(!processLives(-1));
}

QTEST_GUILESS_MAIN(TestProcess)
#include "tst_process.moc"
