#include "core/run/inside_report.h"

#include "core/models/decoder.h"
#include "core/probe/lens.h"
#include "core/probe/residual_walk.h"
#include "core/probe/similarity.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"
#include "tests/support/test_main.h"
#include "tests/support/tiny_model.h"

#include <cmath>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const auto kGoOn = [](double) { return true; };

const Evaluation& named(const std::vector<Evaluation>& evaluations, const std::string& metric)
{
    return *std::ranges::find(evaluations, metric, &Evaluation::metric);
}

/// Questions of the small run's forget set, each with a false answer.
std::string withFalseAnswers(const TemporaryFolder& folder, int rows)
{
    std::string text;
    for (int i = 0; i < rows; ++i)
        text += Json{{"question", "What is in box " + std::to_string(i) + "?"},
                     {"answer", "a ball"},
                     {"perturbed_answer", {"the sun"}}}
                    .dump() +
                "\n";
    const std::filesystem::path file = folder.file("perturbed.jsonl");
    writeBytes(file, text);
    return file.string();
}

InsideRequest smallRequest()
{
    return {.model = smallModel(),
            .forget = {runData("forget.json")},
            .maxSamples = 6,
            .device = "cpu",
            .maxLength = 64};
}

} // namespace

class TestInside : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theEvaluationsAreMeansOfWhatLensAndComparisonSay();
    void withoutAnOriginalItSaysWhatIsMissing();
    void aSetWithoutAnswersHasNoDepth();
    void everyMetricIsDescribed();
    void theReportCoversBothSets();
    void falseAnswersGetALinearProbe();
    void aModelIsItsOwnOriginal();
    void anOriginalOfAnotherShapeIsRefused();
    void whatCannotBeReadIsRefused_data();
    void whatCannotBeReadIsRefused();
    void progressRisesAndCancelEnds();
};

void TestInside::theEvaluationsAreMeansOfWhatLensAndComparisonSay()
{
    const std::unique_ptr<Decoder> original = tinyModel();
    const std::unique_ptr<Decoder> decoder = tinyModel();
    disturb(*decoder);
    const std::vector<ScoredSample> samples = tinyCorpus(6);
    const InsideOptions options{.rank = 3, .step = 7, .phase = EvaluationPhase::After};
    const auto evaluations =
        lookInside(*decoder, original.get(), {"forget", pointersTo(samples)}, options)
            .value()
            .value()
            .evaluations;

    const auto readings = readLens(*decoder, pointersTo(samples), {}).value();
    const Evaluation& depth = named(evaluations, "lens-depth");
    double sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        QCOMPARE(depth.samples[i].sample, samples[i].index);
        QCOMPARE(depth.samples[i].value, readings[i].meanDepth(3).value());
        sum += depth.samples[i].value;
    }
    QVERIFY(std::abs(depth.value - sum / 6) < 1e-12);
    QCOMPARE(depth.count, std::int64_t{6});
    QCOMPARE(shown(depth.set), u"forget"_s);
    QCOMPARE(shown(depth.variant), u"rank-3"_s);
    QCOMPARE(depth.step, std::int64_t{7});
    QCOMPARE(depth.phase, EvaluationPhase::After);
    QVERIFY(depth.interval && depth.interval->low <= depth.value &&
            depth.value <= depth.interval->high);

    const Similarity similarity =
        compareResiduals(*decoder, *original, pointersTo(samples), {}).value().value();
    const Evaluation& cosine = named(evaluations, "activation-cosine");
    for (std::size_t i = 0; i < samples.size(); ++i)
        QCOMPARE(cosine.samples[i].value, similarity.sampleCosines[i]);
    QVERIFY(cosine.value < 1 && cosine.missing.empty());
}

void TestInside::withoutAnOriginalItSaysWhatIsMissing()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto evaluations = lookInside(*decoder, nullptr, {"forget", pointersTo(samples)}, {})
                                 .value()
                                 .value()
                                 .evaluations;
    const Evaluation& cosine = named(evaluations, "activation-cosine");
    QVERIFY(std::isnan(cosine.value));
    QVERIFY(shown(cosine.missing).contains(u"original"_s));
    QVERIFY(named(evaluations, "lens-depth").missing.empty());
}

void TestInside::aSetWithoutAnswersHasNoDepth()
{
    const std::unique_ptr<Decoder> decoder = tinyModel();
    for (const bool unscored : {false, true}) { // no samples, and one of which nothing is scored
        std::vector<ScoredSample> samples = tinyCorpus(1);
        std::ranges::fill(samples[0].scored, std::uint8_t{0});
        const InsideSet set{"forget",
                            unscored ? pointersTo(samples) : std::vector<const ScoredSample*>()};
        const auto evaluations = lookInside(*decoder, nullptr, set, {}).value().value().evaluations;
        const Evaluation& depth = named(evaluations, "lens-depth");
        QVERIFY(std::isnan(depth.value) && !depth.missing.empty());
        QCOMPARE(depth.count, std::int64_t{0});
    }
}

void TestInside::everyMetricIsDescribed()
{
    QCOMPARE(insideMetrics().size(), std::size_t{2});
    for (const InsideMetric& metric : insideMetrics())
        QVERIFY(!metric.title.empty() && !metric.source.empty() && !metric.reading.empty() &&
                !metric.range.empty() && !metric.needs.empty());
}

