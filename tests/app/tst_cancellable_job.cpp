#include "app/cancellable_job.h"

#include <QSignalSpy>
#include <QtTest>

#include <semaphore>
#include <stdexcept>

using namespace lacuna;

class TestCancellableJob : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theResultComesBackToThisThread();
    void cancelledWorkIsToldAndTellsSo();
    void aCancelDoesNotReachTheNextWork();
    void progressIsWhatTheWorkSays();
    void whatIsThrownBecomesAnError();
    void destroyingItEndsTheWork();
};

namespace {

/// Work that goes on until it is cancelled.
Result<int> untilCancelled(CancellableJob::Course& course)
{
    while (course.proceed(0.5))
        QThread::yieldCurrentThread();
    return 0;
}

} // namespace

void TestCancellableJob::theResultComesBackToThisThread()
{
    CancellableJob job;
    QThread* worker = nullptr;
    QThread* here = nullptr;
    job.start(
        [&](CancellableJob::Course&) -> Result<int> {
            worker = QThread::currentThread();
            return 7;
        },
        [&](const Result<int>& result) {
            QCOMPARE(result.value(), 7);
            here = QThread::currentThread();
        });
    QVERIFY(job.isRunning());
    QTRY_VERIFY(here);
    QCOMPARE(here, QThread::currentThread());
    QVERIFY(worker != here);
    QVERIFY(!job.isRunning() && !job.isCancelled());
}

void TestCancellableJob::cancelledWorkIsToldAndTellsSo()
{
    CancellableJob job;
    bool ended = false;
    bool cancelled = false;
    job.start(untilCancelled, [&](const Result<int>&) {
        ended = true;
        cancelled = job.isCancelled();
    });
    job.cancel();
    QTRY_VERIFY(ended);
    QVERIFY(cancelled);
}

void TestCancellableJob::aCancelDoesNotReachTheNextWork()
{
    CancellableJob job;
    bool ended = false;
    job.start(untilCancelled, [&](const Result<int>&) { ended = true; });
    job.cancel();
    QTRY_VERIFY(ended);
    bool wentOn = false;
    job.start([](CancellableJob::Course& course) -> Result<bool> { return course.proceed(1); },
              [&](const Result<bool>& result) { wentOn = result.value() && !job.isCancelled(); });
    QTRY_VERIFY(wentOn);
}

void TestCancellableJob::progressIsWhatTheWorkSays()
{
    CancellableJob job;
    const QSignalSpy spy(&job, &CancellableJob::progressed);
    bool ended = false;
    job.start(untilCancelled, [&](const Result<int>&) { ended = true; });
    QTRY_VERIFY(!spy.isEmpty() && spy.last().front().toDouble() == 0.5);
    job.cancel();
    QTRY_VERIFY(ended);
}

void TestCancellableJob::whatIsThrownBecomesAnError()
{
    CancellableJob job;
    bool failed = false;
    job.start([](CancellableJob::Course&) -> Result<int> { throw std::runtime_error("broken"); },
              [&](const Result<int>& result) {
                  failed = !result && result.error().message.find("broken") != std::string::npos;
              });
    QTRY_VERIFY(failed);
}

void TestCancellableJob::destroyingItEndsTheWork()
{
    std::binary_semaphore begun(0);
    bool told = false;
    {
        CancellableJob job;
        job.start(
            [&](CancellableJob::Course& course) {
                begun.release();
                return untilCancelled(course);
            },
            [&](const Result<int>&) { told = true; });
        begun.acquire();
    }
    QCoreApplication::processEvents();
    QVERIFY(!told); // nobody is there any more
}

QTEST_GUILESS_MAIN(TestCancellableJob)
#include "tst_cancellable_job.moc"
