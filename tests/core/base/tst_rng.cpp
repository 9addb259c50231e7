#include "core/base/rng.h"

#include <QtTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

using namespace lacuna;

namespace {

double uniformOf(std::uint64_t draw)
{
    return static_cast<double>(draw >> 11) * 0x1.0p-53;
}

std::vector<double> draws(Random& random, int count)
{
    std::vector<double> values;
    for (int i = 0; i < count; ++i)
        values.push_back(i % 3 == 0 ? random.normal() : random.uniform());
    return values;
}

} // namespace

class TestRng : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theEngineIsThePublishedOne();
    void seedFortyTwoIsRecorded();
    void theSameSeedDrawsTheSame();
    void belowStaysBelow_data();
    void belowStaysBelow();
    void belowIsEven();
    void uniformAndNormalHaveTheirMoments();
    void aShuffleIsAPermutation();
    void aRestoredStateContinues();
    void aForeignStateIsRefused_data();
    void aForeignStateIsRefused();
    void purposesHaveSeedsOfTheirOwn();
};

void TestRng::theEngineIsThePublishedOne()
{
    // The C++ standard, [rand.predef]: the 10000th draw of mt19937_64 at its default seed.
    Random random(5489);
    double last = 0;
    for (int i = 0; i < 10'000; ++i)
        last = random.uniform();
    QCOMPARE(last, uniformOf(9981545732273789042U));
}

void TestRng::seedFortyTwoIsRecorded()
{
    // Recorded with the engine checked above: runs stored with a seed depend on these.
    Random random(42);
    for (const std::uint64_t draw :
         {13930160852258120406U, 11788048577503494824U, 13874630024467741450U})
        QCOMPARE(random.uniform(), uniformOf(draw));
    Random again(42);
    QCOMPARE(again.below(1000), std::uint64_t{406});
    QCOMPARE(again.below(1000), std::uint64_t{824});
    std::vector<int> items = {0, 1, 2, 3, 4};
    Random(42).shuffle(items);
    QCOMPARE(items, (std::vector<int>{2, 3, 4, 0, 1}));
}

void TestRng::theSameSeedDrawsTheSame()
{
    Random a(7);
    Random b(7);
    Random c(8);
    const auto values = draws(a, 50);
    QCOMPARE(values, draws(b, 50));
    QVERIFY(values != draws(c, 50));
}

void TestRng::belowStaysBelow_data()
{
    QTest::addColumn<quint64>("count");
    QTest::newRow("one") << quint64{1};
    QTest::newRow("a few") << quint64{7};
    QTest::newRow("more than half of all") << (quint64{1} << 63) + 1;
    QTest::newRow("all but one") << std::numeric_limits<quint64>::max();
}

void TestRng::belowStaysBelow()
{
    QFETCH(quint64, count);
    Random random(3);
    for (int i = 0; i < 1000; ++i)
        QVERIFY(random.below(count) < count);
}

void TestRng::belowIsEven()
{
    Random random(3);
    std::array<int, 6> counts = {};
    constexpr int kDraws = 60'000;
    for (int i = 0; i < kDraws; ++i)
        ++counts.at(random.below(counts.size()));
    // Five standard deviations of a binomial count: sqrt(60000 * 1/6 * 5/6) = 91.
    for (const int count : counts)
        QVERIFY(std::abs(count - kDraws / 6) < 460);
}

void TestRng::uniformAndNormalHaveTheirMoments()
{
    Random random(5);
    constexpr int kDraws = 100'000;
    double uniforms = 0;
    double normals = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double u = random.uniform();
        QVERIFY(u >= 0 && u < 1);
        uniforms += u;
        const double z = random.normal();
        QVERIFY(std::isfinite(z));
        normals += z;
        squares += z * z;
    }
    // Within five standard errors: 0.29, 1 and sqrt(2), each over sqrt(100000) = 316.
    QVERIFY(std::abs(uniforms / kDraws - 0.5) < 5 * 0.29 / 316);
    QVERIFY(std::abs(normals / kDraws) < 5 * 1.0 / 316);
    QVERIFY(std::abs(squares / kDraws - 1) < 5 * 1.42 / 316);
}

void TestRng::aShuffleIsAPermutation()
{
    Random random(9);
    for (const std::size_t size : {0U, 1U, 2U, 100U}) {
        std::vector<int> items(size);
        std::iota(items.begin(), items.end(), 0);
        const std::vector<int> before = items;
        random.shuffle(items);
        QVERIFY(size < 100 || items != before);
        QVERIFY(std::is_permutation(items.begin(), items.end(), before.begin(), before.end()));
    }
}

void TestRng::aRestoredStateContinues()
{
    Random random(42);
    (void)draws(random, 777); // somewhere inside the engine's block of 312
    const std::string state = random.state();
    const auto next = draws(random, 1000);
    Random other(1);
    QVERIFY(other.restore(state));
    QCOMPARE(draws(other, 1000), next);
    QVERIFY(random.restore(state));
    QCOMPARE(draws(random, 1000), next);
}

void TestRng::aForeignStateIsRefused_data()
{
    QTest::addColumn<QByteArray>("state");
    const QByteArray state = QByteArray::fromStdString(Random(1).state());
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("words") << QByteArray("not a state");
    QTest::newRow("half a state") << state.left(state.size() / 2);
    QTest::newRow("something behind it") << state + " 5";
    QTest::newRow("a negative number in it") << QByteArray("-" + state);
}

void TestRng::aForeignStateIsRefused()
{
    QFETCH(QByteArray, state);
    Random random(4);
    const std::string before = random.state();
    QVERIFY(!random.restore(state.toStdString()));
    QCOMPARE(random.state() == before, true);
}

void TestRng::purposesHaveSeedsOfTheirOwn()
{
    QCOMPARE(derivedSeed(42, "order"), derivedSeed(42, "order"));
    QVERIFY(derivedSeed(42, "order") != derivedSeed(42, "dropout"));
    QVERIFY(derivedSeed(42, "order") != derivedSeed(43, "order"));
    // Recorded: runs stored with a seed depend on it. The first 8 bytes of SHA-256 of "42:order".
    QCOMPARE(derivedSeed(42, "order"), std::uint64_t{9623469667520350732U});
}

QTEST_GUILESS_MAIN(TestRng)
#include "tst_rng.moc"
