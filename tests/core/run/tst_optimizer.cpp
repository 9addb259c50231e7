#include "core/run/optimizer.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/from_blob.h>

#include <QtTest>

#include <cmath>
#include <map>

using namespace lacuna;

namespace {

constexpr std::size_t kCount = 6; // values of a parameter
constexpr int kSteps = 5;

using Values = std::vector<double>;

/// The gradient of value \p i of parameter \p name at \p step; large, small and of either sign.
double gradientAt(const std::string& name, std::size_t i, int step)
{
    const double phase = static_cast<double>(name.size()) + 1.7 * static_cast<double>(i);
    return std::sin(phase + 0.9 * step) * std::pow(10.0, static_cast<double>(i) - 3.0);
}

Values startOf(const std::string& name)
{
    Values values(kCount);
    for (std::size_t i = 0; i < kCount; ++i)
        values[i] = std::cos(static_cast<double>(name.size() + i));
    return values;
}

at::Tensor tensorOf(Values values)
{
    return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kDouble)
        .clone();
}

Values valuesOf(const at::Tensor& tensor)
{
    return {tensor.data_ptr<double>(), tensor.data_ptr<double>() + tensor.numel()};
}

/// A weight that decays, a norm that does not, and a weight that is left as it is.
std::deque<Parameter> parameters()
{
    std::deque<Parameter> all;
    const auto add = [&](const std::string& name, bool decayed, bool trained) {
        all.push_back({.name = name,
                       .master = tensorOf(startOf(name)),
                       .gradient = trained ? tensorOf(Values(kCount, 0.0)) : at::Tensor(),
                       .decayed = decayed,
                       .trained = trained});
    };
    add("weight", true, true);
    add("norm", false, true);
    add("frozen.weight", true, false);
    return all;
}

void setGradients(std::deque<Parameter>& all, int step)
{
    for (Parameter& parameter : all) {
        if (!parameter.trained)
            continue;
        Values values(kCount);
        for (std::size_t i = 0; i < kCount; ++i)
            values[i] = gradientAt(parameter.name, i, step);
        parameter.gradient.copy_(tensorOf(values));
    }
}

double rateAt(int step)
{
    return 0.01 / step;
}

/// One value by the textbook (Loshchilov and Hutter 2019, algorithm 2).
struct ScalarAdamW {
    double value = 0;
    double decay = 0;
    double first = 0;
    double second = 0;

    void step(double gradient, double rate, const OptimizerOptions& options, int number)
    {
        first = options.beta1 * first + (1 - options.beta1) * gradient;
        second = options.beta2 * second + (1 - options.beta2) * gradient * gradient;
        const double unbiasedFirst = first / (1 - std::pow(options.beta1, number));
        const double unbiasedSecond = second / (1 - std::pow(options.beta2, number));
        value -= rate * unbiasedFirst / (std::sqrt(unbiasedSecond) + options.epsilon) +
                 rate * decay * value;
    }
};

/// One value by the formula of the unlearning reference (2.24).
struct ScalarSophia {
    double value = 0;
    double decay = 0;
    double first = 0;
    double second = 0;

    void step(double gradient, double rate, const OptimizerOptions& options, int number)
    {
        first = options.beta1 * first + (1 - options.beta1) * gradient;
        if ((number - 1) % options.hessianInterval == 0)
            second = options.beta2 * second + (1 - options.beta2) * gradient * gradient;
        value *= 1 - rate * decay;
        const double ratio =
            std::abs(first) / (options.rho * options.hessianScale * second + 1e-15);
        value -= rate * std::copysign(std::min(ratio, 1.0), first);
    }
};

bool near(double a, double b)
{
    return std::abs(a - b) <= 1e-14 + 1e-12 * std::abs(b); // a few roundings of float64
}

} // namespace

class TestOptimizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void adamwIsTheTextbooks_data();
    void adamwIsTheTextbooks();
    void sgdDescendsAndDecays();
    void sophiaIsTheFormula_data();
    void sophiaIsTheFormula();
    void copiesAndProductsAreOfWhatIsTrained();
    void restoredMomentsContinueIdentically();
    void plainDescentHasNothingToRestore();
    void theNormCountsWhatIsTrained();
    void scalingReachesWhatIsTrained();
};

void TestOptimizer::adamwIsTheTextbooks_data()
{
    QTest::addColumn<double>("weightDecay");
    QTest::addColumn<bool>("decayAll");
    QTest::addColumn<double>("epsilon");
    QTest::newRow("no decay") << 0.0 << false << 1e-8;
    QTest::newRow("decay spares norms") << 0.3 << false << 1e-8;
    QTest::newRow("decay of everything") << 0.3 << true << 1e-8;
    QTest::newRow("an epsilon that matters") << 0.0 << false << 0.5;
}

void TestOptimizer::adamwIsTheTextbooks()
{
    QFETCH(double, weightDecay);
    QFETCH(bool, decayAll);
    QFETCH(double, epsilon);
    const OptimizerOptions options{
        .epsilon = epsilon, .weightDecay = weightDecay, .decayAll = decayAll};
    std::deque<Parameter> all = parameters();
    std::map<std::string, std::vector<ScalarAdamW>> wanted;
    for (const Parameter& parameter : all)
        for (const double value : valuesOf(parameter.master))
            wanted[parameter.name].push_back(
                {.value = value, .decay = decayAll || parameter.decayed ? weightDecay : 0.0});
    Optimizer optimizer(all, options);
    for (int step = 1; step <= kSteps; ++step) {
        setGradients(all, step);
        optimizer.step(rateAt(step));
        for (const Parameter& parameter : all) {
            const Values values = valuesOf(parameter.master);
            for (std::size_t i = 0; i < kCount; ++i) {
                ScalarAdamW& one = wanted[parameter.name][i];
                if (parameter.trained)
                    one.step(gradientAt(parameter.name, i, step), rateAt(step), options, step);
                QVERIFY2(near(values[i], one.value), parameter.name.c_str());
            }
        }
    }
    QCOMPARE(optimizer.stepCount(), std::int64_t{kSteps});
}

void TestOptimizer::sgdDescendsAndDecays()
{
    std::deque<Parameter> all = parameters();
    Optimizer optimizer(all, {.kind = OptimizerKind::Sgd, .weightDecay = 0.2});
    std::map<std::string, Values> wanted;
    for (const Parameter& parameter : all)
        wanted[parameter.name] = valuesOf(parameter.master);
    for (int step = 1; step <= kSteps; ++step) {
        setGradients(all, step);
        optimizer.step(rateAt(step));
        for (const Parameter& parameter : all)
            for (std::size_t i = 0; i < kCount && parameter.trained; ++i) {
                double& value = wanted[parameter.name][i];
                value -= rateAt(step) * ((parameter.decayed ? 0.2 * value : 0.0) +
                                         gradientAt(parameter.name, i, step));
            }
    }
    for (const Parameter& parameter : all)
        for (std::size_t i = 0; i < kCount; ++i)
            QVERIFY(near(valuesOf(parameter.master)[i], wanted[parameter.name][i]));
}

void TestOptimizer::sophiaIsTheFormula_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<double>("scale");
    QTest::newRow("h in every step, clipped") << 1 << 1e-6;
    QTest::newRow("h in every step, not clipped") << 1 << 1e6;
    QTest::newRow("h in every third step") << 3 << 5120.0;
}

