#include "core/base/rng.h"
#include "core/models/kernels.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <vector>

using namespace lacuna;

namespace {

/// Every length around a vector's 16 numbers, and some that a model has.
void addLengths()
{
    QTest::addColumn<int>("length");
    for (const int length : {1, 15, 16, 17, 31, 33, 64, 288, 1001})
        QTest::addRow("%d numbers", length) << length;
}

std::vector<float> normals(std::size_t count, std::uint64_t seed)
{
    Random random(seed);
    std::vector<float> values(count);
    for (float& value : values)
        value = static_cast<float>(random.normal());
    return values;
}

float widened(std::uint16_t half)
{
    const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

} // namespace

class TestKernels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void productOfFewRows_data() { addLengths(); }
    void productOfFewRows();
    void softmaxIsExactToRounding_data() { addLengths(); }
    void softmaxIsExactToRounding();
    void whatIsHiddenGetsNoProbability();
    void bfloat16IsRoundedToTheNearest();
    void adamWMovesAsThePaperSays_data() { addLengths(); }
    void adamWMovesAsThePaperSays();
};

void TestKernels::productOfFewRows()
{
    QFETCH(int, length);
    const std::int64_t columns = 7;
    for (const std::int64_t rows : {1, 3, 4, 6}) {
        const auto x = normals(static_cast<std::size_t>(rows * length), 1);
        const auto weight = normals(static_cast<std::size_t>(columns * length), 2);
        std::vector<float> out(static_cast<std::size_t>(rows * columns), NAN);
        kernels::product(x.data(), {weight.data(), false}, out.data(), rows, length, columns, 0,
                         columns);
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t c = 0; c < columns; ++c) {
                double sum = 0;
                double size = 0;
                for (int i = 0; i < length; ++i) {
                    const double term = static_cast<double>(x[r * length + i]) *
                                        static_cast<double>(weight[c * length + i]);
                    sum += term;
                    size += std::abs(term);
                }
                // A rounding per addition of one lane, far apart from each other in sign.
                QVERIFY(std::abs(out[r * columns + c] - sum) <= 1e-6 * size);
            }
    }
}

void TestKernels::softmaxIsExactToRounding()
{
    QFETCH(int, length);
    auto values = normals(static_cast<std::size_t>(length), 3);
    for (float& value : values)
        value *= 5.0F;
    double total = 0;
    for (const float value : values)
        total += std::exp(0.5 * static_cast<double>(value));
    const auto logits = values;
    kernels::softmax(values.data(), 0.5F, 2.0F, length, 0, length);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double want = 2.0 * std::exp(0.5 * static_cast<double>(logits[i])) / total;
        QVERIFY(std::abs(values[i] - want) <= 2e-6 * want);
    }
    const double logTotal = std::log([&] {
        double sum = 0;
        for (const float value : logits)
            sum += std::exp(static_cast<double>(value));
        return sum;
    }());
    QVERIFY(std::abs(kernels::logProb(logits.data(), length, 0) - (logits[0] - logTotal)) <= 1e-5);
}

void TestKernels::whatIsHiddenGetsNoProbability()
{
    std::vector<float> values(40, 1.0F);
    values[0] = 50.0F;
    kernels::softmax(values.data(), 1.0F, 1.0F, 40, 3, 23);
    for (std::size_t i = 0; i < values.size(); ++i)
        QCOMPARE(values[i], i >= 3 && i < 23 ? 0.05F : 0.0F);
}

void TestKernels::bfloat16IsRoundedToTheNearest()
{
    const std::vector<float> values = {1.0F, 1.00390625F, 1.01171875F, -3.14159F, 0.0F};
    std::vector<std::uint16_t> halves(values.size());
    kernels::convert({values.data(), false}, {halves.data(), true},
                     static_cast<std::int64_t>(values.size()));
    // The second and third lie in the middle of two neighbours and go to the even one.
    const std::vector<float> want = {1.0F, 1.0F, 1.015625F, -3.140625F, 0.0F};
    for (std::size_t i = 0; i < want.size(); ++i)
        QCOMPARE(widened(halves[i]), want[i]);
}

void TestKernels::adamWMovesAsThePaperSays()
{
    QFETCH(int, length);
    const auto count = static_cast<std::size_t>(length);
    const auto start = normals(count, 4);
    const auto gradient = normals(count, 5);
    auto master = start;
    std::vector<float> first(count);
    std::vector<float> second(count);
    kernels::adamW(master.data(), gradient.data(), first.data(), second.data(),
                   {.keep1 = 0.9F,
                    .keep2 = 0.999F,
                    .step = 0.01F / 0.1F,
                    .rootCorrection = 1.0F / std::sqrt(0.001F),
                    .epsilon = 1e-8F,
                    .decay = 0.99F},
                   0, length);
    // The first step of Adam is the learning rate against the gradient's sign.
    for (std::size_t i = 0; i < count; ++i) {
        const float want = start[i] * 0.99F - std::copysign(0.01F, gradient[i]);
        QVERIFY(std::abs(master[i] - want) < 2e-6F);
    }
}

QTEST_GUILESS_MAIN(TestKernels)
#include "tst_kernels.moc"
