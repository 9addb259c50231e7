#include "core/base/logistic_fit.h"
#include "core/base/rng.h"

#include <QtTest>

#include <cmath>
#include <stdexcept>

using namespace lacuna;

namespace {

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

FeatureRow row(std::vector<std::uint32_t> columns, std::vector<double> values)
{
    return {.columns = std::move(columns), .values = std::move(values)};
}

/// Rows of a few columns of many, and labels that depend on them and on chance.
struct Problem {
    std::vector<FeatureRow> rows;
    std::vector<bool> labels;
};

constexpr std::size_t kColumns = 200;

Problem randomProblem(std::size_t count)
{
    Random random(5);
    std::vector<double> truth(kColumns);
    for (double& weight : truth)
        weight = random.normal();
    Problem problem;
    for (std::size_t i = 0; i < count; ++i) {
        FeatureRow one;
        double sum = -0.5;
        for (std::uint32_t column = static_cast<std::uint32_t>(random.below(20)); column < kColumns;
             column += 1 + static_cast<std::uint32_t>(random.below(40))) {
            one.columns.push_back(column);
            one.values.push_back(random.normal());
            sum += truth[column] * one.values.back();
        }
        problem.rows.push_back(std::move(one));
        problem.labels.push_back(random.uniform() < sigmoid(sum));
    }
    return problem;
}

} // namespace

/// Against minima that can be written down, and the condition that makes a minimum.
class TestLogisticFit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoPointsHaveAClosedMinimum_data();
    void twoPointsHaveAClosedMinimum();
    void aClassCountsAsMuchAsTheOther();
    void theBiasIsFree();
    void theGradientVanishesAtTheMinimum_data();
    void theGradientVanishesAtTheMinimum();
    void theSameRowsGiveTheSameBits();
    void whatDoesNotGoTogetherIsABug();
};

void TestLogisticFit::twoPointsHaveAClosedMinimum_data()
{
    QTest::addColumn<double>("weight");
    for (const double weight : {0.1, 1.0, 3.0, 12.0})
        QTest::addRow("w = %g", weight) << weight;
}

void TestLogisticFit::twoPointsHaveAClosedMinimum()
{
    // Points at 1 and -1: -log sigmoid(w) + l2 w^2 / 2, whose derivative is -sigmoid(-w) + l2 w.
    QFETCH(const double, weight);
    const double l2 = sigmoid(-weight) / weight;
    const LogisticFit fit =
        fitLogistic(std::vector{row({7}, {1}), row({7}, {-1})}, {true, false}, 9, l2);
    QCOMPARE(fit.weights.size(), std::size_t{9});
    // Newton stops at a gradient of 1e-12, and the curvature is at least l2.
    QVERIFY(std::abs(fit.weights[7] - weight) < 1e-11 / l2);
    QVERIFY(std::abs(fit.bias) < 1e-6);
    QVERIFY(std::abs(fit.probability(row({7}, {0.5})) - sigmoid(weight / 2)) < 1e-6);
    for (const std::size_t other : {0, 6, 8})
        QCOMPARE(fit.weights[other], 0.0);
}

void TestLogisticFit::aClassCountsAsMuchAsTheOther()
{
    std::vector<FeatureRow> rows(101, row({0}, {-1}));
    std::vector<bool> labels(101, false);
    rows[0] = row({0}, {1});
    labels[0] = true;
    const LogisticFit fit = fitLogistic(rows, labels, 1, sigmoid(-1));
    QVERIFY(std::abs(fit.weights[0] - 1) < 1e-9);
    QVERIFY(std::abs(fit.bias) < 1e-9);
}

void TestLogisticFit::theBiasIsFree()
{
    // Moving all points moves the border and nothing else.
    const LogisticFit fit =
        fitLogistic(std::vector{row({0}, {11}), row({0}, {9})}, {true, false}, 1, sigmoid(-1));
    QVERIFY(std::abs(fit.weights[0] - 1) < 1e-8);
    QVERIFY(std::abs(fit.bias + 10) < 1e-7);
}

void TestLogisticFit::theGradientVanishesAtTheMinimum_data()
{
    QTest::addColumn<double>("l2");
    for (const double l2 : {1.0, 1e-2, 1e-4})
        QTest::addRow("l2 = %g", l2) << l2;
}

void TestLogisticFit::theGradientVanishesAtTheMinimum()
{
    QFETCH(const double, l2);
    const Problem problem = randomProblem(400);
    const LogisticFit fit = fitLogistic(problem.rows, problem.labels, kColumns, l2);
    const auto ones = static_cast<double>(std::ranges::count(problem.labels, true));
    std::vector<double> gradient(kColumns);
    for (std::size_t j = 0; j < kColumns; ++j)
        gradient[j] = l2 * fit.weights[j];
    double ofBias = 0;
    for (std::size_t i = 0; i < problem.rows.size(); ++i) {
        const double share = 0.5 / (problem.labels[i] ? ones : 400 - ones);
        const double wrong = fit.probability(problem.rows[i]) - (problem.labels[i] ? 1 : 0);
        for (std::size_t k = 0; k < problem.rows[i].columns.size(); ++k)
            gradient[problem.rows[i].columns[k]] += share * wrong * problem.rows[i].values[k];
        ofBias += share * wrong;
    }
    for (const double part : gradient)
        QVERIFY(std::abs(part) < 1e-11);
    QVERIFY(std::abs(ofBias) < 1e-11);
}

void TestLogisticFit::theSameRowsGiveTheSameBits()
{
    const Problem problem = randomProblem(100);
    const LogisticFit a = fitLogistic(problem.rows, problem.labels, kColumns, 0.01);
    const LogisticFit b = fitLogistic(problem.rows, problem.labels, kColumns, 0.01);
    QCOMPARE(a.weights, b.weights);
    QCOMPARE(a.bias, b.bias);
}

void TestLogisticFit::whatDoesNotGoTogetherIsABug()
{
    const std::vector<FeatureRow> rows = {row({0}, {1}), row({1}, {1})};
    QVERIFY_EXCEPTION_THROWN((void)fitLogistic(rows, {true, true}, 2, 0.1), std::logic_error);
    QVERIFY_EXCEPTION_THROWN((void)fitLogistic(rows, {true, false}, 1, 0.1), std::logic_error);
    QVERIFY_EXCEPTION_THROWN((void)fitLogistic(rows, {true, false}, 2, 0), std::logic_error);
    QVERIFY_EXCEPTION_THROWN((void)fitLogistic(rows, {true}, 2, 0.1), std::logic_error);
}

QTEST_GUILESS_MAIN(TestLogisticFit)
#include "tst_logistic_fit.moc"