void TestOptimizer::sophiaIsTheFormula()
{
    QFETCH(int, interval);
    QFETCH(double, scale);
    const OptimizerOptions options{.kind = OptimizerKind::Sophia,
                                   .beta2 = 0.95,
                                   .weightDecay = 0.1,
                                   .hessianScale = scale,
                                   .hessianInterval = interval};
    std::deque<Parameter> all = parameters();
    std::map<std::string, std::vector<ScalarSophia>> wanted;
    for (const Parameter& parameter : all)
        for (const double value : valuesOf(parameter.master))
            wanted[parameter.name].push_back(
                {.value = value, .decay = parameter.decayed ? 0.1 : 0.0});
    Optimizer optimizer(all, options);
    for (int step = 1; step <= kSteps; ++step) {
        setGradients(all, step);
        optimizer.step(rateAt(step));
        for (const Parameter& parameter : all)
            for (std::size_t i = 0; i < kCount; ++i) {
                ScalarSophia& one = wanted[parameter.name][i];
                if (parameter.trained)
                    one.step(gradientAt(parameter.name, i, step), rateAt(step), options, step);
                QVERIFY2(near(valuesOf(parameter.master)[i], one.value), parameter.name.c_str());
            }
    }
    QCOMPARE(optimizer.slots().size(), std::size_t{4});
}

void TestOptimizer::copiesAndProductsAreOfWhatIsTrained()
{
    std::deque<Parameter> all = parameters();
    setGradients(all, 1);
    const std::vector<at::Tensor> first = gradientCopies(all);
    QCOMPARE(first.size(), std::size_t{2});
    const double norm = gradientNorm(all);
    QVERIFY(near(gradientProduct(all, first), norm * norm));
    setGradients(all, 2); // the copies stay as they were
    double product = 0;
    for (const char* name : {"weight", "norm"})
        for (std::size_t i = 0; i < kCount; ++i)
            product += gradientAt(name, i, 1) * gradientAt(name, i, 2);
    QVERIFY(near(gradientProduct(all, first), product));
}

void TestOptimizer::restoredMomentsContinueIdentically()
{
    constexpr int kBreak = 2;
    const OptimizerOptions options{.weightDecay = 0.1};
    std::deque<Parameter> whole = parameters();
    std::deque<Parameter> continued = parameters();
    Optimizer one(whole, options);
    {
        Optimizer before(continued, options);
        for (int step = 1; step <= kBreak; ++step) {
            for (auto* all : {&whole, &continued})
                setGradients(*all, step);
            one.step(rateAt(step));
            before.step(rateAt(step));
        }
        Optimizer after(continued, options);
        const auto from = before.slots();
        auto to = after.slots();
        QCOMPARE(from.size(), std::size_t{4}); // two moments of two trained parameters
        for (std::size_t i = 0; i < from.size(); ++i) {
            QCOMPARE(to[i].name, from[i].name);
            to[i].tensor.copy_(from[i].tensor);
        }
        after.setStepCount(before.stepCount());
        for (int step = kBreak + 1; step <= kSteps; ++step) {
            for (auto* all : {&whole, &continued})
                setGradients(*all, step);
            one.step(rateAt(step));
            after.step(rateAt(step));
        }
    }
    for (std::size_t i = 0; i < whole.size(); ++i)
        QVERIFY(at::equal(whole[i].master, continued[i].master));
}

void TestOptimizer::plainDescentHasNothingToRestore()
{
    std::deque<Parameter> all = parameters();
    QVERIFY(Optimizer(all, {.kind = OptimizerKind::Sgd}).slots().empty());
}

void TestOptimizer::theNormCountsWhatIsTrained()
{
    std::deque<Parameter> all = parameters();
    setGradients(all, 1);
    double squares = 0;
    for (const char* name : {"weight", "norm"})
        for (std::size_t i = 0; i < kCount; ++i)
            squares += gradientAt(name, i, 1) * gradientAt(name, i, 1);
    QVERIFY(near(gradientNorm(all), std::sqrt(squares)));
    QCOMPARE(gradientNorm({}), 0.0);
}

void TestOptimizer::scalingReachesWhatIsTrained()
{
    std::deque<Parameter> all = parameters();
    setGradients(all, 1);
    const double norm = gradientNorm(all);
    scaleGradients(all, 0.25);
    QVERIFY(near(gradientNorm(all), 0.25 * norm));
}

QTEST_GUILESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
