#include "core/controls/mask.h"
#include "core/controls/update_mask.h"
#include "core/run/optimizer.h"
#include "tests/core/base/std_text.h"
#include "tests/support/tiny_model.h"

#include <QtTest>

#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace lacuna;

// A new entry of the catalogue has the first tests without a line being written here.

namespace {

void addMasks()
{
    QTest::addColumn<QString>("id");
    for (const std::string& id : masks().ids())
        QTest::newRow(id.c_str()) << shown(id);
}

/// A tiny model with the gradients of its forget loss.
struct Bench {
    explicit Bench(at::ScalarType type = at::kDouble) : decoder(tinyModel(tinyConfig(), type))
    {
        decoder->trainAll();
        tokenMeanLoss(*decoder, tinyCorpus()).backward();
    }
    [[nodiscard]] std::unique_ptr<UpdateMask> mask(const Json& spec)
    {
        const MaskSpec read = readMaskSpec(spec, "mask").value();
        auto made = masks().find(read.id).value()->make(read.params);
        made->start(decoder->parameters());
        made->look(decoder->parameters());
        return made;
    }
    /// Shares of all entries, or of those of matrices, that \p mask lets move.
    [[nodiscard]] double share(const UpdateMask& mask, bool matricesOnly = false) const
    {
        double moving = 0;
        double all = 0;
        for (const Parameter& parameter : decoder->parameters()) {
            if (matricesOnly && parameter.master.dim() != 2)
                continue;
            const at::Tensor chosen = mask.of(parameter);
            all += static_cast<double>(parameter.master.numel());
            moving += chosen.defined() ? chosen.expand_as(parameter.master).sum().item<double>()
                                       : static_cast<double>(parameter.master.numel());
        }
        return moving / all;
    }
    /// Absolute gradients of all entries, sorted.
    [[nodiscard]] std::vector<double> gradients() const
    {
        std::vector<double> values;
        for (const Parameter& parameter : decoder->parameters()) {
            const at::Tensor flat = parameter.gradient.abs().to(at::kDouble).reshape({-1});
            values.insert(values.end(), flat.data_ptr<double>(),
                          flat.data_ptr<double>() + flat.numel());
        }
        std::ranges::sort(values);
        return values;
    }

    std::unique_ptr<Decoder> decoder;
};

} // namespace

class TestMasks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEntrySaysAllAboutItself_data() { addMasks(); }
    void anEntrySaysAllAboutItself();
    void whatIsMaskedStaysToTheBit_data() { addMasks(); }
    void whatIsMaskedStaysToTheBit();
    void aBadMaskIsNamed_data();
    void aBadMaskIsNamed();

    void theLargestIsFoundExactly();
    void salUnKeepsItsShare_data();
    void salUnKeepsItsShare();
    void salUnDoesNotLookAgain();
    void sureChoosesWholeOutputs();
    void sureFollowsStoredOrientation();
    void aThresholdAtTheMeanKeepsWhatIsAboveIt();
    void aThresholdFarBelowKeepsEverything();
};

void TestMasks::anEntrySaysAllAboutItself()
{
    QFETCH(QString, id);
    const MaskInfo* info = masks().find(id.toStdString()).value();
    QVERIFY(!info->title.empty() && !info->source.empty() && info->explanation.size() > 80);
    for (const ParamSpec& param : info->params)
        QVERIFY2(!param.help.empty(), param.name.c_str());
}

void TestMasks::whatIsMaskedStaysToTheBit()
{
    QFETCH(QString, id);
    for (const OptimizerKind kind :
         {OptimizerKind::Sgd, OptimizerKind::AdamW, OptimizerKind::Sophia}) {
        Bench bench(at::kFloat);
        const auto mask = bench.mask({{"id", id.toStdString()}});
        std::deque<Parameter>& parameters = bench.decoder->parameters();
        Optimizer optimizer(parameters, {.kind = kind, .weightDecay = 0.1});
        for (int step = 0; step < 2; ++step) {
            mask->look(parameters);
            std::vector<at::Tensor> chosen;
            std::vector<at::Tensor> before;
            for (const Parameter& parameter : parameters) {
                const at::Tensor of = mask->of(parameter);
                chosen.push_back(of.defined() ? of.expand_as(parameter.master).clone() : of);
                before.push_back(parameter.master.clone());
            }
            optimizer.step(1e-2, mask.get());
            double moved = 0;
            for (std::size_t i = 0; i < parameters.size(); ++i) {
                const at::Tensor same = parameters[i].master.eq(before[i]);
                if (chosen[i].defined())
                    QVERIFY2(same.logical_or(chosen[i]).all().item<bool>(),
                             parameters[i].name.c_str());
                moved += same.logical_not().sum().item<double>();
            }
            QVERIFY(moved > 0);
        }
    }
}

void TestMasks::aBadMaskIsNamed_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("text");
    QTest::newRow("no id") << QByteArray("{}") << "needs an id";
    QTest::newRow("unknown") << QByteArray(R"({"id": "salum"})") << "did you mean \"salun\"";
    QTest::newRow("out of range") << QByteArray(R"({"id": "salun", "share": 0})")
                                  << "share cannot be 0";
    QTest::newRow("unknown key") << QByteArray(R"({"id": "sure", "percent": 3})") << "percent";
}

