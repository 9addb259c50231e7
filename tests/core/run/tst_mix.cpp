#include "core/models/mix.h"
#include "core/models/stored_tensor.h"
#include "core/models/weight_files.h"
#include "core/run/calibration.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/result_weights.h"
#include "tests/core/run/watched_run.h"

#include <QtTest>

using namespace lacuna;

namespace {

CalibrationRequest requestFor(const WatchedRun& run, const std::string& metric)
{
    CalibrationRequest request{.evaluation = {.model = smallModel(),
                                              .forget = {runData("forget.json")},
                                              .retain = {runData("retain.json")},
                                              .maxLength = 64},
                               .unlearned = (run.folder() / "model").string(),
                               .metric = metric,
                               .keep = 0.95};
    request.evaluation.spec.generate = false;
    return request;
}

} // namespace

class TestMix : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theEndsAreTheTwoModelsToTheBit();
    void between_data();
    void between();
    void onlyWhatDiffersIsMixed();
    void anAdapterScaledIsTheMixture();
    void aModelOfAnotherShapeIsRefused();
    void calibrationKeepsWhatWasAsked_data();
    void calibrationKeepsWhatWasAsked();
    void aHarmlessRunIsKeptWhole();
    void whatCannotBeCalibratedIsRefused_data();
    void whatCannotBeCalibratedIsRefused();
    void cancellingLeavesNothing();
    void theMixtureIsWritten();

private:
    std::unique_ptr<WatchedRun> m_run; ///< ascent without a retain term: it forgets everything
};

void TestMix::initTestCase()
{
    m_run = std::make_unique<WatchedRun>(changed({{"/method", {{"id", "ga"}}}}));
    QVERIFY(m_run->untilEnd().state == RunState::Done);
}

void TestMix::theEndsAreTheTwoModelsToTheBit()
{
    const auto decoder = loadDecoder(smallModel(), c10::Device(c10::kCPU), c10::kFloat).value();
    Mix mix = Mix::open(*decoder, m_run->folder() / "model").value();
    QVERIFY(mix.changedShare() > 0.99);
    for (const double amount : {0.5, 1.0, 0.0, 1.0}) {
        mix.setAmount(amount);
        if (amount == 0.5)
            continue;
        const auto wanted = weightsIn(amount == 1 ? m_run->folder() / "model"
                                                  : std::filesystem::path(smallModel()));
        for (const Parameter& parameter : decoder->parameters())
            QVERIFY2(parameter.master.equal(wanted.at(parameter.name)), parameter.name.c_str());
    }
}

void TestMix::between_data()
{
    QTest::addColumn<double>("amount");
    QTest::newRow("a quarter") << 0.25;
    QTest::newRow("beyond") << 1.5;
    QTest::newRow("the other way") << -1.0;
}

void TestMix::between()
{
    QFETCH(double, amount);
    const auto decoder = loadDecoder(smallModel(), c10::Device(c10::kCPU), c10::kFloat).value();
    Mix mix = Mix::open(*decoder, m_run->folder() / "model").value();
    mix.setAmount(amount);
    const auto original = weightsIn(smallModel());
    const auto unlearned = weightsIn(m_run->folder() / "model");
    for (const Parameter& parameter : decoder->parameters()) {
        const at::Tensor wanted = original.at(parameter.name)
                                      .mul(1 - amount)
                                      .add(unlearned.at(parameter.name).mul(amount));
        QVERIFY2(parameter.master.allclose(wanted, 1e-5, 1e-6), parameter.name.c_str());
        QVERIFY(parameter.compute.equal(parameter.master));
    }
}

void TestMix::onlyWhatDiffersIsMixed()
{
    WatchedRun run(changed({{"/scope", {{"layers", "2"}}}, {"/training/steps", 2}}));
    run.untilEnd();
    const auto decoder = loadDecoder(smallModel(), c10::Device(c10::kCPU), c10::kBFloat16).value();
    Mix mix = Mix::open(*decoder, run.folder() / "model").value();
    QVERIFY(mix.changedShare() > 0.1 && mix.changedShare() < 0.3); // one block of five
    mix.setAmount(0.5);
    for (const Parameter& parameter : decoder->parameters())
        if (parameter.name.find("layers.3.mlp") != std::string::npos)
            QVERIFY(parameter.mapped); // still the file's own memory
}

