#include "core/corpora/sampler.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace lacuna;

namespace {

bool same(const StepBatch& a, const StepBatch& b)
{
    return a.forget == b.forget && a.retain == b.retain && a.epoch == b.epoch;
}

} // namespace

class TestSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEpochPassesEveryForgetItemOnce();
    void retainItemsAreDrawnUniformlyWithReplacement();
    void withoutARetainSetThereAreNoPairs();
    void theSeedDecides();
    void theRetainSetDoesNotMoveTheForgetOrder();
    void aResumedOrderEqualsAnUninterruptedOne_data();
    void aResumedOrderEqualsAnUninterruptedOne();
    void aForeignStateIsRefused_data();
    void aForeignStateIsRefused();
    void noSamplesIsABug();
};

void TestSampler::anEpochPassesEveryForgetItemOnce()
{
    PairSampler sampler(10, 7, 4, 1);
    QCOMPARE(sampler.stepsPerEpoch(), 3);
    std::vector<std::vector<std::int64_t>> orders;
    for (int epoch = 0; epoch < 3; ++epoch) {
        std::vector<std::int64_t> order;
        for (int step = 0; step < 3; ++step) {
            const StepBatch batch = sampler.next();
            QCOMPARE(batch.epoch, epoch);
            QCOMPARE(int(batch.forget.size()), step < 2 ? 4 : 2);
            QCOMPARE(batch.retain.size(), batch.forget.size());
            order.insert(order.end(), batch.forget.begin(), batch.forget.end());
        }
        QCOMPARE(std::set(order.begin(), order.end()).size(), std::size_t(10));
        orders.push_back(order);
    }
    QVERIFY(orders[0] != orders[1] && orders[1] != orders[2]);
}

void TestSampler::retainItemsAreDrawnUniformlyWithReplacement()
{
    PairSampler sampler(1000, 10, 100, 3);
    std::vector<int> counts(10);
    for (int step = 0; step < 100; ++step)
        for (const std::int64_t index : sampler.next().retain)
            ++counts.at(std::size_t(index));
    // 10 000 draws over 10 items: mean 1000, standard deviation 30; five of them are allowed.
    for (const int count : counts)
        QVERIFY2(std::abs(count - 1000) < 150, qPrintable(QString::number(count)));
}

void TestSampler::withoutARetainSetThereAreNoPairs()
{
    PairSampler sampler(5, 0, 2, 1);
    for (int step = 0; step < 6; ++step)
        QVERIFY(sampler.next().retain.empty());
}

void TestSampler::theSeedDecides()
{
    PairSampler one(50, 50, 50, 1);
    PairSampler again(50, 50, 50, 1);
    PairSampler other(50, 50, 50, 2);
    const StepBatch batch = one.next();
    QVERIFY(same(batch, again.next()));
    const StepBatch otherBatch = other.next();
    QVERIFY(batch.forget != otherBatch.forget);
    QVERIFY(batch.retain != otherBatch.retain);
}

void TestSampler::theRetainSetDoesNotMoveTheForgetOrder()
{
    PairSampler with(20, 9, 6, 4);
    PairSampler without(20, 0, 6, 4);
    for (int step = 0; step < 10; ++step)
        QCOMPARE(with.next().forget, without.next().forget);
}

void TestSampler::aResumedOrderEqualsAnUninterruptedOne_data()
{
    QTest::addColumn<int>("retainCount");
    QTest::addColumn<int>("stepsBefore");
    for (const int retainCount : {0, 9})
        for (const int steps : {0, 1, 4, 5, 11}) // five steps are an epoch
            QTest::addRow("%d retain items, stopped after %d steps", retainCount, steps)
                << retainCount << steps;
}

void TestSampler::aResumedOrderEqualsAnUninterruptedOne()
{
    QFETCH(int, retainCount);
    QFETCH(int, stepsBefore);

    const std::uint64_t seed = 0xFEDCBA9876543210ULL;
    PairSampler whole(23, retainCount, 5, seed);
    for (int step = 0; step < stepsBefore; ++step)
        static_cast<void>(whole.next());
    const std::string saved = whole.state().dump();

    PairSampler resumed(23, retainCount, 5, seed);
    static_cast<void>(resumed.next());
    QVERIFY(resumed.restore(Json::parse(saved)));
    for (int step = 0; step < 13; ++step)
        QVERIFY(same(whole.next(), resumed.next()));
    QCOMPARE(whole.state(), resumed.state());
}

void TestSampler::aForeignStateIsRefused_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("another forget count") << QByteArray("forget_count") << QByteArray("9");
    QTest::newRow("another retain count") << QByteArray("retain_count") << QByteArray("9");
    QTest::newRow("another batch size") << QByteArray("batch_size") << QByteArray("9");
    QTest::newRow("another seed") << QByteArray("seed") << QByteArray("\"9\"");
    QTest::newRow("a position outside") << QByteArray("position") << QByteArray("21");
    QTest::newRow("a negative epoch") << QByteArray("epoch") << QByteArray("-1");
    QTest::newRow("no position") << QByteArray("position") << QByteArray("null");
    QTest::newRow("a broken generator") << QByteArray("retain_draws") << QByteArray("\"1 2\"");
    QTest::newRow("a wrong type") << QByteArray("epoch") << QByteArray("\"x\"");
    QTest::newRow("an unknown key") << QByteArray("extra") << QByteArray("1");
}

void TestSampler::aForeignStateIsRefused()
{
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, value);

    PairSampler sampler(20, 8, 4, 1);
    static_cast<void>(sampler.next());
    const Json before = sampler.state();
    Json state = before;
    state[key.toStdString()] = Json::parse(value.toStdString());

    QVERIFY(!sampler.restore(state));
    QCOMPARE(sampler.state(), before);
}

void TestSampler::noSamplesIsABug()
{
    QVERIFY_EXCEPTION_THROWN(PairSampler(0, 1, 1, 1), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(PairSampler(1, 1, 0, 1), std::logic_error);
}

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
