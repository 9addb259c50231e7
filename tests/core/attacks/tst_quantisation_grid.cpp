#include "core/attacks/quantisation_grid.h"
#include "tests/support/test_main.h"
#include "tests/support/tiny_model.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

using namespace lacuna;

/// Rounded weights against what is worked out by hand, or from the definition.
class TestQuantisationGrid : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGroupIsRoundedByItsOwnLargestWeight();
    void theLastGroupMayBeShorter();
    void zerosStayZeros();
    void eightBitsAreFiner();
    void normalFloatStepsAreQuantiles();
    void normalFloatTakesTheNearestStep();
    void whatIsOnTheGridStays_data();
    void whatIsOnTheGridStays();
};

namespace {

at::Tensor row(const std::vector<double>& values)
{
    at::Tensor row = at::empty({1, static_cast<std::int64_t>(values.size())}, at::kDouble);
    std::ranges::copy(values, row.data_ptr<double>());
    return row;
}

std::vector<double> listed(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.to(at::kDouble).flatten().contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// The x with \p share of the standard normal distribution below it, by bisection.
double normalQuantile(double share)
{
    double low = -10;
    double high = 10;
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < share ? low : high) = middle;
    }
    return low;
}

} // namespace

void TestQuantisationGrid::aGroupIsRoundedByItsOwnLargestWeight()
{
    // Two groups of four: steps of 0.7 / 7 = 0.1 and of 14 / 7 = 2.
    const Quantised q = quantised(row({0.7, -0.24, 0.06, -0.7, 14.0, -2.9, 3.1, 0.9}), "int4", 4);
    QCOMPARE(listed(q.codes), (std::vector<double>{7, -2, 1, -7, 7, -1, 2, 0}));
    const std::vector<double> wanted = {0.7, -0.2, 0.1, -0.7, 14, -2, 4, 0};
    const std::vector<double> values = listed(q.values);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        QVERIFY(std::abs(values[i] - wanted[i]) < 1e-12);
}

void TestQuantisationGrid::theLastGroupMayBeShorter()
{
    const Quantised q = quantised(row({1, 0.4, 0.02, 0.2}), "int4", 3);
    QCOMPARE(listed(q.codes), (std::vector<double>{7, 3, 0, 7}));
    QVERIFY(std::abs(listed(q.values)[3] - 0.2) < 1e-12);
}

void TestQuantisationGrid::zerosStayZeros()
{
    for (const std::string& format : quantisationFormats())
        QCOMPARE(listed(quantised(row({0, 0, 0}), format, 8).values),
                 (std::vector<double>{0, 0, 0}));
}

void TestQuantisationGrid::eightBitsAreFiner()
{
    const Quantised q = quantised(row({1.27, 0.502, -0.499, -0.004}), "int8", 4);
    QCOMPARE(listed(q.codes), (std::vector<double>{127, 50, -50, 0}));
}

void TestQuantisationGrid::normalFloatStepsAreQuantiles()
{
    // QLoRA: eight positive and seven negative quantiles between a half and 1 - offset, with 0.
    const double offset = 0.5 * (1.0 - 1.0 / 32 + 1.0 - 1.0 / 30);
    std::vector<double> steps = {0};
    for (int i = 0; i < 8; ++i)
        steps.push_back(normalQuantile(offset + (0.5 - offset) * i / 8) / normalQuantile(offset));
    for (int i = 0; i < 7; ++i)
        steps.push_back(-normalQuantile(offset + (0.5 - offset) * i / 7) / normalQuantile(offset));
    std::ranges::sort(steps);
    const std::vector<double> rounded = listed(quantised(row(steps), "nf4", 1).values);
    for (std::size_t i = 0; i < steps.size(); ++i)
        QVERIFY2(std::abs(rounded[i] - steps[i]) < 2e-6, // the published table is float32
                 qPrintable(QStringLiteral("%1: %2 and %3").arg(i).arg(rounded[i]).arg(steps[i])));
}

void TestQuantisationGrid::normalFloatTakesTheNearestStep()
{
    const Quantised q = quantised(row({2, -1.7, 0.07, 0.17, 1.45}), "nf4", 8);
    // In halves: 1, -0.85 (middle of the two lowest is -0.848), 0.035 (middle 0.0398), 0.085,
    // 0.725.
    QCOMPARE(listed(q.codes), (std::vector<double>{15, 0, 7, 8, 14}));
    QVERIFY(std::abs(listed(q.values)[3] - 2 * 0.0795802995) < 1e-7);
}

void TestQuantisationGrid::whatIsOnTheGridStays_data()
{
    QTest::addColumn<QString>("format");
    for (const std::string& format : quantisationFormats())
        QTest::newRow(format.c_str()) << QString::fromStdString(format);
}

void TestQuantisationGrid::whatIsOnTheGridStays()
{
    QFETCH(const QString, format);
    const auto model = tinyModel();
    const at::Tensor weights =
        parameterNamed(*model, "model.layers.0.self_attn.q_proj.weight").master;
    const Quantised once = quantised(weights, format.toStdString(), 4);
    const Quantised twice = quantised(once.values, format.toStdString(), 4);
    QVERIFY(once.codes.equal(twice.codes));
    QVERIFY(largestDifference(once.values, twice.values) < 1e-12);
    // Half a step is the most that is lost.
    QVERIFY(largestDifference(once.values, weights) <=
            weights.abs().max().item<double>() * (format == u"int8" ? 0.5 / 127 : 0.16));
    QVERIFY(!once.values.equal(weights));
}

LACUNA_TEST_MAIN(TestQuantisationGrid)
#include "tst_quantisation_grid.moc"