void TestMix::anAdapterScaledIsTheMixture()
{
    WatchedRun run(changed({{"/scope", {{"adapter", {{"rank", 2}}}}},
                            {"/training/learning_rate", 0.01},
                            {"/training/steps", 3}}));
    run.untilEnd();
    const auto mixed = loadDecoder(smallModel(), c10::Device(c10::kCPU), c10::kFloat).value();
    Mix mix = Mix::open(*mixed, run.folder() / "model").value();
    mix.setAmount(0.4);
    const auto scaled =
        loadDecoder(run.folder() / "adapter", c10::Device(c10::kCPU), c10::kFloat).value();
    scaled->setAdapterFactor(0.4);
    scaled->mergeAdapters();
    for (std::size_t i = 0; i < mixed->parameters().size(); ++i)
        QVERIFY2(mixed->parameters()[i].master.allclose(scaled->parameters()[i].master, 1e-5, 1e-6),
                 mixed->parameters()[i].name.c_str());
}

void TestMix::aModelOfAnotherShapeIsRefused()
{
    const auto other = std::filesystem::path(TEST_DATA_DIR) / "golden/hf-parity/llama-mha";
    const auto decoder = loadDecoder(smallModel(), c10::Device(c10::kCPU), c10::kFloat).value();
    const Result<Mix> mix = Mix::open(*decoder, other);
    QVERIFY(!mix);
    QVERIFY(!mix.error().context.empty());
}

void TestMix::calibrationKeepsWhatWasAsked_data()
{
    QTest::addColumn<QString>("metric");
    QTest::newRow("knowledge") << "probability";
    QTest::newRow("loss") << "nll";
}

void TestMix::calibrationKeepsWhatWasAsked()
{
    QFETCH(QString, metric);
    const Calibration found =
        calibrate(requestFor(*m_run, metric.toStdString()), [](double) { return true; }).value();
    QVERIFY(found.amount > 0 && found.amount < 1);
    QCOMPARE(found.points.size(), std::size_t{2 + 7});
    QCOMPARE(found.points[0].kept, 1.0);
    QCOMPARE(found.points[1].amount, 1.0);
    QVERIFY(found.points[1].kept < 0.95);
    double closest = 1;
    for (const CalibrationPoint& point : found.points) {
        QCOMPARE(point.kept >= 0.95, point.amount <= found.amount);
        if (point.amount > found.amount)
            closest = std::min(closest, point.amount);
    }
    QVERIFY(closest - found.amount <= 1.0 / 128 + 1e-12);
    // What is measured at the end is the mixture that was found.
    const auto retain = std::ranges::find_if(found.evaluations, [&](const Evaluation& one) {
        return one.set == "retain" && one.metric == metric.toStdString();
    });
    const auto chosen = std::ranges::find(found.points, found.amount, &CalibrationPoint::amount);
    QCOMPARE(retain->value, chosen->score);
}

void TestMix::aHarmlessRunIsKeptWhole()
{
    CalibrationRequest request = requestFor(*m_run, "probability");
    request.keep = 0;
    const Calibration found = calibrate(request, [](double) { return true; }).value();
    QCOMPARE(found.amount, 1.0);
    QCOMPARE(found.points.size(), std::size_t{2});
}

void TestMix::whatCannotBeCalibratedIsRefused_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("message");
    QTest::newRow("an unknown metric") << "metric"
                                       << "there is no metric \"prob\"";
    QTest::newRow("no retain set") << "retain"
                                   << "needs a retain corpus";
    QTest::newRow("no result") << "unlearned"
                               << "nowhere";
}

void TestMix::whatCannotBeCalibratedIsRefused()
{
    QFETCH(QString, what);
    QFETCH(QString, message);
    CalibrationRequest request = requestFor(*m_run, "probability");
    if (what == u"metric")
        request.metric = "prob";
    else if (what == u"retain")
        request.evaluation.retain = {};
    else
        request.unlearned = "/nowhere";
    const Result<Calibration> found = calibrate(request, [](double) { return true; });
    QVERIFY(!found);
    QVERIFY2(shown(found.error().text()).contains(message), found.error().text().c_str());
}

void TestMix::cancellingLeavesNothing()
{
    const Calibration found = calibrate(requestFor(*m_run, "probability"), [](double share) {
                                  return share < 0.4;
                              }).value();
    QVERIFY(found.points.empty() && found.evaluations.empty());
}

void TestMix::theMixtureIsWritten()
{
    const TemporaryFolder folder;
    writeMix(smallModel(), m_run->folder() / "model", 0.3, folder.file("mixed")).value();
    const auto original = weightsIn(smallModel());
    const auto unlearned = weightsIn(m_run->folder() / "model");
    for (const auto& [name, values] : weightsIn(folder.file("mixed")))
        QVERIFY(values.allclose(original.at(name).mul(0.7).add(unlearned.at(name).mul(0.3)), 1e-5,
                                1e-6));
    QVERIFY(std::filesystem::exists(folder.file("mixed") / "tokenizer.model"));
}

QTEST_GUILESS_MAIN(TestMix)
#include "tst_mix.moc"
