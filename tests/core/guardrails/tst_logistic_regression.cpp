#include "core/guardrails/logistic_regression.h"
#include "tests/support/test_main.h"

#include <torch/torch.h>

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

at::Tensor doubles(const std::vector<double>& values)
{
    return torch::tensor(values, at::kDouble);
}

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

} // namespace

/// Against minima that can be written down.
class TestLogisticRegression : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoPointsHaveAClosedMinimum_data();
    void twoPointsHaveAClosedMinimum();
    void aClassCountsAsMuchAsTheOther();
    void theBiasIsFree();
    void moreDimensionsThanRowsAreNoProblem();
    void theGradientVanishesAtTheMinimum();
};

void TestLogisticRegression::twoPointsHaveAClosedMinimum_data()
{
    QTest::addColumn<double>("weight");
    for (const double weight : {0.1, 1.0, 3.0})
        QTest::addRow("w = %g", weight) << weight;
}

void TestLogisticRegression::twoPointsHaveAClosedMinimum()
{
    // Points at 1 and -1 of either class: -log sigmoid(w) + l2 w^2 / 2, whose derivative is
    // -sigmoid(-w) + l2 w. The w that is wanted tells its l2.
    QFETCH(const double, weight);
    const double l2 = sigmoid(-weight) / weight;
    const LogisticRegression fit =
        fitLogisticRegression(doubles({1, -1}).unsqueeze(1), doubles({1, 0}), l2);
    QVERIFY(std::abs(fit.weights[0].item<double>() - weight) < 1e-9);
    QVERIFY(std::abs(fit.bias) < 1e-9);
    QVERIFY(std::abs(fit.probability(doubles({2})) - sigmoid(2 * weight)) < 1e-9);
}

void TestLogisticRegression::aClassCountsAsMuchAsTheOther()
{
    // A hundred copies of the negative change nothing.
    const double l2 = sigmoid(-1);
    at::Tensor x = at::full({101, 1}, -1.0, at::kDouble);
    x[0] = 1;
    at::Tensor y = at::zeros({101}, at::kDouble);
    y[0] = 1;
    const LogisticRegression fit = fitLogisticRegression(x, y, l2);
    QVERIFY(std::abs(fit.weights[0].item<double>() - 1) < 1e-9);
    QVERIFY(std::abs(fit.bias) < 1e-9);
}

void TestLogisticRegression::theBiasIsFree()
{
    // Moving all points moves the border and nothing else.
    const double l2 = sigmoid(-1);
    const LogisticRegression fit =
        fitLogisticRegression(doubles({11, 9}).unsqueeze(1), doubles({1, 0}), l2);
    QVERIFY(std::abs(fit.weights[0].item<double>() - 1) < 1e-8);
    QVERIFY(std::abs(fit.bias + 10) < 1e-7);
}

void TestLogisticRegression::moreDimensionsThanRowsAreNoProblem()
{
    // Along (3, 4, 0) / 5 it is the problem of two points again.
    const double l2 = sigmoid(-1);
    const at::Tensor x = torch::tensor({{0.6, 0.8, 0.0}, {-0.6, -0.8, 0.0}}, at::kDouble);
    const LogisticRegression fit = fitLogisticRegression(x, doubles({1, 0}), l2);
    QVERIFY(at::allclose(fit.weights, doubles({0.6, 0.8, 0.0}), 0, 1e-9));
}

void TestLogisticRegression::theGradientVanishesAtTheMinimum()
{
    torch::manual_seed(4);
    const at::Tensor x = torch::randn({40, 3}, at::kDouble);
    const at::Tensor y =
        (x.select(1, 0) + 0.5 * torch::randn({40}, at::kDouble) > 0.3).to(at::kDouble);
    const LogisticRegression fit = fitLogisticRegression(x, y, 0.01);
    const at::Tensor p = at::sigmoid(x.mv(fit.weights) + fit.bias);
    const at::Tensor share = at::where(y > 0.5, 0.5 / y.sum(), 0.5 / (40 - y.sum()));
    QVERIFY((x.t().mv(share * (p - y)) + 0.01 * fit.weights).abs().max().item<double>() < 1e-9);
    QVERIFY(std::abs((share * (p - y)).sum().item<double>()) < 1e-9);
}

LACUNA_TEST_MAIN(TestLogisticRegression)
#include "tst_logistic_regression.moc"