void TestMasks::aBadMaskIsNamed()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, text);
    const Result<MaskSpec> spec = readMaskSpec(Json::parse(json.toStdString()), "scope.mask");
    QVERIFY(!spec);
    QVERIFY2(shown(spec.error().text()).contains(text), spec.error().text().c_str());
    QVERIFY(shown(spec.error().context).startsWith(u"scope.mask"));
    QVERIFY(readMaskSpec(Json(), "scope.mask").value().id.empty());
}

void TestMasks::theLargestIsFoundExactly()
{
    const std::vector<at::Tensor> tensors = {at::randn({37, 11}), at::randn({500}).mul(1e-6),
                                             at::randn({3, 5}).mul(1e9), at::zeros({40})};
    std::vector<float> values;
    for (const at::Tensor& tensor : tensors) {
        const at::Tensor flat = tensor.abs().reshape({-1});
        values.insert(values.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    }
    std::ranges::sort(values, std::greater());
    const auto all = static_cast<std::int64_t>(values.size());
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{2}, std::int64_t{15},
                                     std::int64_t{16}, all / 2, all - 41, all - 40, all})
        QCOMPARE(largestAbsolute(tensors, count), values[static_cast<std::size_t>(count - 1)]);
    QCOMPARE(largestAbsolute(tensors, 0), values.front());
    QCOMPARE(largestAbsolute(tensors, all + 7), values.back());
}

void TestMasks::salUnKeepsItsShare_data()
{
    QTest::addColumn<double>("share");
    QTest::newRow("a tenth") << 0.1;
    QTest::newRow("the half") << 0.5;
    QTest::newRow("all") << 1.0;
}

void TestMasks::salUnKeepsItsShare()
{
    QFETCH(double, share);
    Bench bench;
    const auto mask = bench.mask({{"id", "salun"}, {"share", share}});
    const double entries = static_cast<double>(bench.gradients().size());
    QVERIFY(bench.share(*mask) >= share);
    // Equal gradients, as those of rows of the embedding that no token has, are chosen together.
    const double threshold =
        bench.gradients()[static_cast<std::size_t>(std::floor(entries * (1 - share)))];
    if (threshold > 0)
        QVERIFY(bench.share(*mask) <= share + 2 / entries);
}

void TestMasks::salUnDoesNotLookAgain()
{
    Bench bench;
    const auto mask = bench.mask({{"id", "salun"}, {"share", 0.3}});
    const Parameter& parameter =
        parameterNamed(*bench.decoder, "model.layers.0.mlp.down_proj.weight");
    const at::Tensor before = mask->of(parameter).clone();
    disturb(*bench.decoder);
    bench.decoder->clearGradients();
    tokenMeanLoss(*bench.decoder, tinyCorpus(4, 9)).backward();
    mask->look(bench.decoder->parameters());
    QVERIFY(mask->of(parameter).equal(before));
}

void TestMasks::sureChoosesWholeOutputs()
{
    Bench bench;
    const auto mask = bench.mask({{"id", "sure"}, {"percentile", 75}});
    std::vector<double> norms;
    std::vector<double> chosen;
    for (const Parameter& parameter : bench.decoder->parameters()) {
        const at::Tensor of = mask->of(parameter);
        QCOMPARE(of.defined(), parameter.master.dim() == 2);
        if (!of.defined())
            continue;
        QCOMPARE(of.size(0), parameter.master.size(0));
        QCOMPARE(of.size(1), std::int64_t{1});
        for (std::int64_t row = 0; row < of.size(0); ++row) {
            norms.push_back(parameter.gradient[row].norm().item<double>());
            if (of[row][0].item<bool>())
                chosen.push_back(norms.back());
        }
    }
    QCOMPARE(chosen.size(),
             static_cast<std::size_t>(std::ceil(0.25 * static_cast<double>(norms.size()))));
    std::ranges::sort(norms);
    const auto best = norms.end() - static_cast<std::ptrdiff_t>(chosen.size());
    QCOMPARE(*std::ranges::min_element(chosen), *best);
}

void TestMasks::sureFollowsStoredOrientation()
{
    std::deque<Parameter> parameters;
    for (const bool transposed : {false, true})
        parameters.push_back({.name = transposed ? "in, out" : "out, in",
                              .master = at::zeros({2, 3}),
                              .gradient = at::randn({2, 3}),
                              .transposed = transposed,
                              .trained = true});
    const MaskSpec spec = readMaskSpec({{"id", "sure"}}, "mask").value();
    const auto mask = masks().find("sure").value()->make(spec.params);
    mask->look(parameters);
    QCOMPARE(mask->of(parameters[0]).size(0), std::int64_t{2});
    QCOMPARE(mask->of(parameters[1]).size(1), std::int64_t{3});
}

void TestMasks::aThresholdAtTheMeanKeepsWhatIsAboveIt()
{
    Bench bench;
    const std::vector<double> gradients = bench.gradients();
    double sum = 0;
    for (const double value : gradients)
        sum += value;
    const double mean = sum / static_cast<double>(gradients.size());
    const auto above = std::ranges::count_if(gradients, [&](double g) { return g >= mean; });
    const auto mask = bench.mask({{"id", "gradient-threshold"}});
    QCOMPARE(bench.share(*mask),
             static_cast<double>(above) / static_cast<double>(gradients.size()));
}

void TestMasks::aThresholdFarBelowKeepsEverything()
{
    Bench bench;
    const auto mask = bench.mask({{"id", "gradient-threshold"}, {"deviations", -1000}});
    QCOMPARE(bench.share(*mask), 1.0);
}

QTEST_GUILESS_MAIN(TestMasks)
#include "tst_masks.moc"
