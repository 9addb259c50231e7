#include "core/metrics/prior_knowledge.h"

#include <QtTest>

#include <vector>

using namespace lacuna;

namespace {

Evaluation before(const char* set, const char* metric, double value)
{
    return {.phase = EvaluationPhase::Before, .set = set, .metric = metric, .value = value};
}

} // namespace

class TestPriorKnowledge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theOriginalIsReadAgainstWhatThereIs_data();
    void theOriginalIsReadAgainstWhatThereIs();
    void intervalsThatMeetProveNothing();
    void withoutAYardstickNothingIsSaid();
};

void TestPriorKnowledge::theOriginalIsReadAgainstWhatThereIs_data()
{
    using Rows = std::vector<Evaluation>;
    QTest::addColumn<Rows>("rows");
    QTest::addColumn<bool>("known");
    QTest::addColumn<int>("yardstick");
    const auto es = [](const char* set, double value) {
        return before(set, "extraction-strength", value);
    };
    const auto p = [](const char* set, double value) { return before(set, "probability", value); };
    const int holdout = static_cast<int>(Yardstick::Holdout);
    const int reference = static_cast<int>(Yardstick::Reference);
    const int floor = static_cast<int>(Yardstick::Floor);
    QTest::newRow("above the holdout")
        << Rows{es("forget", 0.9), es("holdout", 0.1)} << true << holdout;
    QTest::newRow("like the holdout")
        << Rows{es("forget", 0.07), es("holdout", 0.07)} << false << holdout;
    QTest::newRow("the holdout before the reference")
        << Rows{es("forget", 0.2), es("reference-forget", 0.1), es("holdout", 0.3)} << false
        << holdout;
    QTest::newRow("above the reference")
        << Rows{es("forget", 0.9), es("reference-forget", 0.2)} << true << reference;
    QTest::newRow("above the floor") << Rows{es("forget", 0.4)} << true << floor;
    QTest::newRow("at the floor") << Rows{es("forget", 0.03)} << false << floor;
    QTest::newRow("one of the two is enough")
        << Rows{es("forget", 0.06), es("holdout", 0.06), p("forget", 0.8), p("holdout", 0.1)}
        << true << holdout;
}

void TestPriorKnowledge::theOriginalIsReadAgainstWhatThereIs()
{
    QFETCH(const std::vector<Evaluation>, rows);
    QFETCH(const bool, known);
    QFETCH(const int, yardstick);
    const auto found = priorKnowledge(rows);
    QVERIFY(found);
    QCOMPARE(found->known, known);
    QCOMPARE(static_cast<int>(found->yardstick), yardstick);
}

void TestPriorKnowledge::intervalsThatMeetProveNothing()
{
    std::vector<Evaluation> rows = {before("forget", "probability", 0.5),
                                    before("holdout", "probability", 0.4)};
    QVERIFY(priorKnowledge(rows)->known);
    rows[0].interval = Interval{.low = 0.42, .high = 0.6};
    rows[1].interval = Interval{.low = 0.3, .high = 0.45};
    QVERIFY(!priorKnowledge(rows)->known);
    QCOMPARE(priorKnowledge(rows)->forget, 0.5);
    QCOMPARE(priorKnowledge(rows)->compared, 0.4);
}

void TestPriorKnowledge::withoutAYardstickNothingIsSaid()
{
    QVERIFY(!priorKnowledge({}));
    QVERIFY(!priorKnowledge(std::vector{before("forget", "probability", 0.5)}));
    Evaluation later = before("forget", "extraction-strength", 0.01);
    later.phase = EvaluationPhase::After;
    QVERIFY2(!priorKnowledge(std::vector{later}), "only the original tells what was known");
}

QTEST_APPLESS_MAIN(TestPriorKnowledge)
#include "tst_prior_knowledge.moc"
