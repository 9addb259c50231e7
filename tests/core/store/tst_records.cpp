#include "core/store/records.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <algorithm>
#include <set>
#include <thread>

using namespace lacuna;

class TestRecords : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAndEnumeratorsAgree();
    void fiveStatesAreEnds();
    void timesAreUtcTexts();
    void aUidIsTwelveHexadecimalDigits();
    void uidsOfAllThreadsDiffer();
};

void TestRecords::idsAndEnumeratorsAgree()
{
    QCOMPARE(idOf(RunState::FinalEvaluation), std::string_view("final-evaluation"));
    QCOMPARE(idOf(RunState::Interrupted), std::string_view("interrupted"));
    QCOMPARE(idOf(EvaluationPhase::Standalone), std::string_view("standalone"));
    QCOMPARE(idOf(ModelRole::Reference), std::string_view("reference"));
    QCOMPARE(idOf(InterruptionKind::Recovered), std::string_view("recovered"));
    QCOMPARE(idOf(RequestKind::Discard), std::string_view("discard"));
    for (const std::string_view id : EnumIds<RunState>::kIds)
        QCOMPARE(idOf(fromId<RunState>(id).value()), id);
    QVERIFY(!fromId<RunState>("asleep"));
}

void TestRecords::fiveStatesAreEnds()
{
    const auto& ids = EnumIds<RunState>::kIds;
    QCOMPARE(std::count_if(ids.begin(), ids.end(),
                           [](auto id) { return isEnded(*fromId<RunState>(id)); }),
             5);
    QVERIFY(isEnded(RunState::Interrupted));
    QVERIFY(!isEnded(RunState::Paused));
}

void TestRecords::timesAreUtcTexts()
{
    using namespace std::chrono;
    QCOMPARE(utcText(system_clock::time_point(milliseconds(1772373909007))),
             "2026-03-01T14:05:09.007Z");
    QCOMPARE(utcText(system_clock::time_point(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
    QCOMPARE(utcNow().size(), std::size_t{24});
}

void TestRecords::aUidIsTwelveHexadecimalDigits()
{
    const std::chrono::system_clock::time_point time(std::chrono::seconds(1));
    const std::string uid = runUid(time, 42, 0);
    QCOMPARE(uid.size(), std::size_t{12});
    QVERIFY(uid.find_first_not_of("0123456789abcdef") == std::string::npos);
    QCOMPARE(runUid(time, 42, 0), uid);
    QVERIFY(runUid(time, 42, 1) != uid);
    QVERIFY(runUid(time, 43, 0) != uid);
    QVERIFY(runUid(time + std::chrono::nanoseconds(1), 42, 0) != uid);
}

void TestRecords::uidsOfAllThreadsDiffer()
{
    std::array<std::vector<std::string>, 4> made;
    {
        std::vector<std::jthread> threads;
        for (auto& uids : made)
            threads.emplace_back([&uids] {
                for (int i = 0; i < 500; ++i)
                    uids.push_back(newRunUid());
            });
    }
    std::set<std::string> all;
    for (const auto& uids : made)
        all.insert(uids.begin(), uids.end());
    QCOMPARE(all.size(), std::size_t{2000});
}

QTEST_GUILESS_MAIN(TestRecords)
#include "tst_records.moc"
