#include "core/run/mailbox.h"

#include <QtTest>

#include <thread>

using namespace lacuna;
using namespace std::chrono_literals;

class TestMailbox : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eventsComeInOrderAndOnce();
    void waitingEndsWithAnEvent();
    void waitingEndsAtItsLimit();
    void eventsOfSeveralThreadsAllArrive();
};

void TestMailbox::eventsComeInOrderAndOnce()
{
    Mailbox mailbox;
    mailbox.post(StateChanged{RunState::Caching});
    mailbox.post(LogLine{"one"});
    const auto events = mailbox.drain();
    QCOMPARE(events.size(), std::size_t{2});
    QVERIFY(std::get<StateChanged>(events[0]).state == RunState::Caching);
    QCOMPARE(std::get<LogLine>(events[1]).text, std::string("one"));
    QVERIFY(mailbox.drain().empty());
}

void TestMailbox::waitingEndsWithAnEvent()
{
    Mailbox mailbox;
    const std::jthread poster([&] { mailbox.post(LogLine{"late"}); });
    QVERIFY(mailbox.wait(60s));
    QVERIFY(mailbox.wait(60s)); // it stays until it is drained
    QCOMPARE(mailbox.drain().size(), std::size_t{1});
}

void TestMailbox::waitingEndsAtItsLimit()
{
    Mailbox mailbox;
    QVERIFY(!mailbox.wait(5ms));
}

void TestMailbox::eventsOfSeveralThreadsAllArrive()
{
    constexpr int kThreads = 4;
    constexpr int kEach = 500;
    Mailbox mailbox;
    std::vector<std::jthread> posters;
    for (int thread = 0; thread < kThreads; ++thread)
        posters.emplace_back([&mailbox, thread] {
            for (int i = 0; i < kEach; ++i)
                mailbox.post(StepDone{.step = i, .epoch = thread});
        });
    std::vector<std::int64_t> next(kThreads, 0);
    std::int64_t count = 0;
    while (count < kThreads * kEach) {
        QVERIFY(mailbox.wait(60s));
        for (const RunEvent& event : mailbox.drain()) {
            const auto& step = std::get<StepDone>(event);
            QCOMPARE(step.step, next[static_cast<std::size_t>(step.epoch)]++);
            ++count;
        }
    }
}

QTEST_GUILESS_MAIN(TestMailbox)
#include "tst_mailbox.moc"
