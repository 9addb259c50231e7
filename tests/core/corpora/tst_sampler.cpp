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
    void museKeepsPairsTogether();
    void yaoReadsBothFilesInOrder();
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
    PairSampler sampler({.forgetCount = 10, .retainCount = 7, .batchSize = 4, .seed = 1});
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
    PairSampler sampler({.forgetCount = 1000, .retainCount = 10, .batchSize = 100, .seed = 3});
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
    PairSampler sampler({.forgetCount = 5, .batchSize = 2, .seed = 1});
    for (int step = 0; step < 6; ++step)
        QVERIFY(sampler.next().retain.empty());
}

void TestSampler::museKeepsPairsTogether()
{
    PairSampler sampler({.forgetCount = 10,
                         .retainCount = 4,
                         .batchSize = 3,
                         .seed = 5,
                         .pairing = Pairing::Indexed});
    for (int step = 0; step < 9; ++step) {
        const StepBatch batch = sampler.next();
        for (std::size_t i = 0; i < batch.forget.size(); ++i)
            QCOMPARE(batch.retain.at(i), batch.forget.at(i) % 4);
    }
}

void TestSampler::yaoReadsBothFilesInOrder()
{
    PairSampler sampler({.forgetCount = 3,
                         .retainCount = 5,
                         .batchSize = 2,
                         .seed = 5,
                         .pairing = Pairing::Interleaved,
                         .retainPerForget = 2});
    using Items = std::vector<std::int64_t>;
    const std::vector<std::pair<Items, Items>> expected = {
        {{0, 1}, {0, 1, 2, 3}}, {{2}, {4, 0}}, {{0, 1}, {1, 2, 3, 4}}, {{2}, {0, 1}}};
    for (const auto& [forget, retain] : expected) {
        const StepBatch batch = sampler.next();
        QCOMPARE(batch.forget, forget);
        QCOMPARE(batch.retain, retain);
    }
}

void TestSampler::theSeedDecides()
{
    PairSampler one({.forgetCount = 50, .retainCount = 50, .batchSize = 50, .seed = 1});
    PairSampler again({.forgetCount = 50, .retainCount = 50, .batchSize = 50, .seed = 1});
    PairSampler other({.forgetCount = 50, .retainCount = 50, .batchSize = 50, .seed = 2});
    const StepBatch batch = one.next();
    QVERIFY(same(batch, again.next()));
    const StepBatch otherBatch = other.next();
    QVERIFY(batch.forget != otherBatch.forget);
    QVERIFY(batch.retain != otherBatch.retain);
}

void TestSampler::theRetainSetDoesNotMoveTheForgetOrder()
{
    PairSampler with({.forgetCount = 20, .retainCount = 9, .batchSize = 6, .seed = 4});
    PairSampler without({.forgetCount = 20, .batchSize = 6, .seed = 4});
    for (int step = 0; step < 10; ++step)
        QCOMPARE(with.next().forget, without.next().forget);
}

void TestSampler::aResumedOrderEqualsAnUninterruptedOne_data()
{
    QTest::addColumn<int>("retainCount");
    QTest::addColumn<int>("stepsBefore");
    QTest::addColumn<QByteArray>("pairing");
    for (const int retainCount : {0, 9})
        for (const int steps : {0, 1, 4, 5, 11}) // five steps are an epoch
            for (const std::string& pairing : pairingNames())
                QTest::addRow("%d retain items, stopped after %d steps, %s", retainCount, steps,
                              pairing.c_str())
                    << retainCount << steps << QByteArray::fromStdString(pairing);
}

void TestSampler::aResumedOrderEqualsAnUninterruptedOne()
{
    QFETCH(int, retainCount);
    QFETCH(int, stepsBefore);
    QFETCH(QByteArray, pairing);

    const SamplerOptions options{.forgetCount = 23,
                                 .retainCount = retainCount,
                                 .batchSize = 5,
                                 .seed = 0xFEDCBA9876543210ULL,
                                 .pairing = pairingOf(pairing.toStdString())};
    PairSampler whole(options);
    for (int step = 0; step < stepsBefore; ++step)
        static_cast<void>(whole.next());
    const std::string saved = whole.state().dump();

    PairSampler resumed(options);
    static_cast<void>(resumed.next());
    QVERIFY(resumed.restore(Json::parse(saved)));
    for (int step = 0; step < 13; ++step)
        QVERIFY(same(whole.next(), resumed.next()));
    QCOMPARE(whole.state(), resumed.state());
}

void TestSampler::aForeignStateIsRefused_data()
{
    QTest::addColumn<QByteArray>("place"); // JSON pointer
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("another forget count") << QByteArray("/options/forget_count") << QByteArray("9");
    QTest::newRow("another retain count") << QByteArray("/options/retain_count") << QByteArray("9");
    QTest::newRow("another batch size") << QByteArray("/options/batch_size") << QByteArray("9");
    QTest::newRow("another seed") << QByteArray("/options/seed") << QByteArray("\"9\"");
    QTest::newRow("another pairing") << QByteArray("/options/pairing") << QByteArray("\"muse\"");
    QTest::newRow("another ratio") << QByteArray("/options/retain_per_forget") << QByteArray("2");
    QTest::newRow("a position outside") << QByteArray("/position") << QByteArray("21");
    QTest::newRow("a negative epoch") << QByteArray("/epoch") << QByteArray("-1");
    QTest::newRow("no position") << QByteArray("/position") << QByteArray("null");
    QTest::newRow("a broken generator") << QByteArray("/retain_draws") << QByteArray("\"1 2\"");
    QTest::newRow("a wrong type") << QByteArray("/epoch") << QByteArray("\"x\"");
    QTest::newRow("an unknown key") << QByteArray("/extra") << QByteArray("1");
}

void TestSampler::aForeignStateIsRefused()
{
    QFETCH(QByteArray, place);
    QFETCH(QByteArray, value);

    PairSampler sampler({.forgetCount = 20, .retainCount = 8, .batchSize = 4, .seed = 1});
    static_cast<void>(sampler.next());
    const Json before = sampler.state();
    Json state = before;
    state[Json::json_pointer(place.toStdString())] = Json::parse(value.toStdString());

    QVERIFY(!sampler.restore(state));
    QCOMPARE(sampler.state(), before);
}

void TestSampler::noSamplesIsABug()
{
    QVERIFY_EXCEPTION_THROWN(PairSampler({.forgetCount = 0}), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(PairSampler({.batchSize = 0}), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(PairSampler({.retainPerForget = 0}), std::logic_error);
}

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