void TestInside::theReportCoversBothSets()
{
    InsideRequest request = smallRequest();
    request.retain = {runData("retain.json")};
    const InsideReport report = inspectInside(request, kGoOn).value().value();
    QCOMPARE(report.views.size(), std::size_t{2});
    QCOMPARE(shown(report.views[0].set), u"forget"_s);
    QCOMPARE(shown(report.views[1].set), u"retain"_s);
    for (const InsideView& view : report.views) {
        QCOMPARE(view.lens.size(), std::size_t{5});
        QVERIFY(!view.similarity);
        QCOMPARE(named(view.evaluations, "lens-depth").count, std::int64_t{6});
        QVERIFY(view.lens.back().logProb < 0 && view.lens.back().known <= 1);
    }
    // These files have no false answers.
    for (const ProbeReport& probe : report.probes)
        QVERIFY(!probe.probe && shown(probe.missing).contains(u"perturbed_answer"_s));
    QCOMPARE(report.evaluations().size(), std::size_t{4});
}

void TestInside::falseAnswersGetALinearProbe()
{
    const TemporaryFolder folder;
    InsideRequest request = smallRequest();
    request.forget = {withFalseAnswers(folder, 30)};
    request.maxSamples = 30;
    const InsideReport report = inspectInside(request, kGoOn).value().value();
    const LinearProbe& probe = report.probes[0].probe.value();
    QCOMPARE(probe.layers.size(), std::size_t{5});
    QCOMPARE(probe.heldOut, std::int64_t{18});
    QCOMPARE(probe.trained, std::int64_t{42});
    // Two answers, each always the same words: any state tells them apart.
    for (const ProbedLayer& layer : probe.layers)
        QCOMPARE(layer.accuracy, 1.0);
    const std::vector<Evaluation> evaluations = report.evaluations();
    QCOMPARE(evaluations.size(), std::size_t{7});
    QCOMPARE(shown(evaluations.back().metric), u"linear-probe"_s);
    QCOMPARE(shown(evaluations.back().variant), u"block-4"_s);
    QCOMPARE(evaluations.back().count, std::int64_t{18});
    QVERIFY(evaluations.back().interval);
}

void TestInside::aModelIsItsOwnOriginal()
{
    InsideRequest request = smallRequest();
    request.original = request.model;
    const InsideReport report = inspectInside(request, kGoOn).value().value();
    for (const LayerSimilarity& layer : report.views[0].similarity.value().layers) {
        QVERIFY(std::abs(layer.cosine - 1) < 1e-9);
        QVERIFY(std::abs(layer.normRatio - 1) < 1e-9);
        QVERIFY(std::abs(layer.cka - 1) < 1e-9);
    }
    QVERIFY(std::abs(named(report.views[0].evaluations, "activation-cosine").value - 1) < 1e-9);
}

void TestInside::anOriginalOfAnotherShapeIsRefused()
{
    InsideRequest request = smallRequest();
    request.original =
        (std::filesystem::path(TEST_DATA_DIR) / "golden/hf-parity/llama-gqa-tied").string();
    const auto result = inspectInside(request, kGoOn);
    QVERIFY(!result);
    QVERIFY2(shown(result.error().text()).contains(u"of the same shape"_s),
             result.error().text().c_str());
}

void TestInside::whatCannotBeReadIsRefused_data()
{
    QTest::addColumn<QString>("key");
    QTest::newRow("model") << u"model"_s;
    QTest::newRow("original") << u"original"_s;
    QTest::newRow("forget") << u"forget"_s;
}

void TestInside::whatCannotBeReadIsRefused()
{
    QFETCH(QString, key);
    InsideRequest request = smallRequest();
    if (key == u"model"_s)
        request.model = "/nowhere";
    if (key == u"original"_s)
        request.original = "/nowhere";
    if (key == u"forget"_s)
        request.forget = {"/nowhere"};
    const auto result = inspectInside(request, kGoOn);
    QVERIFY(!result);
    QVERIFY2(shown(result.error().text()).contains(u"/nowhere"_s), result.error().text().c_str());
}

void TestInside::progressRisesAndCancelEnds()
{
    const TemporaryFolder folder;
    InsideRequest request = smallRequest();
    request.forget = {withFalseAnswers(folder, 12)};
    request.maxSamples = 12;
    request.original = request.model;
    std::vector<double> shares;
    QVERIFY(inspectInside(request, [&](double share) {
                shares.push_back(share);
                return true;
            }).value());
    QVERIFY(std::ranges::is_sorted(shares));
    QVERIFY(std::abs(shares.back() - 1) < 1e-12);
    // Wherever it is asked: while either model loads, in every pass, and while probes are fitted.
    for (std::size_t last = 0; last < shares.size(); ++last) {
        std::size_t asked = 0;
        const auto result = inspectInside(request, [&](double) { return asked++ < last; });
        QVERIFY(result && !*result);
        QCOMPARE(asked, last + 1);
    }
}

LACUNA_TEST_MAIN(TestInside)
#include "tst_inside.moc"
