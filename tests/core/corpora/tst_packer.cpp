#include "core/corpora/packer.h"

#include "core/base/rng.h"

#include <QtTest>

#include <numeric>

using namespace lacuna;

using Batches = std::vector<std::vector<std::int64_t>>;

class TestPacker : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void batchesFillUpToTheBudget();
    void aLongSampleStandsAlone();
    void nothingGivesNothing();
    void everyOrderIsKeptWithinTheBudget();
    void aWrongIndexIsABug();
};

void TestPacker::batchesFillUpToTheBudget()
{
    const std::vector<std::int64_t> order = {2, 0, 1, 3};
    const std::vector<std::int64_t> lengths = {4, 5, 6, 1};
    QCOMPARE(packMicroBatches(order, lengths, 10), (Batches{{2, 0}, {1, 3}}));
    QCOMPARE(packMicroBatches(order, lengths, 16), (Batches{{2, 0, 1, 3}}));
}

void TestPacker::aLongSampleStandsAlone()
{
    const std::vector<std::int64_t> order = {0, 1, 2};
    const std::vector<std::int64_t> lengths = {2, 50, 2};
    QCOMPARE(packMicroBatches(order, lengths, 10), (Batches{{0}, {1}, {2}}));
}

void TestPacker::nothingGivesNothing()
{
    QVERIFY(packMicroBatches({}, {}, 10).empty());
}

void TestPacker::everyOrderIsKeptWithinTheBudget()
{
    Random random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::int64_t> lengths(1 + random.below(40));
        for (std::int64_t& length : lengths)
            length = 1 + static_cast<std::int64_t>(random.below(30));
        std::vector<std::int64_t> order(lengths.size());
        std::iota(order.begin(), order.end(), 0);
        random.shuffle(order);
        const auto budget = 1 + static_cast<std::int64_t>(random.below(60));
        const auto tokens = [&](const std::vector<std::int64_t>& batch) {
            return std::accumulate(
                batch.begin(), batch.end(), std::int64_t{0},
                [&](std::int64_t sum, std::int64_t i) { return sum + lengths[std::size_t(i)]; });
        };

        const Batches batches = packMicroBatches(order, lengths, budget);

        std::vector<std::int64_t> joined;
        for (std::size_t b = 0; b < batches.size(); ++b) {
            QVERIFY(!batches[b].empty());
            QVERIFY(batches[b].size() == 1 || tokens(batches[b]) <= budget);
            if (b > 0) // a batch ends only because its successor's first sample did not fit
                QVERIFY(tokens(batches[b - 1]) + lengths[std::size_t(batches[b][0])] > budget);
            joined.insert(joined.end(), batches[b].begin(), batches[b].end());
        }
        QCOMPARE(joined, order);
    }
}

void TestPacker::aWrongIndexIsABug()
{
    const std::vector<std::int64_t> order = {1};
    const std::vector<std::int64_t> lengths = {3};
    QVERIFY_EXCEPTION_THROWN(packMicroBatches(order, lengths, 10), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(packMicroBatches({}, lengths, 0), std::logic_error);
}

QTEST_GUILESS_MAIN(TestPacker)
#include "tst_packer.moc"
